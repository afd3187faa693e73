"""The steps of write: staging and the manifest."""
