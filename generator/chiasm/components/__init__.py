"""Real Python that is also a Jinja template: what generated packages are made of."""
