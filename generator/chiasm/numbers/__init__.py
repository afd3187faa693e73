"""Numbers as people write them, and the language of formulas."""
