"""The suite for a GPU: `python -m benchmarks.gpu`, one call under ten minutes."""
