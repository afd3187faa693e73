"""Plain prose: sentences by people who know nothing of this grammar."""
