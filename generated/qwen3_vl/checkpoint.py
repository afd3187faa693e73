"""Loads and saves released checkpoints: a directory of config.json and safetensors in, a model in eval mode out.

Nothing missing, nothing unexpected: a tensor of the files is one of the model's, a part of one, a known leftover of old
releases (`stale` in released.py), or the copy of a tied one. Otherwise ValueError names it.
"""

from __future__ import annotations

import dataclasses
import functools
import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, ParamSpec, Self, TypeVar

import torch
from torch import Tensor, nn

from . import storage
from .dialects import Released, store
from .layers import rebuild
from .naming import TIED, Entry, entries_of, owner, stale, tied_copies, unpack
from .storage import Chunk, Stored

P = ParamSpec("P")
R = TypeVar("R")


def undisturbed(build: Callable[P, R]) -> Callable[P, R]:
    """The garbage collector waits while a model is built: one look through all that torch made takes longer."""

    @functools.wraps(build)
    def built(*args: P.args, **options: P.kwargs) -> R:
        running = gc.isenabled()
        gc.disable()
        try:
            return build(*args, **options)
        finally:
            if running:
                gc.enable()

    return built


class Origin(NamedTuple):
    """Where a model was loaded from: what saving it again keeps."""

    folder: Path
    layout: str
    reference: dict[str, Any]


class Checkpointed(nn.Module):
    """A model that is read from and written to checkpoint directories in the layouts of its releases."""

    config: Any
    config_class: ClassVar[Any]
    released: ClassVar[Released]
    reference: ClassVar[Mapping[str, Any]] = {}
    """Dotted keys of config.json that this model's own release holds besides."""
    optional: ClassVar[tuple[str, ...]] = ()
    """Prefixes of tensors that releases may lack; they are initialized then."""
    origin: Origin | None = None
    generation_config: Mapping[str, Any] | None = None

    @classmethod
    def from_pretrained(
        cls, path: str | Path, *, device: torch.device | str | None = None, dtype: torch.dtype | None = None
    ) -> Self:
        """A model with the weights of a directory (or Hub id), in eval mode; `dtype` None keeps each tensor's."""
        folder = storage.folder_of(path)
        reference = storage.read_json(folder / "config.json")
        stored = storage.tensors_in(folder)
        try:
            config = cls.config_class.from_reference(reference)
            _plausible(config, len(stored))
            with torch.device("meta"):
                model = cls(config)
        except (TypeError, ValueError, ArithmeticError, RuntimeError) as error:
            raise ValueError(f"{folder / 'config.json'}: {error}") from error
        layout, entries = _match(model, stored)
        target = torch.device(device or "cpu")
        _load(model, entries, stored, target, dtype)
        rebuild(model, target)
        model.origin = Origin(folder, layout, reference)
        if (folder / "generation_config.json").is_file():
            model.generation_config = storage.read_json(folder / "generation_config.json")
        return model.eval()

    def save_pretrained(
        self, path: str | Path, layout: str | None = None, *, max_shard_size: int | None = 5 * 10**9
    ) -> None:
        """Writes config.json and weights as `layout` names them: the one loaded from, else the hub's; bit by bit."""
        layout = layout or (self.origin.layout if self.origin else "hub")
        if layout not in self.released.layouts:
            raise ValueError(f"layout {layout!r} is none of {', '.join(self.released.layouts)}")
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        chunks = [chunk for entry in entries_of(self, layout) for chunk in _chunks(self, entry)]
        storage.write_tensors(folder, sorted(chunks), max_shard_size)
        written: dict[str, Any] = self.config.to_reference(self.origin.reference if self.origin else None)
        for key, value in self.reference.items():
            store(written, key, value)
        written.pop("torch_dtype", None)
        written["dtype"] = str(next(self.parameters()).dtype).removeprefix("torch.")
        storage.write_json(folder / "config.json", written)
        generation = _generation(self.config) if self.generation_config is None else self.generation_config
        storage.write_json(folder / "generation_config.json", generation)
        if self.origin is not None and self.origin.folder.is_dir():
            storage.carry(self.origin.folder, folder)


def _plausible(config: Any, tensors: int) -> None:
    """A block has at least one tensor: refuses a number of blocks that would take hours to build."""
    for slot in dataclasses.fields(config):
        layers = getattr(getattr(config, slot.name), "layers", 0)
        if layers > tensors:
            raise ValueError(f"{slot.name} has {layers} blocks, and the files hold {tensors} tensors in all")


def _generation(config: Any) -> dict[str, Any]:
    model = getattr(config, "language_model", None)
    tokens = {f"{name}_token_id": getattr(model, f"{name}_token", None) for name in ("bos", "eos", "pad")}
    return {name: token for name, token in tokens.items() if token is not None}


def _match(model: Checkpointed, stored: Mapping[str, Stored]) -> tuple[str, list[Entry]]:
    """The layout in which the files are written and where each tensor comes from, all checked before any is read."""
    layouts = {layout: entries_of(model, layout) for layout in sorted(model.released.layouts)}
    layout = max(layouts, key=lambda name: sum(part in stored for entry in layouts[name] for part in entry.theirs))
    entries = [e for e in layouts[layout] if not e.ours.startswith(model.optional or ("\0",)) or e.theirs[0] in stored]
    wanted = {part: entry for entry in entries for part in entry.theirs}
    copies = {*tied_copies(model, layout)} - wanted.keys()
    leftover = re.compile("|".join(stale(model)) or r"(?!)")
    unexpected = [name for name in stored if name not in wanted.keys() | copies and not leftover.fullmatch(name)]
    wrong = {"missing": wanted.keys() - stored.keys(), "unexpected": unexpected}
    if said := "; ".join(_listed(what, sorted(names)) for what, names in wrong.items() if names):
        raise ValueError(f"the files are not a {model.released.model_type} of this configuration: {said}")
    for entry in entries:
        for name, shape in zip(entry.theirs, entry.shapes, strict=True):
            if stored[name].shape != shape:
                raise ValueError(_misfit(model.config, entry.ours, name, stored[name], shape))
    for name in copies & stored.keys():
        original = next(entry.theirs[0] for entry in entries if entry.ours == TIED[1])
        with storage.Maps() as maps:
            if not torch.equal(*(maps.read(stored[part], part, alone=True) for part in (name, original))):
                raise ValueError(f"{name} differs from {original}, and language_model.tied says they are one")
    return layout, entries


def _listed(what: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{len(names)} {what}: {', '.join(names[:5])}{more}"


def _misfit(config: Any, ours: str, name: str, stored: Stored, shape: tuple[int, ...]) -> str:
    """In the page's words: the tensor, the shape that the configuration makes, the fields that make it."""
    values = {
        f"{slot.name}.{field.name}": getattr(own, field.name)
        for slot in dataclasses.fields(config)
        if dataclasses.is_dataclass(own := getattr(config, slot.name))
        for field in dataclasses.fields(own)
    }
    why = ""
    for side in dict.fromkeys(side for side, found in zip(shape, stored.shape, strict=False) if side != found):
        makers = [field for field, value in values.items() if value == side]
        # The slot's own fields, where they explain it.
        own = [field for field in makers if field.startswith(ours.partition(".")[0] + ".")]
        why += f"; {', '.join(own or makers)} = {side}" if makers else ""
    return f"{name} is {stored.shape} in {stored.file.name}, and {ours} needs {shape}{why}"


def _load(
    model: nn.Module,
    entries: Sequence[Entry],
    stored: Mapping[str, Stored],
    device: torch.device,
    dtype: torch.dtype | None,
) -> None:
    with storage.Maps() as maps:
        for entry in entries:
            module, leaf = owner(model, entry.ours)
            placeholder = getattr(module, leaf)
            # What is packed is copied: its pages are let go of with a map of their own, so that peak memory stays low.
            parts = [maps.read(stored[name], name, alone=hasattr(module, "pack")) for name in entry.theirs]
            tensor = module.pack(leaf, parts) if hasattr(module, "pack") else parts[0].reshape(placeholder.shape)
            cast = dtype if dtype is not None and tensor.is_floating_point() else tensor.dtype
            tensor = tensor.to(device, cast).contiguous()
            if isinstance(placeholder, nn.Parameter):
                tensor = nn.Parameter(tensor, requires_grad=placeholder.requires_grad)
            setattr(module, leaf, tensor)
    # Parameters that the release lacks (`optional`) start as in a fresh model.
    for part in model.modules():
        absent = {name: p for name, p in part.named_parameters(recurse=False) if p.is_meta}
        for name, parameter in absent.items():
            empty = torch.empty(parameter.shape, device=device, dtype=dtype or parameter.dtype)
            setattr(part, name, nn.Parameter(empty.zero_() if name == "bias" else empty.normal_(std=0.02)))
        if absent and callable(own := getattr(part, "initialize", None)):
            with torch.no_grad():
                own()


def _chunks(model: nn.Module, entry: Entry) -> Iterator[Chunk]:
    """The released tensors of one of ours, each made when it is written."""
    module, leaf = owner(model, entry.ours)
    size = getattr(module, leaf).element_size()
    for index, (name, shape) in enumerate(zip(entry.theirs, entry.shapes, strict=True)):

        def make(index: int = index, shape: tuple[int, ...] = shape) -> Tensor:
            tensor = getattr(module, leaf).detach()
            whole: Tensor = tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor
            part = unpack(model, entry.ours, whole, len(entry.theirs))[index]
            # A copy of its own: safetensors refuses tensors that share memory.
            return part.reshape(shape).to("cpu", copy=True, memory_format=torch.contiguous_format)

        yield Chunk(name, torch.Size(shape).numel() * size, make)
