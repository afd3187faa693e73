"""What a kind is: a frozen model of the facts a page states about it, and how a component is built from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from chiasm.spec.model import FieldSpec, KindSpec

Count = Annotated[int, Field(ge=0, le=10**12)]
Pixels = Annotated[int, Field(ge=1, le=10**6)]
Positive = Annotated[int, Field(ge=1, le=10**12)]
Ratio = Annotated[float, Field(gt=0, le=1e12)]
Activation = Literal["gelu", "gelu_tanh", "quick_gelu", "relu", "relu_squared", "silu"]


class Kind(BaseModel):
    """Base of every kind. A field's description is its line in the docs; `json_schema_extra={"unit": …}` its unit.

    Class attributes say how the compiler treats the kind:
    slot       the slot it fills;
    name       its name in code and in `Config` unions (`vit`, `q_former`);
    anchor     the heading in `knowledge/concepts/<page>.md` that defines it (`encoders#vision-transformer`);
    component  the file in `components/` without suffix, "" when there is none yet;
    cls        the class in that file;
    config     the name of the dataclass in a package's config.py;
    wiring     constructor arguments that are not a field of the same name: argument → `slot.field` or formula
               over fields in Python (`"encoder.dim"`), own fields bare;
    facts      fields that are documentation only: in the spec and on the site, never a constructor argument;
    gates      presence: gate name → field whose truthy value in any variant of the page switches it on;
    inputs     tensors that `forward` of the model takes because of this kind, in order;
    generated  a package can be written for a system that uses the kind (False: described, typed and checked only);
    columns    what a table's columns are: variants of the system, or stages of its training;
    fields_released  fields whose released name lives in the page's Checkpoint table rather than in the kind's own.
    """

    # Validators are built at first use: a run that changes a page or two needs few of them.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)

    slot: ClassVar[str]
    name: ClassVar[str]
    anchor: ClassVar[str]
    component: ClassVar[str] = ""
    cls: ClassVar[str] = ""
    config: ClassVar[str] = ""
    wiring: ClassVar[Mapping[str, str]] = {}
    facts: ClassVar[frozenset[str]] = frozenset()
    gates: ClassVar[Mapping[str, str]] = {}
    inputs: ClassVar[tuple[str, ...]] = ()
    generated: ClassVar[bool] = True
    columns: ClassVar[Literal["variant", "stage"]] = "variant"


@cache
def described(kind: type[Kind]) -> KindSpec:
    """A kind as plain values."""
    return KindSpec(
        kind.slot,
        kind.name,
        kind.anchor,
        kind.component,
        kind.cls,
        kind.config,
        dict(kind.wiring),
        tuple(sorted(kind.facts)),
        dict(kind.gates),
        tuple(kind.inputs),
        kind.generated,
        (kind.__doc__ or "").strip().partition("\n")[0],
        {name: _field(name, info) for name, info in kind.model_fields.items()},
    )


def _field(name: str, info: FieldInfo) -> FieldSpec:
    extra = info.json_schema_extra
    bounds = (getattr(rule, "ge", None) for rule in info.metadata)
    return FieldSpec(
        type_of(info.annotation),
        info.is_required(),
        None if info.is_required() else info.get_default(),
        info.description or name.replace("_", " "),
        str(extra.get("unit", "")) if isinstance(extra, Mapping) else "",
        next((bound for bound in bounds if bound is not None), None),
    )


def type_of(annotation: Any) -> str:
    """A field's annotation as config.py has it (`int`, `Literal['a', 'b']`, `tuple[int, ...]`, `int | None`)."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(arguments[0])
    if origin in {Union, UnionType}:
        return " | ".join(map(type_of, arguments))
    if origin is Literal:
        return f"Literal[{', '.join(map(ascii, arguments))}]"
    if origin is tuple:
        return f"tuple[{', '.join('...' if item is ... else type_of(item) for item in arguments)}]"
    if annotation is type(None):
        return "None"
    if annotation in {bool, int, float, str}:
        return str(annotation.__name__)
    msg = f"{annotation!r} has no type in generated code"
    raise TypeError(msg)
