"""The steps of resolve: what a slot inherits, how a variant is filled."""
