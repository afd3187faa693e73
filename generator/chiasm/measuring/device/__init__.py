"""What a generated package has and does, on the meta device: the only modules of the compiler that import torch.

Run as a process of its own, `python -m chiasm.measuring.device`, and only when something is measured. Nothing is
computed and no memory is taken: tensors on the meta device have shapes alone.
"""
