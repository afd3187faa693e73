"""The parts of a page: blocks, table rows and inlines, each with its exact place."""
