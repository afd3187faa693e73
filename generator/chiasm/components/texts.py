"""Text to ids and back with the tokenizer.json of a checkpoint: what a user types never becomes a special token.

Shapes: B rows, T tokens of the longest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from .storage import needed, read_json


class Piece(NamedTuple):
    """A part of a text; special tokens are recognised only where it is trusted."""

    text: str
    trusted: bool


class Texts:
    """A tokenizer: `tokenizers` reads the file, this says what a row is."""

    def __init__(self, folder: Path, *, pad_token: int | None, add_special_tokens: bool = True) -> None:
        """Reads tokenizer.json; the padding token is the one named beside it, else `pad_token`, else 0."""
        file = folder / "tokenizer.json"
        if not file.is_file():
            raise ValueError(f"{folder} has no tokenizer.json: save its tokenizer once with transformers")
        tokenizers = needed("tokenizers", "to read text")
        try:
            self.tokenizer = tokenizers.Tokenizer.from_file(str(file))
        except Exception as error:  # tokenizers raises bare Exception for a bad file
            raise ValueError(f"{file} is no tokenizer: {error}") from error
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        self.add_special_tokens = add_special_tokens
        named = _named_pad(folder)
        found = None if named is None else self.tokenizer.token_to_id(named)
        self.pad_token: int = next(token for token in (found, pad_token, 0) if token is not None)
        added = {token.content for token in self.tokenizer.get_added_tokens_decoder().values()}
        longest_first = sorted((text for text in added if len(text) > 1), key=len, reverse=True)
        self._special = re.compile(f"(?=({'|'.join(map(re.escape, longest_first)) or '(?!)'}))", re.IGNORECASE)

    def ids(self, pieces: Sequence[Piece]) -> list[int]:
        """The ids of one row, with the tokens that begin and end a text where the page says so."""
        text, cuts = "", []
        for piece in pieces:
            if not piece.trusted:
                # Cut inside what looks like a special token, so that no part of it does.
                cuts += sorted({len(text) + match.start() + 1 for match in self._special.finditer(piece.text)})
            text += piece.text
        if not cuts:
            return list(self.tokenizer.encode(text, add_special_tokens=self.add_special_tokens).ids)
        parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        encodings = [self.tokenizer.encode(part, add_special_tokens=False) for part in parts]
        merged = type(encodings[0]).merge(encodings)
        return list(self.tokenizer.post_process(merged, add_special_tokens=self.add_special_tokens).ids)

    def batch(self, rows: Sequence[Sequence[int]], *, left: bool, pad_to: int = 0) -> dict[str, Tensor]:
        """Rows of ids as `input_ids` and `attention_mask` (B,T), padded on one side."""
        length = max(pad_to, *map(len, rows)) if rows else pad_to
        ids = torch.full((len(rows), length), self.pad_token, dtype=torch.int64)
        mask = torch.zeros_like(ids)
        for index, row in enumerate(rows):
            where = slice(length - len(row), length) if left else slice(0, len(row))
            ids[index, where] = torch.tensor(row, dtype=torch.int64)
            mask[index, where] = 1
        return {"input_ids": ids, "attention_mask": mask}

    def decode(self, ids: Any, *, skip_special_tokens: bool = True) -> Any:
        """Ids of one row to its text, of several to a list of texts."""
        listed = ids.tolist() if isinstance(ids, Tensor) else list(ids)
        if listed and isinstance(listed[0], list):
            return [self.decode(row, skip_special_tokens=skip_special_tokens) for row in listed]
        return self.tokenizer.decode([int(token) for token in listed], skip_special_tokens=skip_special_tokens)


def _named_pad(folder: Path) -> str | None:
    """The padding token that tokenizer_config.json or special_tokens_map.json names."""
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        token = read_json(folder / name).get("pad_token") if (folder / name).is_file() else None
        token = token.get("content") if isinstance(token, dict) else token
        if isinstance(token, str):
            return token
    return None
