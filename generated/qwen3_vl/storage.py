"""A checkpoint directory on disk: which tensor lies in which safetensors file, and writing one; never a pickle."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from torch import Tensor

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
SHARD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.safetensors")
WRITTEN = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json")
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
CARRIED = (
    "added_tokens.json chat_template.jinja chat_template.json merges.txt preprocessor_config.json "
    "processor_config.json special_tokens_map.json tokenizer.json tokenizer.model tokenizer_config.json "
    "vocab.json vocab.txt"
)
"""Files that belong to a checkpoint and are no business of the model: copied as they are."""
JSON_LIMIT = 64 * 2**20


class Stored(NamedTuple):
    """A tensor in a file."""

    file: Path
    shape: tuple[int, ...]
    dtype: str


class Chunk(NamedTuple):
    """A tensor to be written: its size is known before it is made."""

    name: str
    nbytes: int
    make: Callable[[], Tensor]


def folder_of(path: str | Path) -> Path:
    """The directory; what is no directory is the Hub's id of one, downloaded or taken from the local cache."""
    folder = Path(path)
    if folder.is_dir():
        return folder
    if folder.exists() or not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", str(path)):
        raise ValueError(f"{path} is neither a directory nor a Hub id")
    hub = needed("huggingface_hub", f"{path} is no directory; to read it from the Hub")
    patterns = ["*.safetensors", "*.json", *CARRIED.split()]
    return Path(hub.snapshot_download(str(path), allow_patterns=patterns))


def needed(module: str, why: str) -> Any:
    """Imports an optional library, or says what to install."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = {"PIL": "pillow"}.get(module.partition(".")[0], module.partition(".")[0])
        raise ModuleNotFoundError(f"{why}, install {package} (pip install {package})", name=error.name) from error


def read_json(file: Path) -> dict[str, Any]:
    """A JSON object; ValueError where the file is missing, too large, no JSON, or no object."""
    if not file.is_file():
        raise ValueError(f"{file.parent} has no {file.name}")
    if (size := file.stat().st_size) > JSON_LIMIT:
        raise ValueError(f"{file} has {size} bytes: a configuration has at most {JSON_LIMIT}")

    def no_constant(name: str) -> float:
        raise ValueError(f"{name} is not JSON")

    try:
        read = json.loads(file.read_text(encoding="utf-8"), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file} is not JSON: {error}") from error
    if not isinstance(read, dict):
        raise ValueError(f"{file} holds no object but {type(read).__name__}")  # noqa: TRY004 - a bad file, not a bad call
    return read


def tensors_in(folder: Path) -> dict[str, Stored]:
    """Every tensor of a checkpoint, from the files' headers alone; ValueError where files and index disagree."""
    if (folder / SINGLE).is_file():
        return _header(folder / SINGLE)
    if (folder / INDEX).is_file():
        return _sharded(folder)
    if pickles := sorted(file.name for file in folder.iterdir() if file.suffix in PICKLES):
        raise ValueError(f"{folder} holds {pickles[0]}, a pickle, which can run code: convert it to {SINGLE}")
    raise ValueError(f"{folder} has neither {SINGLE} nor {INDEX}")


@contextmanager
def opened(file: Path) -> Iterator[Any]:
    """A memory-mapped safetensors file: `keys()`, `get_tensor(name)`, `get_slice(name)`."""
    safetensors = needed("safetensors", f"to read {file.name}")
    try:
        with safetensors.safe_open(file, framework="pt") as handle:
            yield handle
    except safetensors.SafetensorError as error:
        with file.open("rb") as opened_file:
            start = opened_file.read(4)
        if start[:2] == b"PK" or start[:1] == b"\x80":
            raise ValueError(f"{file} is a pickle under another name, which can run code: it was not read") from error
        raise ValueError(f"{file} is not a whole safetensors file: {error}") from error


class Maps(ExitStack):
    """Reads tensors from memory maps: pages come when they are used, and go with the last tensor of their map."""

    def __init__(self) -> None:
        super().__init__()
        self._shared: dict[Path, Any] = {}

    def read(self, stored: Stored, name: str, *, alone: bool) -> Tensor:
        """A tensor in the map of its file, or `alone` in one of its own."""
        if alone:
            with opened(stored.file) as handle:
                return cast("Tensor", handle.get_tensor(name))
        if stored.file not in self._shared:
            self._shared[stored.file] = self.enter_context(opened(stored.file))
        return cast("Tensor", self._shared[stored.file].get_tensor(name))


def _header(file: Path) -> dict[str, Stored]:
    with opened(file) as handle:
        parts = {name: handle.get_slice(name) for name in handle.keys()}  # noqa: SIM118 - no mapping
        return {name: Stored(file, tuple(part.get_shape()), part.get_dtype()) for name, part in parts.items()}


def _sharded(folder: Path) -> dict[str, Stored]:
    index = folder / INDEX
    where = read_json(index).get("weight_map")
    if not isinstance(where, dict) or not where or not all(isinstance(file, str) for file in where.values()):
        raise ValueError(f"{index}: weight_map must map tensors to files")
    if bad := next((file for file in where.values() if not SHARD.fullmatch(file)), None):
        raise ValueError(f"{index}: {bad!r} is not the plain name of a safetensors file")
    found: dict[str, Stored] = {}
    for file in sorted(set(where.values())):
        if not (folder / file).is_file():
            raise ValueError(f"{index} names {file}, which is missing")
        for name, stored in _header(folder / file).items():
            if name in found:
                raise ValueError(f"{name} is in {found[name].file.name} and again in {file}")
            if where.get(name) != file:
                raise ValueError(f"{index} puts {name} into {where.get(name, 'no file')}, but it is in {file}")
            found[name] = stored
    if lost := next((name for name in where if name not in found), None):
        raise ValueError(f"{index} puts {lost} into {where[lost]}, which does not hold it")
    return found


def write_tensors(folder: Path, chunks: Sequence[Chunk], max_shard_size: int | None) -> None:
    """Writes tensors into one file, or several of at most `max_shard_size` bytes, whole or not at all each."""
    safetensors_torch = needed("safetensors.torch", "to write a checkpoint")
    shards = list(_shards(chunks, max_shard_size))
    names = [f"model-{i:05}-of-{len(shards):05}.safetensors" for i in range(1, len(shards) + 1)]
    names = names if len(shards) > 1 else [SINGLE]
    for name, shard in zip(names, shards, strict=True):
        tensors = {chunk.name: chunk.make() for chunk in shard}
        with _whole(folder / name) as temporary:
            safetensors_torch.save_file(tensors, temporary, metadata={"format": "pt"})
    if len(shards) > 1:
        where = {chunk.name: name for name, shard in zip(names, shards, strict=True) for chunk in shard}
        total = sum(chunk.nbytes for chunk in chunks)
        write_json(folder / INDEX, {"metadata": {"total_size": total}, "weight_map": dict(sorted(where.items()))})
        names.append(INDEX)
    for file in folder.iterdir():
        # Left from an earlier save, it would be read instead of, or beside, what was just written.
        if WRITTEN.fullmatch(file.name) and file.name not in names:
            file.unlink()


def write_json(file: Path, value: Mapping[str, Any]) -> None:
    """Writes a JSON object, whole or not at all."""
    with _whole(file) as temporary:
        temporary.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def carry(source: Path, folder: Path) -> None:
    """Copies tokenizer and preprocessing files to another directory."""
    if source.resolve() != folder.resolve():
        for name in CARRIED.split():
            if (source / name).is_file():
                with _whole(folder / name) as temporary:
                    shutil.copyfile(source / name, temporary)


def _shards(chunks: Iterable[Chunk], limit: int | None) -> Iterator[list[Chunk]]:
    shard: list[Chunk] = []
    for chunk in chunks:
        if shard and limit is not None and sum(other.nbytes for other in (*shard, chunk)) > limit:
            yield shard
            shard = []
        shard.append(chunk)
    yield shard


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A name beside the file that takes its place once everything is written."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    os.close(descriptor)
    try:
        yield Path(name)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
