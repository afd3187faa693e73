"""chiasm compiles survey Markdown about vision-language models into PyTorch models, a site, and verdicts."""

__version__ = "0.1.0"
