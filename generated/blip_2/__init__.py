"""BLIP-2.

Thirty-two learned queries let a frozen language model read a frozen vision encoder: a small transformer, the
Q-Former, is trained in two stages to pull out of an image what a text can use, and hands it over as a short prefix
of soft tokens. Everything large stays as it was; stage 2 trains 107M parameters, or 2.9% of the smallest model here.
The notes behind this knowledge base read the paper together with an introduction.
"""

from .config import PRESETS, Config
from .model import FirstStage, Model
from .processor import Processor

__all__ = ["PRESETS", "Config", "FirstStage", "Model", "Processor"]
