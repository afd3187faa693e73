"""Measures generated packages against transformers on the same weights: `python -m benchmarks --quick`."""
