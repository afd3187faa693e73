"""CLIP.

Two towers, one for images and one for texts, are trained so that the embedding of a picture points the same way as
the embedding of its caption. No token of one tower ever meets a token of the other: the towers touch only in a
cosine. CLIP answers no questions, but its vision tower became the eyes of many other systems: LLaVA, LLaVA-NeXT,
LLaVA-UHD and OpenFlamingo all read it.
"""

from .config import PRESETS, Config
from .model import Model
from .processor import Processor

__all__ = ["PRESETS", "Config", "Model", "Processor"]
