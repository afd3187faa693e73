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
        for index, row in enumerate(rows):
            if len(row) > self.context:
                raise ValueError(f"row {index} has {len(row)} tokens, and the model has {self.context} positions")
        pad_to = 0 if self.generative else getattr(self.config.prompt, "pad_to", 0)
        return {**self.texts.batch(rows, left=self.generative, pad_to=pad_to), **made}

    def decode(self, ids: Any, *, skip_special_tokens: bool = True) -> Any:
        """Ids of one row to its text, of several to a list of texts."""
        return self.texts.decode(ids, skip_special_tokens=skip_special_tokens)
