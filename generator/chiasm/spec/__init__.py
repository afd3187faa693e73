"""The typed slots: what each kind of encoder, alignment, fusion, budget and language model is described by."""
