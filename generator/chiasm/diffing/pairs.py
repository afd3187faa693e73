"""Pairs what two states call differently: systems and variants that have another name but say what they said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chiasm.spec.model import ModelSpec, VariantSpec

ALIKE = 0.9
"""Share of facts that two must have in common to be one under two names."""

Pairs = tuple[tuple["VariantSpec", "VariantSpec"], ...]
Facts = frozenset[tuple[str, str, str]]


def variants(old: ModelSpec, new: ModelSpec) -> tuple[tuple[VariantSpec | None, VariantSpec | None], ...]:
    """Every variant of either state with what it is in the other, in the order of the new page, then what is gone."""
    before = {one.key: one for one in old.variants}
    after = {one.key: one for one in new.variants}
    gone = {key: _facts(one) for key, one in before.items() if key not in after}
    came = {key: _facts(one) for key, one in after.items() if key not in before}
    renamed = {new_key: old_key for old_key, new_key in alike(gone, came).items()}
    kept = tuple((before.get(renamed.get(key, key)), one) for key, one in after.items())
    left = tuple((one, None) for key, one in before.items() if key in gone and key not in renamed.values())
    return (*kept, *left)


def unclear(variant: VariantSpec) -> tuple[str, ...]:
    """Slots whose facts do not fit together: what follows from the variant is not known."""
    return tuple(dict.fromkeys(slot for slot, _ in variant.entries if slot not in variant.slots))


def clear(paired: Iterable[tuple[VariantSpec | None, VariantSpec | None]]) -> Pairs:
    """Variants of both states that both understand."""
    return tuple((was, now) for was, now in paired if was and now and not (unclear(was) or unclear(now)))


def systems(old: Mapping[str, ModelSpec], new: Mapping[str, ModelSpec]) -> dict[str, str]:
    """Systems that are gone by name, with those that came and say the same."""
    return alike(
        {name: _all(one.variants) for name, one in old.items()}, {name: _all(one.variants) for name, one in new.items()}
    )


def alike(gone: Mapping[str, Facts], came: Mapping[str, Facts]) -> dict[str, str]:
    """Names that are gone with those that came in their place: the most alike first, each once."""
    close = sorted(
        ((-_share(was, now), a, b) for a, was in gone.items() for b, now in came.items() if _share(was, now) >= ALIKE)
    )
    found: dict[str, str] = {}
    for _, a, b in close:
        if a not in found and b not in found.values():
            found[a] = b
    return found


def _facts(variant: VariantSpec) -> Facts:
    return frozenset((slot, name, repr(entry.value)) for (slot, name), entry in variant.entries.items())


def _all(several: Iterable[VariantSpec]) -> Facts:
    numbered = ((place, fact) for place, one in enumerate(several) for fact in _facts(one))
    return frozenset((slot, name, f"{place} {value}") for place, (slot, name, value) in numbered)


def _share(first: Facts, second: Facts) -> float:
    return len(first & second) / max(len(first | second), 1)


def listed(names: Sequence[str], every: Sequence[str]) -> str:
    """Names of variants in words: `all variants` where these are all, and there are several."""
    return "all variants" if len(names) > 1 and set(names) >= set(every) else ", ".join(names)
