"""Plants realistic errors in the shipped documents, one at a time, and counts what the compiler says about each."""
