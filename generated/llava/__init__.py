"""LLaVA.

One image becomes a run of tokens that a chat model reads like words: a frozen CLIP tower sees, one small projection
translates its patches into the language model's width, and plain causal attention does the rest. LLaVA 1.0
translates with a single matrix at 224 pixels, LLaVA 1.5 with a two-layer MLP at 336; nothing else about the
architecture changed between them.
"""

from .config import PRESETS, Config
from .model import Model
from .processor import Processor

__all__ = ["PRESETS", "Config", "Model", "Processor"]
