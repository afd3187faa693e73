"""Continues prompts: ids and images in, ids out, one token a row and step.

Shapes: B rows, T tokens of the prompt, V vocabulary. The prompt runs once, without its padding; then every step runs
one token a row on tensors that keep their place and shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import torch
from torch import Tensor

from . import inputs
from .cache import Cache

CONFIGURED = -1
"""Stands for the token that generation_config.json names, else the configuration."""

Tokens = int | Sequence[int] | None


class Sampling(NamedTuple):
    """How a token is chosen: the likeliest, or at random among those that are left."""

    do_sample: bool
    temperature: float
    top_k: int | None
    top_p: float | None
    generator: torch.Generator | None

    def choose(self, logits_BV: Tensor) -> Tensor:
        """One id a row: (B)."""
        if not self.do_sample:
            return logits_BV.argmax(-1)
        logits_BV = logits_BV.float() / self.temperature
        if self.top_k is not None:
            least_B1 = logits_BV.topk(min(self.top_k, logits_BV.shape[-1])).values[:, -1:]
            logits_BV = logits_BV.masked_fill(logits_BV < least_B1, -torch.inf)
        if self.top_p is not None:
            logits_BV = _nucleus(logits_BV, self.top_p)
        return logits_BV.softmax(-1).multinomial(1, generator=self.generator).squeeze(-1)


class Generation:
    """What a model with a `language_model` and `hidden` can do besides `forward`."""

    config: Any
    language_model: Any
    hidden: Any
    generation_config: Mapping[str, Any]

    def generate(self, input_ids: Tensor, attention_mask: Tensor | None = None, **options: Any) -> Tensor:
        """Prompts with their continuations, (B, T + steps): `stream`, collected."""
        steps = list(self.stream(input_ids, attention_mask, **options))
        return torch.cat((input_ids, torch.stack(steps, -1)), -1) if steps else input_ids

    def stream(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        *,
        max_new_tokens: int = 128,
        do_sample: bool = False,
        temperature: float | None = None,
        top_k: int | None = None,
        top_p: float | None = None,
        generator: torch.Generator | None = None,
        eos_token_id: Tokens = CONFIGURED,
        pad_token_id: int | None = CONFIGURED,
        **images: Tensor | None,
    ) -> Iterator[Tensor]:
        """Ids (B), one a row, step by step, until every row has ended or there are `max_new_tokens`.

        Args:
            input_ids: (B, T).
            attention_mask: (B, T), 1 at real tokens, padding on either side; read once.
            max_new_tokens: the most steps.
            do_sample: choose at random rather than the likeliest; the next four say how.
            temperature: divides the logits.
            top_k: only the k likeliest tokens.
            top_p: only the likeliest tokens that together reach this probability.
            generator: the source of randomness.
            eos_token_id: ids that end a row; None: no row ends early.
            pad_token_id: what ended rows are given; None: the first id that ends a row.
            images: what `forward` takes for images.

        Raises:
            ValueError: prompt and steps exceed the context, or an option is out of its range; both with the numbers.
        """
        ends, pad = self._ends(eos_token_id, pad_token_id)
        sampling = self._sampling(do_sample, temperature, top_k, top_p, generator)
        mask = None if attention_mask is None else attention_mask.cpu()
        longest = input_ids.shape[1] if mask is None else int(mask.sum(-1).max())
        # The last token is returned, never read.
        places, context = longest + max_new_tokens - 1, self.language_model.max_context
        if places > context:
            raise ValueError(
                f"a prompt of {longest} tokens and {max_new_tokens} new ones exceed the context of {context} tokens"
            )
        pixels = images.get("pixel_values")
        if pixels is not None:
            inputs.check_images(pixels, values=True)
        cache = Cache(self.language_model.layers, rows=len(input_ids), places=max(places, longest))
        steps = self._steps(input_ids, mask, images, cache, sampling)
        return _until_ended(islice(steps, max_new_tokens), ends, pad)

    @torch.no_grad()
    def _steps(
        self, input_ids: Tensor, mask: Tensor | None, images: dict[str, Tensor | None], cache: Cache, sampling: Sampling
    ) -> Iterator[Tensor]:
        """Ids (B), one a row, without end."""
        hidden_BTD = self.hidden(input_ids, mask, **images, cache=cache)
        last_B = torch.full((len(input_ids),), input_ids.shape[1] - 1) if mask is None else _last(mask)
        rows_B = torch.arange(len(input_ids), device=hidden_BTD.device)
        logits_BV = self.language_model.logits(hidden_BTD[rows_B, last_B.to(hidden_BTD.device)])
        while True:
            ids_B = sampling.choose(logits_BV)
            yield ids_B
            logits_BV = self.decode(ids_B, cache)

    def decode(self, ids_B: Tensor, cache: Cache) -> Tensor:
        """Logits (B,V) after one more token in every row. Static shapes, in place: it can be a CUDA graph."""
        model, positions_1B1 = self.language_model, cache.positions_B[None, :, None]
        context = model.context(positions_1B1, mask=cache.visible(), slots=cache.step())
        x_B1D = model(model.begin(model.embed(ids_B[:, None]), positions_1B1), context)
        cache.advance()
        logits_BV: Tensor = model.logits(x_B1D[:, 0])
        return logits_BV

    def _ends(self, eos: Tokens, pad: int | None) -> tuple[list[int], int]:
        """The ids that end a row, and the id that ended rows are given."""
        text, chosen = self.config.language_model, getattr(self, "generation_config", {})
        if eos == CONFIGURED:
            eos = chosen.get("eos_token_id", getattr(text, "eos_token", None))
        if pad == CONFIGURED:
            pad = chosen.get("pad_token_id", getattr(text, "pad_token", None))
        ends = [] if eos is None else [eos] if isinstance(eos, int) else list(eos)
        return ends, pad if pad is not None else ends[0] if ends else 0

    def _sampling(
        self, do_sample: bool, temperature: float | None, top_k: int | None, top_p: float | None,
        generator: torch.Generator | None,
    ) -> Sampling:  # fmt: skip
        chosen = getattr(self, "generation_config", {})
        temperature = chosen.get("temperature") if temperature is None else temperature
        temperature = 1.0 if temperature is None else temperature
        top_k = chosen.get("top_k") if top_k is None else top_k
        top_p = chosen.get("top_p") if top_p is None else top_p
        if do_sample and temperature <= 0:
            raise ValueError(f"temperature is {temperature}, expected more than 0 (or do_sample=False)")
        if top_k is not None and top_k < 1:
            raise ValueError(f"top_k is {top_k}, expected at least 1")
        if top_p is not None and not 0 < top_p <= 1:
            raise ValueError(f"top_p is {top_p}, expected more than 0 and at most 1")
        return Sampling(do_sample, temperature, top_k, top_p, generator)


def _until_ended(steps: Iterator[Tensor], ends: list[int], pad: int) -> Iterator[Tensor]:
    """The steps with `pad` in rows that have ended, until all have."""
    ended_B: Tensor | None = None
    for ids_B in steps:
        if not ends:
            yield ids_B
            continue
        ended_B = torch.zeros_like(ids_B, dtype=torch.bool) if ended_B is None else ended_B
        padded_B = ids_B.masked_fill(ended_B, pad)
        yield padded_B
        ended_B = ended_B | torch.isin(padded_B, torch.tensor(ends, device=ids_B.device))
        if bool(ended_B.all()):
            return


def _last(mask_BT: Tensor) -> Tensor:
    """Place of each row's last real token: (B)."""
    return mask_BT.shape[1] - 1 - mask_BT.bool().flip(-1).int().argmax(-1)


def _nucleus(logits_BV: Tensor, top_p: float) -> Tensor:
    """Keeps the likeliest tokens that together reach `top_p`, one at least."""
    ordered_BV, order_BV = logits_BV.sort(-1)
    drop_BV = ordered_BV.softmax(-1).cumsum(-1) <= 1 - top_p
    drop_BV[:, -1] = False
    return logits_BV.masked_fill(drop_BV.scatter(-1, order_BV, drop_BV), -torch.inf)
