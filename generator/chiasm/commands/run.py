"""`chiasm run`: a generated package, a checkpoint, images and a prompt in; the answer, streamed, out."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chiasm import console
from chiasm.commands import project
from chiasm.exits import CLEAN, FINDINGS, USAGE, Stop

DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: `sampling` is empty for the likeliest answer, else temperature, top_p and seed."""

    prompt: str
    images: tuple[Path, ...]
    max_new_tokens: int
    sampling: Mapping[str, Any] = field(default_factory=dict)


def run(model: str, checkpoint: str, question: Question, *, device: str, dtype: str) -> int:
    """Stream the answer to the terminal; what is wrong with a file or a prompt is said in one line."""
    if dtype and dtype not in DTYPES:
        raise Stop(f"unknown dtype {dtype!r}", USAGE, hint=f"one of: {', '.join(DTYPES)}")
    for image in question.images:
        if not image.is_file():
            raise Stop(f"no such image: {image}", USAGE)
    try:
        package = _package(model)
        torch = importlib.import_module("torch")
        if not hasattr(package.Model, "stream"):
            raise Stop(
                f"{model} compares images with texts and answers no questions",
                USAGE,
                hint=f"call it from Python: generated/{package.__name__.rpartition('.')[2]}/README.md",
            )
        for piece in _answer(package, torch, checkpoint, question, device=device, dtype=dtype):
            console.stream(piece)
        console.say()
    except ModuleNotFoundError as error:
        raise Stop(f"{error.name} is not installed", USAGE, hint="pip install 'chiasm[run]'") from error
    except (ValueError, FileNotFoundError, IsADirectoryError, ImportError) as error:
        raise Stop(str(error), FINDINGS) from error
    return CLEAN


def _package(model: str) -> Any:
    """The generated package of that name or page."""
    root = project.root()
    name = model.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not (root / "generated" / name / "__init__.py").is_file():
        known = sorted(path.parent.name for path in (root / "generated").glob("*/__init__.py"))
        raise Stop(f"there is no generated package {name!r}", USAGE, hint=f"one of: {', '.join(known)}")
    sys.path.insert(0, str(root))
    return importlib.import_module(f"generated.{name}")


def _answer(package: Any, torch: Any, checkpoint: str, question: Question, *, device: str, dtype: str) -> Iterator[str]:
    where = device or ("cuda" if torch.cuda.is_available() else "cpu")
    processor = package.Processor.from_pretrained(checkpoint)
    inputs = processor(images=[str(image) for image in question.images] or None, prompt=question.prompt)
    model = package.Model.from_pretrained(checkpoint, device=where, dtype=getattr(torch, dtype) if dtype else None)
    options: dict[str, Any] = {"max_new_tokens": question.max_new_tokens}
    if question.sampling:
        generator = torch.Generator(where).manual_seed(question.sampling["seed"])
        options |= {
            "do_sample": True,
            "temperature": question.sampling["temperature"],
            "top_p": question.sampling["top_p"],
            "generator": generator,
        }
    given = {name: tensor.to(where) for name, tensor in inputs.items()}
    yield from _text((int(step[0]) for step in model.stream(**given, **options)), processor)


def _text(steps: Iterable[int], processor: Any) -> Iterator[str]:
    """What each id adds to the text; a character that takes several ids appears once it is whole."""
    ids: list[int] = []
    shown = ""
    for step in steps:
        ids.append(step)
        text = processor.decode(ids)
        if not text.endswith("\ufffd") and text.startswith(shown):
            yield text[len(shown) :]
            shown = text
    text = processor.decode(ids) if ids else ""
    if text.startswith(shown):
        yield text[len(shown) :]
