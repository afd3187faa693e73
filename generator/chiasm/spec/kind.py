"""What a kind is: a frozen model of the facts a page states about it, and how a component is built from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from chiasm.spec.forms import Form, Known
from chiasm.spec.model import FieldSpec, KindSpec

Count = Annotated[int, Field(ge=0, le=10**12)]
Pixels = Annotated[int, Field(ge=1, le=10**6)]
Positive = Annotated[int, Field(ge=1, le=10**12)]
Ratio = Annotated[float, Field(gt=0, le=1e12)]
BOUNDS = ("ge", "gt", "le", "lt")
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


def known(kind: type[Kind]) -> Known:
    """A kind as plain values, and what each of its fields takes."""
    looks = kind.__pydantic_decorators__
    whole = not (looks.field_validators or looks.model_validators or looks.root_validators or looks.validators)
    forms = {name: _form(name, info) for name, info in kind.model_fields.items()}
    return Known(described(kind), kind.columns, forms, whole and kind.model_config == Kind.model_config)


def _form(name: str, info: FieldInfo) -> Form:
    leaves = list(_leaves(info.annotation))
    choices = tuple(leaf for leaf in leaves if isinstance(leaf, str))
    extra = info.json_schema_extra
    types = {leaf for leaf in leaves if isinstance(leaf, type)} - {tuple}
    metadata = [*info.metadata, *_inner(info.annotation)]
    bounds = [(key, getattr(rule, key)) for rule in metadata for key in BOUNDS if hasattr(rule, key)]
    lists = [one for one in (info.annotation, *get_args(info.annotation)) if get_origin(one) is tuple]
    items = get_args(lists[0]) if lists else ()
    plainly = (
        types <= {bool, int, float, str, NoneType}
        and len({*types, *([str] if choices else [])} - {NoneType}) == 1
        and len(choices) == sum(not isinstance(leaf, type) for leaf in leaves)
        and all(sum(hasattr(rule, key) for key in BOUNDS) == 1 for rule in metadata)
        and len(lists) <= 1
        and not info.validate_default
        and info.default_factory is None
    )
    return Form(
        leaves=frozenset(one.__name__ for one in types) | ({"str"} if choices else set()),
        choices=choices,
        several=tuple in leaves,
        optional=NoneType in types,
        unit=str(extra.get("unit", "")) if isinstance(extra, dict) else "",
        description=info.description or name.replace("_", " "),
        bounds=(
            max((bound for key, bound in bounds if key == "ge"), default=None),
            max((bound for key, bound in bounds if key == "gt"), default=None),
            min((bound for key, bound in bounds if key == "le"), default=None),
            min((bound for key, bound in bounds if key == "lt"), default=None),
        ),
        items=0 if Ellipsis in items else len(items),
        whole=plainly,
    )


def _leaves(annotation: object) -> Iterable[object]:
    """Types and literal choices in an annotation; `tuple` itself marks a list."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _leaves(arguments[0])
    elif origin in (Union, UnionType):
        for argument in arguments:
            yield from _leaves(argument)
    elif origin is Literal:
        yield from arguments
    elif origin is tuple:
        yield tuple
        for argument in arguments:
            if argument is not Ellipsis:
                yield from _leaves(argument)
    elif annotation is not None:
        yield annotation


def _inner(annotation: object) -> Iterable[object]:
    """Rules of the annotations within an annotation."""
    if get_origin(annotation) is Annotated:
        for one in get_args(annotation)[1:]:
            yield from one.metadata if isinstance(one, FieldInfo) else (one,)
    for argument in get_args(annotation):
        if get_origin(annotation) is not Literal:
            yield from _inner(argument)


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
