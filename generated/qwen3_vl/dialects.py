"""The shapes of the tables in released.py: what releases call fields and tensors, and how a key is looked up."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Absent:
    """What stands for a key that is not there, where None is a value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


class Field(NamedTuple):
    """One of our fields: the keys it is read from (the first present wins), its value where no key is present."""

    ours: str
    paths: tuple[str, ...] = ()
    default: Any = ABSENT
    otherwise: tuple[str, ...] = ()
    """Fields of ours that give the value instead: one, or the first divided by the second."""
    words: Mapping[str, str] = types.MappingProxyType({})
    """Released words → ours."""
    any_true: bool = False
    """True where any of the keys is."""
    minimum: float | None = None


class Demand(NamedTuple):
    """Keys that must hold one of the allowed values: `("is", value)`, `("each", value)`, `("at least", field)`,
    `("equal", field)`; `default` is the value of an absent key."""

    paths: tuple[str, ...]
    allowed: tuple[tuple[str, Any], ...]
    default: Any = ABSENT


class Names(NamedTuple):
    """A tensor or module of ours, the released names of its parts, and leading axes of length 1 in the file."""

    ours: str
    theirs: tuple[str, ...]
    ones: int = 0


class Dialect(NamedTuple):
    """What one `model_type` calls one kind: `config` is the kind's dataclass, `page` where this is written."""

    config: str
    page: str
    fields: tuple[Field, ...] = ()
    demands: tuple[Demand, ...] = ()
    ignored: tuple[str, ...] = ()
    tensors: tuple[Names, ...] = ()
    stale: tuple[str, ...] = ()


class Section(NamedTuple):
    """Where a slot's fields are in config.json (key "": at the top), the model_type assumed there, other spellings."""

    key: str
    model_type: str
    words: Mapping[str, str] = types.MappingProxyType({})


class Released(NamedTuple):
    """All tables of a package. `layouts`: our prefix → released prefix, the longest match counts."""

    model_type: str
    architectures: tuple[str, ...]
    sections: Mapping[str, Section]
    dialects: Mapping[str, Mapping[str, tuple[Dialect, ...]]]
    fields: tuple[Field, ...]
    ignored: tuple[str, ...]
    layouts: Mapping[str, tuple[Names, ...]]
    stale: tuple[str, ...]
    without: tuple[str, ...] = ()
    """Fields that no variant of the page uses, and that the package has no code for."""


# fmt: off
COMMON = frozenset(
    {
        "_attn_implementation_autoset", "_commit_hash", "_name_or_path", "architectures", "bad_words_ids",
        "begin_suppress_tokens", "bos_token_id", "chunk_size_feed_forward", "decoder_start_token_id",
        "diversity_penalty", "do_sample", "dtype", "early_stopping", "encoder_no_repeat_ngram_size",
        "eos_token_id", "exponential_decay_length_penalty", "finetuning_task", "forced_bos_token_id",
        "forced_eos_token_id", "id2label", "label2id", "length_penalty", "max_length", "min_length",
        "name_or_path", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_labels",
        "num_return_sequences", "output_attentions", "output_hidden_states", "output_scores", "pad_token_id",
        "prefix", "problem_type", "remove_invalid_values", "repetition_penalty", "return_dict",
        "return_dict_in_generate", "sep_token_id", "suppress_tokens", "task_specific_params", "temperature",
        "tf_legacy_loss", "tie_encoder_decoder", "tie_last_hidden_states", "tie_word_embeddings",
        "tokenizer_class", "top_k", "top_p", "torch_dtype", "torchscript", "transformers_version", "typical_p",
        "use_bfloat16", "use_cache", "use_return_dict",
    }
)
# fmt: on
"""Keys of every released configuration that do not change what is computed, unless a table reads them."""

LARGEST = 10**12
"""No width, count or id of a model is larger."""

UNUSED = frozenset(
    {"add_cross_attention", "cross_attention_hidden_size", "is_decoder", "is_encoder_decoder", "pruned_heads"}
)
"""Keys of every released configuration that would change it if they held anything."""


def part_of(reference: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The section of that key; the whole for ""."""
    found = reference.get(key) if key else reference
    if not isinstance(found, Mapping):
        raise ValueError(  # noqa: TRY004 - a bad file, not a bad call
            f"{key} is {'missing' if found is None else short(found)}: expected an object"
        )
    return found


def find(part: Mapping[str, Any], paths: tuple[str, ...], *, null: bool = False) -> tuple[str, Any]:
    """The first of the dotted paths that is present (and, unless `null`, not null) with its value."""
    for path in paths:
        value: Any = part
        for key in path.split("."):
            value = value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
        if value is not ABSENT and (null or value is not None):
            return path, value
    return "", ABSENT


def store(part: dict[str, Any], path: str, value: Any) -> None:
    """Sets a dotted path, making the objects on the way."""
    *parents, last = path.split(".")
    for key in parents:
        inner = part.get(key)
        part[key] = dict(inner) if isinstance(inner, Mapping) else {}
        part = part[key]
    part[last] = list(value) if isinstance(value, tuple) else value


def short(value: Any) -> str:
    """A value as it stands in an error."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def typed(slot: str, kind: Any, values: Mapping[str, Any], minima: Mapping[str, float | None]) -> Any:
    """The slot's dataclass of these values; ValueError names the field and what it must be."""
    hints = typing.get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    values = {name: first_token(name, value) for name, value in values.items()}
    for name in names:
        if name in values and not _fits(values[name], hints[name]):
            raise ValueError(f"{slot}.{name} cannot be {values[name]!r}: expected {_words(hints[name])}")
        if isinstance(values.get(name), int) and abs(values[name]) > LARGEST:
            raise ValueError(f"{slot}.{name} cannot be {short(values[name])}: expected at most {LARGEST:,}")
        low = minima.get(name)
        if low is not None and isinstance(values.get(name), int | float) and values[name] < low:
            raise ValueError(f"{slot}.{name} cannot be {values[name]!r}: expected at least {low:g}")
    return kind(**{name: float(v) if hints[name] is float else v for name, v in values.items() if name in names})


def first_token(name: str, value: Any) -> Any:
    """Of several ids for one token the first."""
    return value[0] if name.endswith("_token") and isinstance(value, tuple) and value else value


def _fits(value: Any, hint: Any) -> bool:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return any(_fits(value, argument) for argument in arguments)
    if origin is typing.Literal:
        return value in arguments
    if origin is tuple:
        inner = arguments[:1] * len(value) if isinstance(value, tuple) and arguments[-1] is ... else arguments
        return isinstance(value, tuple) and len(value) == len(inner) and all(map(_fits, value, inner))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    return isinstance(value, hint) and not (hint is int and isinstance(value, bool))


def _words(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(map(str, typing.get_args(hint)))
    return getattr(hint, "__name__", str(hint)) if not typing.get_args(hint) else str(hint)


def refuse_unknown(reference: Mapping[str, Any], released: Released, chosen: Mapping[str, Dialect]) -> None:
    """Raises ValueError for a key that no table names: nothing in the file is passed over in silence."""
    known = {path for field in released.fields for path in field.paths} | {*released.ignored, "model_type"} | COMMON
    pages: dict[str, str] = {}
    for slot, dialect in chosen.items():
        key = released.sections[slot].key
        prefix = key + "." if key else ""
        pages[prefix] = dialect.page
        rows: tuple[Field | Demand, ...] = (*dialect.fields, *dialect.demands)
        read_paths = (path for row in rows for path in row.paths)
        known |= {prefix + path for path in (*read_paths, *dialect.ignored, *COMMON, "model_type")}
    for path, value in _unknown(reference, known):
        if path.rpartition(".")[2] in UNUSED and not value:
            continue
        page = pages.get(path.partition(".")[0] + ".", pages.get("", ""))
        raise ValueError(
            f"{path} is {short(value)}: no table says what this field means {f'({page})' if page else ''}".rstrip()
        )


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
