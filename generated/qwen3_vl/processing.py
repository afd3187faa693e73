"""Images and text to the tensors that the model takes; ids back to text.

A text for a language model holds one placeholder an image, which is repeated once a visual token.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from torch import Tensor

from . import storage
from .image_files import image_settings
from .texts import Piece, Texts


class Processing:
    """What a package's Processor is made of; `images_of` and `image_tokens_of` are the package's own."""

    config_class: ClassVar[Any]

    def __init__(self, config: Any, images: Any, texts: Texts) -> None:
        self.config = config
        self.images = images
        self.texts = texts
        language_model = getattr(config, "language_model", None)
        self.context: int = (language_model or config.text_encoder).context
        self.generative = language_model is not None
        self.placeholder: str = getattr(config.prompt, "placeholder", "")
        # Tables of a page write a line break as two characters.
        self.template: str = getattr(config.prompt, "template", "{prompt}").replace("\\n", "\n")
        self.prefix: bool = getattr(config.prompt, "images_first", False)
        if self.generative and not self.prefix:
            self._check_placeholder()

    @classmethod
    def from_pretrained(cls, path: str | Path) -> Self:
        """The processor of a checkpoint directory (or Hub id): its preprocessor_config.json overrides the page."""
        folder = storage.folder_of(path)
        config = cls.config_class.from_reference(storage.read_json(folder / "config.json"))
        images = cls.images_of(config).configured(image_settings(folder))
        pad = getattr(getattr(config, "language_model", None), "pad_token", None)
        special = getattr(config.prompt, "add_special_tokens", True)
        return cls(config, images, Texts.from_folder(folder, pad_token=pad, add_special_tokens=special))

    @classmethod
    def images_of(cls, config: Any) -> Any:
        """The preprocessing of images that a configuration asks for."""
        raise NotImplementedError

    @classmethod
    def image_tokens_of(cls, config: Any) -> int:
        """Visual tokens of one image, where that does not follow from its size."""
        raise NotImplementedError

    @property
    def image(self) -> str:
        """The text that stands for one image."""
        return getattr(self.config.prompt, "image", "").replace("\\n", "\n")

    def __call__(
        self, images: Any = None, text: str | Sequence[str] | None = None, *, prompt: str | Sequence[str] | None = None
    ) -> dict[str, Tensor]:
        """Tensors for the model.

        Args:
            images: paths, bytes or Pillow images: one, a list, or a list a row.
            text: whole texts, with a placeholder an image where the model reads images in the text.
            prompt: what users typed: put into the page's template; nothing in it is taken for a special token.

        Raises ValueError for a number of placeholders that is not the row's number of images, naming row and numbers.
        """
        if text is not None and prompt is not None:
            raise ValueError(
                "give `text`, which is used as it is, or `prompt`, which is put into the template: not both"
            )
        words = text if prompt is None else prompt
        flat = _flat(images)
        made: dict[str, Tensor] = self.images(flat) if flat else {}
        if words is None:
            if not flat:
                raise ValueError("give images, text or both")
            return made
        words = [words] if isinstance(words, str) else list(words)
        if not self.generative:
            rows = [self.texts.ids([Piece(row, trusted=prompt is None)]) for row in words]
            self._check_context(rows)
            return {**self.texts.batch(rows, left=False, pad_to=getattr(self.config.prompt, "pad_to", 0)), **made}
        holes = None if prompt is not None or self.prefix else [row.count(self.placeholder) for row in words]
        counts = _a_row(images, len(words), holes)
        if holes is not None:
            _check_holes(holes, counts)
        tokens = self._tokens(made, len(flat))
        ends = [sum(counts[: row + 1]) for row in range(len(counts))]
        rows = [
            self._row(row, count, tokens[end - count : end], whole=prompt is None)
            for row, count, end in zip(words, counts, ends, strict=True)
        ]
        self._check_context(rows)
        return {**self.texts.batch(rows, left=True), **made}

    def decode(self, ids: Any, *, skip_special_tokens: bool = True) -> Any:
        """Ids of one row to its text, of several to a list of texts."""
        return self.texts.decode(ids, skip_special_tokens=skip_special_tokens)

    def _row(self, words: str, images: int, tokens: Sequence[int], *, whole: bool) -> list[int]:
        """Ids of one row, every image's placeholder repeated as often as it has tokens."""
        image_token: int = self.config.fusion.image_token
        if self.prefix:
            pieces = [Piece(words, trusted=True)] if whole else self._filled(words, 0)
            # Before everything, the begin token included.
            return [image_token] * sum(tokens) + self.texts.ids(pieces)
        pieces = [Piece(words, trusted=True)] if whole else self._filled(words, images)
        ids, left = [], list(tokens)
        for token in self.texts.ids(pieces):
            ids += [token] * left.pop(0) if token == image_token else [token]
        return ids

    def _filled(self, prompt: str, images: int) -> list[Piece]:
        """The template with its images and what the user typed."""
        # With several images (or none) the line break behind an image belongs to each (or to nothing).
        slot = "{image}\n" if "{image}\n" in self.template else "{image}"
        before, _, after = self.template.replace(slot, slot.replace("{image}", self.image) * images).partition(
            "{prompt}"
        )
        return [Piece(before, trusted=True), Piece(prompt, trusted=False), Piece(after, trusted=True)]

    def _tokens(self, made: dict[str, Tensor], images: int) -> list[int]:
        """Visual tokens of each image."""
        grid = made.get("image_grid_thw")
        if grid is None:
            return [self.image_tokens_of(self.config)] * images if images else []
        counts: list[int] = (grid.prod(1) // self.images.merge_size**2).tolist()
        return counts

    def _check_placeholder(self) -> None:
        known, wanted = self.texts.tokenizer.token_to_id(self.placeholder), self.config.fusion.image_token
        if known != wanted:
            says = "no such token" if known is None else f"token {known}"
            raise ValueError(
                f"config.json says token {wanted} stands for an image, tokenizer.json has {says}: {self.placeholder}"
            )

    def _check_context(self, rows: Sequence[Sequence[int]]) -> None:
        for index, row in enumerate(rows):
            if len(row) > self.context:
                raise ValueError(f"row {index} has {len(row)} tokens, and the model has {self.context} positions")


def _flat(images: Any) -> list[Any]:
    if images is None:
        return []
    if not isinstance(images, list | tuple):
        return [images]
    return [image for row in images for image in (row if isinstance(row, list | tuple) else [row])]


def _a_row(images: Any, rows: int, holes: Sequence[int] | None) -> list[int]:
    """How many images each row has: as nested, else as the placeholders say, else one a row or all in the only row."""
    if images is None:
        return [0] * rows
    listed = images if isinstance(images, list | tuple) else [images]
    if any(isinstance(row, list | tuple) for row in listed):
        if len(listed) != rows:
            raise ValueError(f"images are given for {len(listed)} rows, and there are {rows} texts")
        return [len(row) if isinstance(row, list | tuple) else 1 for row in listed]
    if holes is not None:
        counts, left = [], len(listed)
        for index, wanted in enumerate(holes):
            counts.append(min(wanted, left) if index < rows - 1 else left)
            left -= counts[-1]
        return counts
    if rows == 1:
        return [len(listed)]
    if rows != len(listed):
        raise ValueError(f"{len(listed)} images for {rows} texts: give a list of images a row")
    return [1] * rows


def _check_holes(holes: Sequence[int], counts: Sequence[int]) -> None:
    for index, (wanted, given) in enumerate(zip(holes, counts, strict=True)):
        if wanted != given:
            raise ValueError(f"row {index} has {wanted} image placeholders and {given} images")
