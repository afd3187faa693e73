"""What edits of a base do to its models and its verdicts: two states of its documents in, what follows out."""
