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
        self.config, self.images, self.texts = config, images, texts
        language_model = getattr(config, "language_model", None)
        self.context: int = (language_model or config.text_encoder).context
        self.generative = language_model is not None
        self.placeholder: str = getattr(config.prompt, "placeholder", "")
        # Tables of a page write a line break as two characters.
        self.image: str = getattr(config.prompt, "image", "").replace("\\n", "\n")
        self.template: str = getattr(config.prompt, "template", "{prompt}").replace("\\n", "\n")
        self.prefix: bool = getattr(config.prompt, "images_first", False)
        if self.generative and not self.prefix:
            known, wanted = texts.tokenizer.token_to_id(self.placeholder), config.fusion.image_token
            if known != wanted:
                says = f"{'no such token' if known is None else f'token {known}'}: {self.placeholder}"
                raise ValueError(f"config.json says token {wanted} stands for an image, tokenizer.json has {says}")

    @classmethod
    def from_pretrained(cls, path: str | Path) -> Self:
        """The processor of a checkpoint directory (or Hub id): its preprocessor_config.json overrides the page."""
        folder = storage.folder_of(path)
        config = cls.config_class.from_reference(storage.read_json(folder / "config.json"))
        images = cls.images_of(config).configured(image_settings(folder))
        pad = getattr(getattr(config, "language_model", None), "pad_token", None)
        special = getattr(config.prompt, "add_special_tokens", True)
        return cls(config, images, Texts(folder, pad_token=pad, add_special_tokens=special))

    @classmethod
    def images_of(cls, config: Any) -> Any:
        """The preprocessing of images that a configuration asks for."""
        raise NotImplementedError

    @classmethod
    def image_tokens_of(cls, config: Any) -> int:
        """Visual tokens of one image, where that does not follow from its size."""
        raise NotImplementedError

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
            raise ValueError("give `text`, used as it is, or `prompt`, put into the template: not both")
        given = text if prompt is None else prompt
        listed = [] if images is None else list(images) if isinstance(images, list | tuple) else [images]
        flat = [image for row in listed for image in (row if isinstance(row, list | tuple) else [row])]
        made: dict[str, Tensor] = self.images(flat) if flat else {}
        if given is None:
            if not flat:
                raise ValueError("give images, text or both")
            return made
        words, whole = [given] if isinstance(given, str) else list(given), prompt is None
        rows = [] if self.generative else [self.texts.ids([Piece(row, trusted=whole)]) for row in words]
        if self.generative:
            holes = [row.count(self.placeholder) for row in words] if whole and not self.prefix else None
            tokens = iter(self._tokens(made, len(flat)))
            counts = _a_row(listed, len(words), holes)
            sizes = [[next(tokens) for _ in range(count)] for count in counts]
            rows = [self._row(row, size, whole=whole) for row, size in zip(words, sizes, strict=True)]
        for index, row in enumerate(rows):
            if len(row) > self.context:
                raise ValueError(f"row {index} has {len(row)} tokens, and the model has {self.context} positions")
        pad_to = 0 if self.generative else getattr(self.config.prompt, "pad_to", 0)
        return {**self.texts.batch(rows, left=self.generative, pad_to=pad_to), **made}

    def decode(self, ids: Any, *, skip_special_tokens: bool = True) -> Any:
        """Ids of one row to its text, of several to a list of texts."""
        return self.texts.decode(ids, skip_special_tokens=skip_special_tokens)

    def _row(self, words: str, tokens: list[int], *, whole: bool) -> list[int]:
        """Ids of one row, every image's placeholder repeated as often as it has tokens."""
        image_token: int = self.config.fusion.image_token
        pieces = [Piece(words, trusted=True)] if whole else self._filled(words, 0 if self.prefix else len(tokens))
        if self.prefix:
            # Before everything, the begin token included.
            return [image_token] * sum(tokens) + self.texts.ids(pieces)
        ids, left = [], iter(tokens)
        for token in self.texts.ids(pieces):
            ids += [token] * next(left) if token == image_token else [token]
        return ids

    def _filled(self, prompt: str, images: int) -> list[Piece]:
        """The template with its images and what the user typed."""
        # With several images (or none) the line break behind an image belongs to each (or to nothing).
        slot = "{image}\n" if "{image}\n" in self.template else "{image}"
        whole = self.template.replace(slot, slot.replace("{image}", self.image) * images)
        before, _, after = whole.partition("{prompt}")
        return [Piece(before, trusted=True), Piece(prompt, trusted=False), Piece(after, trusted=True)]

    def _tokens(self, made: dict[str, Tensor], images: int) -> list[int]:
        """Visual tokens of each image."""
        if (grid := made.get("image_grid_thw")) is None:
            return [self.image_tokens_of(self.config)] * images if images else []
        counts: list[int] = (grid.prod(1) // self.images.merge_size**2).tolist()
        return counts


def _a_row(images: list[Any], rows: int, holes: list[int] | None) -> list[int]:
    """How many images each row has: as nested, else as the placeholders say, else one a row or all in the only row."""
    nested = any(isinstance(row, list | tuple) for row in images)
    if nested and len(images) != rows:
        raise ValueError(f"images are given for {len(images)} rows, and there are {rows} texts")
    if nested:
        counts = [len(row) if isinstance(row, list | tuple) else 1 for row in images]
    elif holes is not None:
        counts, left = [], len(images)
        for wanted in holes[:-1]:
            counts.append(min(wanted, left))
            left -= counts[-1]
        counts.append(left)
    elif rows == 1 or not images:
        counts = [len(images)] * rows
    elif rows == len(images):
        counts = [1] * rows
    else:
        raise ValueError(f"{len(images)} images for {rows} texts: give a list of images a row")
    for index, (wanted, given) in enumerate(zip(holes or counts, counts, strict=True)):
        if wanted != given:
            raise ValueError(f"row {index} has {wanted} image placeholders and {given} images")
    return counts
