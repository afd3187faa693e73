"""Continues prompts: ids and images in, ids out, one token a row and step.

Shapes: B rows, T tokens of the prompt, V vocabulary. The prompt runs once, without its padding; then every step runs
one token a row on tensors that keep their place and shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor

from . import inputs
from .cache import Cache
from .graphs import Decoder
from .products import prepack

CONFIGURED = -1
"""Stands for the token that generation_config.json names; where there is no such file, the configuration."""

REACH = 64
"""Steps after which attention is shown more of the cache."""

Tokens = int | Sequence[int] | None


class Sampling(NamedTuple):
    """How a token is chosen: the likeliest, or at random among those that are left."""

    do_sample: bool
    temperature: float
    top_k: int | None
    top_p: float | None
    generator: torch.Generator | None

    def check(self) -> None:
        """Raises ValueError for an option out of its range."""
        if self.do_sample and not 0 < self.temperature < float("inf"):
            raise ValueError(f"temperature is {self.temperature}, expected more than 0 (or do_sample=False)")
        if self.top_k is not None and self.top_k < 1:
            raise ValueError(f"top_k is {self.top_k}, expected at least 1")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise ValueError(f"top_p is {self.top_p}, expected more than 0 and at most 1")

    def choose(self, logits_BV: Tensor) -> Tensor:
        """One id a row: (B)."""
        if not self.do_sample:
            return logits_BV.argmax(-1)
        logits_BV = logits_BV.float() / self.temperature
        if self.top_k is not None:
            least_B1 = logits_BV.topk(min(self.top_k, logits_BV.shape[-1])).values[:, -1:]
            logits_BV = logits_BV.masked_fill(logits_BV < least_B1, -torch.inf)
        if self.top_p is not None:
            # The likeliest tokens that together reach it, one at least.
            ordered_BV, order_BV = logits_BV.sort(-1)
            drop_BV = ordered_BV.softmax(-1).cumsum(-1) <= 1 - self.top_p
            drop_BV[:, -1] = False
            logits_BV = logits_BV.masked_fill(drop_BV.scatter(-1, order_BV, drop_BV), -torch.inf)
        return logits_BV.softmax(-1).multinomial(1, generator=self.generator).squeeze(-1)


class Generation:
    """What a model with a `language_model` and `hidden` can do besides `forward`."""

    config: Any
    language_model: Any
    hidden: Any
    generation_config: Mapping[str, Any] | None = None

    def prepack(self, *, rows: int = 1) -> Self:
        """Lays the weights of the language model out for decoding so many rows on this processor: see `products`."""
        prepack(self.language_model, rows=rows)
        return self

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
        graphs: bool = True,
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
            graphs: on CUDA, launch every step as one CUDA graph; cache and graphs are kept for the next prompts.
            images: what `forward` takes for images.

        Raises:
            ValueError: prompt and steps exceed the context, or an option is out of its range; both with the numbers.
        """
        ends, pad = self._ends(eos_token_id, pad_token_id)
        chosen = self.generation_config or {}
        temperature = next(t for t in (temperature, chosen.get("temperature"), 1.0) if t is not None)
        top_k = chosen.get("top_k") if top_k is None else top_k
        top_p = chosen.get("top_p") if top_p is None else top_p
        sampling = Sampling(do_sample, temperature, top_k, top_p, generator)
        sampling.check()
        if not isinstance(max_new_tokens, int) or max_new_tokens < 0:
            raise ValueError(f"max_new_tokens is {max_new_tokens!r}, expected a whole number of at least 0")
        if not input_ids.numel():
            raise ValueError(f"there is nothing to continue: input_ids have the shape {tuple(input_ids.shape)}")
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
        room = {"rows": len(input_ids), "places": max(places, longest)}
        decoder = Decoder.of(self, **room, longest=longest) if graphs and max_new_tokens > 1 else None
        cache = Cache(self.language_model.layers, **room) if decoder is None else decoder.cache
        steps = self._steps(input_ids, mask, images, cache, sampling, decoder)
        return _until_ended(islice(steps, max_new_tokens), ends, pad)

    @torch.no_grad()
    def _steps(
        self,
        input_ids: Tensor,
        mask: Tensor | None,
        images: dict[str, Tensor | None],
        cache: Cache,
        sampling: Sampling,
        decoder: Decoder | None,
    ) -> Iterator[Tensor]:
        """Ids (B), one a row, without end."""
        logits_BV = self.prefill(input_ids, mask, cache, **images)
        reach, reached = 0, cache
        try:
            for taken in count((input_ids.shape[1] if mask is None else int(mask.sum(-1).max())) + 1):
                ids_B = sampling.choose(logits_BV)
                yield ids_B
                if decoder is None and taken > reach:
                    # Attention looks at no place that steps have yet to come to; they come to these next.
                    reach = taken + REACH
                    reached = cache.first(reach)
                logits_BV = self.decode(ids_B, reached) if decoder is None else decoder.step(self, ids_B)
        finally:
            if decoder is not None:
                decoder.release(self)

    def prefill(
        self, input_ids: Tensor, attention_mask: Tensor | None, cache: Cache, **images: Tensor | None
    ) -> Tensor:
        """Logits (B,V) of what follows each prompt (B,T), whose keys and values are then kept in the cache."""
        tokens = input_ids.shape[1]
        last_B = torch.arange(tokens - 1, input_ids.numel(), tokens, device=input_ids.device)
        if attention_mask is not None:
            last_B = last_B - attention_mask.bool().flip(-1).int().argmax(-1).to(last_B.device)
        hidden_BD = self.hidden(input_ids, attention_mask, **images, cache=cache, read=last_B)
        logits_BV: Tensor = self.language_model.logits(hidden_BD)
        return logits_BV

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
        text, chosen = self.config.language_model, self.generation_config
        if chosen is None:
            chosen = {f"{name}_token_id": getattr(text, f"{name}_token", None) for name in ("eos", "pad")}
        eos = chosen.get("eos_token_id") if eos == CONFIGURED else eos
        pad = chosen.get("pad_token_id") if pad == CONFIGURED else pad
        ends = [] if eos is None else [eos] if isinstance(eos, int) else list(eos)
        return ends, pad if pad is not None else ends[0] if ends else 0


def _until_ended(steps: Iterator[Tensor], ends: list[int], pad: int) -> Iterator[Tensor]:
    """The steps with `pad` in rows that have ended, until all have.

    Whether all have is read from a device one step late: the next step is at work by then, and nothing stands still.
    """
    if not ends:
        yield from steps
        return
    ended_B: Tensor | None = None
    over: Callable[[], bool] = bool  # False
    for ids_B in steps:
        if over():
            return
        if ended_B is None:
            ends_E, ended_B = torch.tensor(ends, device=ids_B.device), torch.zeros_like(ids_B, dtype=torch.bool)
        padded_B = ids_B.masked_fill(ended_B, pad)
        ended_B = ended_B | torch.isin(padded_B, ends_E)
        over = _asked(ended_B.all())
        yield padded_B
        if not _late(ids_B.device) and over():
            return


def _late(device: torch.device) -> bool:
    return device.type == "cuda"


def _asked(flag: Tensor) -> Callable[[], bool]:
    """Reads a flag: on CUDA it sets out at once, and only what is returned waits for it, not for later work."""
    if flag.device.type != "cuda":
        return lambda: bool(flag)
    here = torch.empty_like(flag, device="cpu", pin_memory=True).copy_(flag, non_blocking=True)
    done = torch.cuda.Event()
    done.record(torch.cuda.current_stream(flag.device))

    def answer() -> bool:
        done.synchronize()
        return bool(here)

    return answer
