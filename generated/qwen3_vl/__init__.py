"""Qwen3-VL.

Qwen3-VL looks at images at their own resolution and lets several depths of its vision tower speak: every 2×2 patches
become one token of the sequence, and features of three earlier blocks are added at the same places after the
language model's first three layers (DeepStack). Positions have three axes, interleaved over the rotary channels, so
that time, height and width share the whole spectrum. The native context is 262,144 tokens.
"""

from .config import PRESETS, Config
from .model import Model
from .processor import Processor

__all__ = ["PRESETS", "Config", "Model", "Processor"]
