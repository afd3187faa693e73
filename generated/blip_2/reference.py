"""Turns a released config.json into a `Config` and back, by the tables in released.py.

A field of the file is read into a field of ours, ignored because it does not change what is computed, held to the
values that this package computes, or refused: nothing in the file is passed over in silence.
"""

from __future__ import annotations

import copy
import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from .dialects import ABSENT, Demand, Dialect, Key, Released, find, short, store

C = TypeVar("C")

COMMON = (
    "_attn_implementation_autoset _commit_hash _name_or_path architectures bad_words_ids begin_suppress_tokens "
    "bos_token_id chunk_size_feed_forward decoder_start_token_id diversity_penalty do_sample dtype early_stopping "
    "encoder_no_repeat_ngram_size eos_token_id exponential_decay_length_penalty finetuning_task forced_bos_token_id "
    "forced_eos_token_id id2label label2id length_penalty max_length min_length model_type name_or_path "
    "no_repeat_ngram_size num_beam_groups num_beams num_labels num_return_sequences output_attentions "
    "output_hidden_states output_scores pad_token_id prefix problem_type remove_invalid_values repetition_penalty "
    "return_dict return_dict_in_generate sep_token_id suppress_tokens task_specific_params temperature tf_legacy_loss "
    "tie_encoder_decoder tie_last_hidden_states tie_word_embeddings tokenizer_class top_k top_p torch_dtype "
    "torchscript transformers_version typical_p use_bfloat16 use_cache use_return_dict"
)
"""Keys of every released configuration that do not change what is computed, unless a table reads them."""

UNUSED = {"add_cross_attention", "cross_attention_hidden_size", "is_decoder", "is_encoder_decoder", "pruned_heads"}
"""Keys of every released configuration that would change it if they held anything."""

LARGEST = 10**12
"""No width, count or id of a model is larger."""


def read(cls: type[C], reference: Mapping[str, Any], released: Released, presets: Mapping[str, C]) -> C:
    """A `Config` from a released configuration; slots it does not speak of are those of the most similar preset.

    Raises ValueError naming the key, its value and what the page describes.
    """
    if (found := reference.get("model_type")) != released.model_type:
        raise ValueError(f"model_type is {found!r}: this package reads {released.model_type!r}")
    parts = {slot: _part(reference, section.key) for slot, section in released.sections.items()}
    chosen = {slot: _dialect(slot, parts[slot], released) for slot in parts}
    _refuse_unknown(reference, released, chosen)
    values: dict[str, dict[str, Any]] = {}
    for slot, dialect in chosen.items():
        own = values[slot] = {"model_type": dialect.model_type}
        for name in dialect.fields:
            if "." not in name:
                own[name] = _value(name, dialect.key(name), parts[slot], own)
    for field, key in released.fields.items():
        slot, name = field.split(".")
        values[slot][name] = _value(name, key, reference, values[slot]) if isinstance(key, Key) else key
    for slot, dialect in chosen.items():
        _agree(dialect, parts[slot], values)
    hints = typing.get_type_hints(cls)
    slots = {slot: _typed(dialect, hints[slot], values[slot]) for slot, dialect in chosen.items()}
    for slot, _, name in (field.partition(".") for field in released.without):
        if value := getattr(slots.get(slot), name, None):
            why = "no variant of the page has it, and the package no code for it"
            raise ValueError(f"{slot}.{name} is {value!r}: {why}")

    def likeness(preset: C) -> int:
        return sum(
            getattr(getattr(preset, slot), name, ABSENT) == value
            for slot, made in slots.items()
            for name, value in dataclasses.asdict(made).items()
        )

    base: Any = max(presets.values(), key=likeness)
    return typing.cast("C", dataclasses.replace(base, **slots))


def write(config: Any, released: Released, loaded: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The released configuration of `config`; keys that do not change what is computed are kept from `loaded`."""
    out: dict[str, Any] = copy.deepcopy(dict(loaded or {}))
    out["model_type"] = released.model_type
    out.setdefault("architectures", list(released.architectures))
    for slot, section in released.sections.items():
        known = getattr(config, slot)
        if section.key:
            out[section.key] = {**(out.get(section.key) or {}), "model_type": known.model_type}
        part = out[section.key] if section.key else out
        dialect = released.dialect(slot, known)
        for name in dialect.fields:
            owner, _, field = name.rpartition(".")
            value = getattr(getattr(config, owner or slot), field)
            _put(part, field, dialect.key(name), value, dataclasses.asdict(known))
        for demand in dialect.demands:
            if _unmet(demand, dialect, part):
                how, field = _comparison(demand.allowed[0])
                path = [path for path, _ in find(part, demand.keys)] + demand.keys.split()
                store(part, path[0], getattr(known, field) if how else demand.allowed[0])
    for name, key in released.fields.items():
        slot, field = name.split(".")
        if isinstance(key, Key):
            _put(out, field, key, getattr(getattr(config, slot), field), {})
    again: Any = read(type(config), out, released, {"": config})
    for slot in released.sections:
        for field, value in dataclasses.asdict(getattr(config, slot)).items():
            said = getattr(getattr(again, slot), field, ABSENT)
            if value != said:
                only = f"a {released.model_type!r} configuration cannot say that, it would be read as {said!r}"
                raise ValueError(f"{slot}.{field} is {value!r}: {only}")
    return out


def _put(part: dict[str, Any], name: str, key: Key, value: Any, values: Mapping[str, Any]) -> None:
    """Writes one field where it was found, else under its first key; a constant is not written."""
    said = next((theirs for theirs, ours in key.ours.items() if ours == value), value)
    present = [path for path, _ in find(part, key.keys)]
    for path in present or key.keys.split()[:1]:
        if not present or _value(name, key._replace(keys=path), part, values) != value:
            store(part, path, said)


def _part(reference: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The section of that key; the whole for ""."""
    found = reference.get(key) if key else reference
    if isinstance(found, Mapping):
        return found
    raise ValueError(f"{key} is {'missing' if found is None else short(found)}: expected an object")


def _dialect(slot: str, part: Mapping[str, Any], released: Released) -> Dialect:
    """The dialect that a part is written in: of its model_type, and with every demand met."""
    key, assumed, words = released.sections[slot]
    name = (part.get("model_type") or assumed) if key else released.model_type
    name = Key(words=words).ours.get(name, name) if isinstance(name, str) else repr(name)
    known = [dialect for dialect in released.dialects if dialect.slot == slot]
    spoken = [dialect for dialect in known if dialect.model_type == name]
    if not spoken:
        described = ", ".join(sorted({dialect.model_type for dialect in known}))
        raise ValueError(f"{key}.model_type is {name!r}: {released.page} describes {described} as {slot}")
    reasons = []
    for dialect in spoken:
        unmet = [why for demand in dialect.demands if (why := _unmet(demand, dialect, part))]
        if not unmet:
            return dialect
        reasons += unmet
    raise ValueError(f"{key or 'config.json'}: {'; '.join(reasons)} ({spoken[0].page})")


def _unmet(demand: Demand, dialect: Dialect, part: Mapping[str, Any]) -> str:
    """Why a demand is not met; "" where it is."""
    present = [(path, value) for path, value in find(part, demand.keys) if value is not None]
    path, value = present[0] if present else (demand.keys.split()[0], demand.default)
    for wanted in demand.allowed:
        how, what = _comparison(wanted)
        if how == "each":
            met = isinstance(value, list) and all(item == what for item in value)
        elif how:
            other = _value(what, dialect.key(what), part, {})
            met = value == other or (how == "at least" and isinstance(value, int) and value > int(other))
        else:
            met = value is ABSENT or (type(value) is type(wanted) and value == wanted)
        if met:
            return ""
    said = " or ".join(map(repr, demand.allowed))
    return f"{path} is {value!r}, and the page describes {said} only" if value is not ABSENT else ""


def _comparison(wanted: Any) -> tuple[str, str]:
    """`at least context` as ("at least", "context"); ("", …) for a plain value."""
    how, _, what = wanted.rpartition(" ") if isinstance(wanted, str) else ("", "", "")
    return (how, what) if how in {"at least", "equal", "each"} else ("", "")


def _value(name: str, key: Key, part: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """The value of one field; `values` are those read before it."""
    present = [value for _, value in find(part, key.keys)]
    if key.any_true and present:
        return any(value is True for value in present)
    value = next((value for value in present if value is not None), None if present else key.default)
    if (value is None or value is ABSENT) and key.otherwise:
        first, *rest = (values[field] for field in key.otherwise.split("/"))
        return first // rest[0] if rest else first
    if value is ABSENT:
        raise ValueError(f"{' / '.join(key.keys.split())} is missing: it gives {name}")
    if value is None and key.default is not ABSENT:
        value = key.default
    if isinstance(value, list):
        # Of several ids for one token the first.
        value = value[0] if name.endswith("_token") and value else tuple(value)
    return key.ours.get(value, value) if isinstance(value, str) else value


def _agree(dialect: Dialect, part: Mapping[str, Any], values: Mapping[str, Mapping[str, Any]]) -> None:
    """Fields that repeat another slot's must say the same."""
    for field in dialect.fields:
        slot, dot, name = field.partition(".")
        for path, value in find(part, dialect.key(field).keys)[:1] if dot else ():
            if value is not None and value != values[slot][name]:
                raise ValueError(f"{path} of the {dialect.slot} is {value!r}, but {field} is {values[slot][name]!r}")


def _typed(dialect: Dialect, hint: Any, values: Mapping[str, Any]) -> Any:
    """The slot's dataclass of these values; ValueError names the field and what it must be."""
    kinds = (hint, *typing.get_args(hint))
    kind = next(kind for kind in kinds if getattr(kind, "__name__", "") == dialect.config)
    made = {}
    for name, expected in typing.get_type_hints(kind).items():
        if name not in values:
            continue
        value, low = values[name], dialect.key(name).minimum if name in dialect.fields else None
        number = isinstance(value, int | float)
        if not _fits(value, expected):
            words = str(expected).removeprefix("typing.") if typing.get_args(expected) else expected.__name__
        elif number and abs(value) > LARGEST:
            words = f"at most {LARGEST:,}"
        elif number and low is not None and value < low:
            words = f"at least {low:g}"
        elif name.endswith(("_eps", "_theta")) and value <= 0:
            words = "more than 0"
        else:
            made[name] = float(value) if expected is float else value
            continue
        raise ValueError(f"{dialect.slot}.{name} cannot be {short(value)}: expected {words}")
    return kind(**made)


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return any(_fits(value, argument) for argument in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is tuple:
        inner = arguments[:1] * len(value) if isinstance(value, tuple) and arguments[-1] is ... else arguments
        return isinstance(value, tuple) and len(value) == len(inner) and all(map(_fits, value, inner))
    if hint in {int, float}:
        return isinstance(value, int | hint) and not isinstance(value, bool) and abs(value) < float("inf")
    return isinstance(value, hint)


def _refuse_unknown(reference: Mapping[str, Any], released: Released, chosen: Mapping[str, Dialect]) -> None:
    """Raises ValueError for a key that no table names."""
    top = (key.keys for key in released.fields.values() if isinstance(key, Key))
    known = {path for keys in (*top, released.ignored, COMMON) for path in keys.split()}
    pages = {}
    for slot, dialect in chosen.items():
        prefix = f"{key}." if (key := released.sections[slot].key) else ""
        pages[prefix] = f" ({dialect.page})"
        rows = [dialect.ignored, COMMON, *(dialect.key(field).keys for field in dialect.fields)]
        rows += [demand.keys for demand in dialect.demands]
        known |= {prefix + path for keys in rows for path in keys.split()}
    for path, value in _unknown(reference, known):
        if value or path.rpartition(".")[2] not in UNUSED:
            page = pages.get(path.partition(".")[0] + ".", pages.get("", ""))
            raise ValueError(f"{path} is {short(value)}: no table says what this field means{page}")


def _unknown(part: Mapping[str, Any], known: set[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Keys that no table names, with their values."""
    for key, value in part.items():
        path = f"{prefix}{key}"
        if path in known:
            continue
        if any(name.startswith(path + ".") for name in known) and (value is None or isinstance(value, Mapping)):
            yield from _unknown(value or {}, known, path + ".")
        else:
            yield path, value
