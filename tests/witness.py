"""Writes down what a library's classes say: transformers in, `knowledge/evidence/classes/*.json` out.

`python -m tests.witness` (`make evidence`) writes one excerpt for each folder of models that a page's locator names:
every configuration class with its arguments and their defaults, what an image processor sets, which model classes
there are, and, for the dialects of tables of released names, the names of the tensors with the numbers of layers as N.
Models are built on the meta device with two layers; nothing is downloaded.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import PreTrainedConfig, image_utils
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import PrefixChange, rename_source_key, revert_weight_conversion
from transformers.utils import constants

ROOT = Path(__file__).parents[1]
KNOWLEDGE, FOLDER = ROOT / "knowledge", ROOT / "knowledge" / "evidence" / "classes"
SOURCE = "transformers"
"""The key of the library in sources.bib: a locator behind it begins with one of these folders."""
NAMED = re.compile(r"\b([a-z]\w*)/(?:configuration|modeling|processing|image_processing)_\w+\.py")

PARTS: Mapping[str, tuple[str, str]] = {
    "clip": ("CLIPModel", ""),
    "clip_vision_model": ("CLIPVisionModel", ""),
    "clip_text_model": ("CLIPTextModel", ""),
    "siglip": ("SiglipModel", ""),
    "siglip_vision_model": ("SiglipVisionModel", ""),
    "siglip_text_model": ("SiglipTextModel", ""),
    "blip-2": ("Blip2ForImageTextRetrieval", ""),
    "blip_2_vision_model": ("Blip2VisionModel", ""),
    "blip_2_qformer": ("Blip2ForImageTextRetrieval", "qformer"),
    "llava": ("LlavaForConditionalGeneration", "model.multi_modal_projector"),
    "qwen3_vl": ("Qwen3VLForConditionalGeneration", "model.visual"),
    "qwen3_vl_vision": ("Qwen3VLVisionModel", ""),
    "qwen3_vl_text": ("Qwen3VLTextModel", ""),
    "llama": ("LlamaModel", ""),
    "mistral": ("MistralModel", ""),
    "qwen2": ("Qwen2Model", ""),
    "qwen3": ("Qwen3Model", ""),
    "opt": ("OPTModel", ""),
}
"""Where the tensors of each dialect stand: a model class, and the module in it that a kind's table begins at."""
WHOLE = (
    "CLIPModel",
    "SiglipModel",
    "LlavaForConditionalGeneration",
    "Blip2ForConditionalGeneration",
    "Blip2ForImageTextRetrieval",
    "Qwen3VLForConditionalGeneration",
)
"""Models whose written names hold the prefixes of `## Checkpoint` tables."""
FEW = {"num_hidden_layers": 2, "depth": 2, "deepstack_visual_indexes": [0, 1], "use_qformer_text_input": True}
"""Names of tensors are the same in every layer; a Q-Former has those of its text branch too."""
ROTARY = {"rope_theta": 12345.0, "rope_scaling": {"rope_type": "default", "mrope_section": [1, 2, 3]}}
"""Keys of older releases, and values by which a class shows that it reads them."""


def witnesses() -> dict[str, str]:
    """The text of every excerpt, by its file's name."""
    named = {name for page in KNOWLEDGE.rglob("*.md") for name in NAMED.findall(page.read_text("utf-8"))}
    home = Path(transformers.__file__).parent / "models"
    folders = sorted(name for name in named if (home / name / f"configuration_{name}.py").exists())
    made = {f"{name}.json": _text(_folder(home / name, transformers.__version__)) for name in folders}
    return {**made, "utils.json": _text(_constants(transformers.__version__))}


def _constants(version: str) -> dict[str, Any]:
    """Means and deviations that processors and pages name."""
    named = {name: list(one) for name, one in vars(constants).items() if name.endswith(("_MEAN", "_STD"))}
    told = {"constants": {"file": "utils/constants.py", "arguments": dict(sorted(named.items()))}}
    return {"origin": f"transformers {version}, transformers/utils", "source": SOURCE, "processors": told}


def _folder(folder: Path, version: str) -> dict[str, Any]:
    name = folder.name
    configuration = importlib.import_module(f"transformers.models.{name}.configuration_{name}")
    modeling = importlib.import_module(f"transformers.models.{name}.modeling_{name}")
    built = {one: part for one, part in PARTS.items() if _is_in(modeling, part[0])}
    return {
        "origin": f"transformers {version}, transformers/models/{name}",
        "source": SOURCE,
        "files": sorted(f"{name}/{path.name}" for path in folder.glob("*.py") if path.name != "__init__.py"),
        "classes": dict(sorted(_configurations(name, configuration))),
        "processors": dict(sorted(_processors(folder))),
        "models": sorted(one for one in modeling.__all__ if _is_in(modeling, one)),
        "parts": {
            one: {"class": part[0], "at": part[1], "tensors": _part(modeling, *part)} for one, part in built.items()
        },
        "written": {one: _written(getattr(modeling, one)) for one in WHOLE if _is_in(modeling, one)},
    }


def _is_in(module: Any, name: str) -> bool:
    return getattr(getattr(module, name, None), "__module__", "") == module.__name__


def _configurations(folder: str, module: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Configuration classes of a module: model type, arguments with defaults, other keys that are read, sections."""
    general = {field.name for field in dataclasses.fields(PreTrainedConfig)}
    for name, cls in inspect.getmembers(module, inspect.isclass):
        if not issubclass(cls, PreTrainedConfig) or cls.__module__ != module.__name__:
            continue
        own = [one for one in dataclasses.fields(cls) if one.name not in general or one.name in cls.__annotations__]
        made = cls()
        held = {key: getattr(made, key) for key in cls.sub_configs}
        sections = {key: type(one).__name__ for key, one in held.items() if isinstance(one, PreTrainedConfig)}
        arguments: dict[str, Any] = {}
        for field in own:
            value = None if field.default is dataclasses.MISSING else field.default
            value = field.default_factory() if field.default_factory is not dataclasses.MISSING else value
            whole = getattr(made, field.name, None)
            if field.name not in sections and field.name not in ("base_config_key", *vars(PreTrainedConfig)):
                arguments |= _leaves(field.name, whole if isinstance(whole, dict) else value)
        also = {**cls.attribute_map, **_read(cls, arguments)}
        yield (
            name,
            {
                "model_type": cls.model_type,
                "file": f"{folder}/configuration_{folder}.py",
                "arguments": dict(sorted(arguments.items())),
                **({"also": dict(sorted(also.items()))} if also else {}),
                **({"sections": sections} if sections else {}),
            },
        )


def _leaves(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {f"{name}.{key}": one for key, one in value.items() if _is_plain(one)}
    value = list(value) if isinstance(value, tuple) else value
    return {name: value} if _is_plain(value) else {}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) < 33 and all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def _read(cls: Any, arguments: Mapping[str, Any]) -> dict[str, str]:
    """Keys of older releases that a class still reads, and what they set."""
    if not any(name.startswith("rope_parameters") for name in arguments):
        return {}
    found = {}
    if cls(rope_theta=ROTARY["rope_theta"]).rope_parameters.get("rope_theta") == ROTARY["rope_theta"]:
        found["rope_theta"] = "rope_parameters.rope_theta"
    if "mrope_section" in cls(rope_scaling=dict(ROTARY["rope_scaling"])).rope_parameters:  # type: ignore[call-overload]
        found["rope_scaling"] = "rope_parameters"
    return found


def _processors(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What classes of image processors set, as their files say it: those that torchvision runs cannot be imported."""
    for path in sorted(folder.glob("image_processing_*.py")):
        for one in ast.parse(path.read_text("utf-8")).body:
            if isinstance(one, ast.ClassDef) and "ImageProcessor" in one.name:
                pairs = ((item.targets[0], item.value) for item in one.body if isinstance(item, ast.Assign))
                values = {at.id: _literal(value, image_utils) for at, value in pairs if isinstance(at, ast.Name)}
                values.pop("model_input_names", None)
                told = {name: value for at, held in values.items() for name, value in _leaves(at, held).items()}
                known = {name: value for name, value in told.items() if value is not None}
                if known:
                    yield one.name, {"file": f"{folder.name}/{path.name}", "arguments": dict(sorted(known.items()))}


def _literal(value: ast.expr, constants: Any) -> Any:
    if isinstance(value, ast.Attribute):
        return value.attr.lower()
    if isinstance(value, ast.Name):
        return getattr(constants, value.id, None)
    try:
        return ast.literal_eval(value)
    except ValueError:
        return None


def _part(modeling: Any, model: str, at: str) -> list[str]:
    """Names of one part's tensors, from the module at which its tables begin."""
    prefix = f"{at}." if at else ""
    names = (name for name in _built(getattr(modeling, model)).state_dict() if name.startswith(prefix))
    return _folded(name.removeprefix(prefix) for name in names)


def _written(cls: Any) -> dict[str, list[str]]:
    """Names of a whole model's tensors as they are saved, and the prefixes that loading accepts beside them."""
    model = _built(cls)
    state = model.state_dict()
    names = _folded(revert_weight_conversion(model, dict(state)))
    also = set()
    mapping = get_model_conversion_mapping(model)
    renames = [one for one in mapping if hasattr(one, "rename_source_key")]
    for one in mapping:
        if isinstance(one, PrefixChange) and one.prefix_to_remove and one.scope_prefix:
            prefix = f"{one.scope_prefix}.{one.prefix_to_remove}"
            for name in names:
                older = name.replace(f"{one.scope_prefix}.", f"{prefix}.", 1).replace(".N.", ".0.")
                renamed = rename_source_key(older, renames, [])[0]
                also |= {prefix} if name.startswith(f"{one.scope_prefix}.") and renamed in state else set()
    return {"tensors": names, **({"also": sorted(also)} if also else {})}


def _built(cls: Any) -> Any:
    def few(config: Any) -> Any:
        for name, value in FEW.items():
            if hasattr(config, name):
                setattr(config, name, value)
        for name in config.sub_configs:
            few(getattr(config, name))
        return config

    with torch.device("meta"):
        return cls(few(cls.config_class()))


def _folded(names: Any) -> list[str]:
    """Names with the number of a layer as N, each once, in their order."""
    return list(dict.fromkeys(re.sub(r"\.\d+(?=\.|$)", ".N", name) for name in names))


def _text(value: dict[str, Any]) -> str:
    kept = {name: one for name, one in value.items() if one}
    return json.dumps(kept, indent=1, ensure_ascii=False) + "\n"


def write() -> None:
    """Writes every excerpt, and takes away those of folders that no page names any more."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = witnesses()
    for path in FOLDER.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, "utf-8")
    sys.stdout.write(f"{len(made)} excerpts in {FOLDER.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write()
