"""Kinds are found by anchor and by name, and installed packages may add their own."""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from chiasm import beside
from chiasm.claiming.claim import SLOTS
from chiasm.spec import registry
from chiasm.spec.kind import Kind, Positive


class Pooling(Kind):
    """Averages neighbouring patches."""

    slot, name, anchor = "alignment", "pooling", "alignment#pooling"
    generated = False

    side: Positive


@dataclass(frozen=True)
class Point:
    name: str
    loaded: object

    def load(self) -> object:
        return self.loaded


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Point]]:
    points: list[Point] = []
    monkeypatch.setattr(beside, "announces", lambda group: group == "chiasm.kinds")
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points if group == "chiasm.kinds" else [])
    yield points
    for cached in (registry.kinds, registry.known, registry.by_name, registry.by_anchor):
        cached.cache_clear()


def clear() -> None:
    for cached in (registry.kinds, registry.known, registry.by_name, registry.by_anchor):
        cached.cache_clear()


def test_every_kind_has_a_place_of_its_own() -> None:
    assert not [key for key, times in Counter((kind.slot, kind.name) for kind in registry.kinds()).items() if times > 1]
    assert not [
        key for key, times in Counter((kind.slot, kind.anchor) for kind in registry.kinds()).items() if times > 1
    ]
    assert {kind.slot for kind in registry.kinds()} <= set(SLOTS.values())


def test_every_field_says_what_it_is() -> None:
    silent = [
        f"{kind.name}.{name}"
        for kind in registry.kinds()
        if kind.slot != "positioning"
        for name, info in kind.model_fields.items()
        if not info.description
    ]
    assert not silent


def test_a_kind_that_is_generated_names_its_component_and_config() -> None:
    for kind in registry.kinds():
        if kind.generated and kind.slot in ("encoder", "text_encoder", "alignment", "fusion", "language_model"):
            assert kind.component, kind.name
            assert kind.cls, kind.name
            assert kind.config, kind.name


def test_an_installed_package_adds_kinds(registered: list[Point]) -> None:
    registered += [Point("own", (Pooling,))]
    clear()
    found = registry.by_name("alignment", "pooling")
    assert found is not None
    assert found is registry.by_anchor("alignment#pooling")
    assert registry.cls("alignment", "pooling") is Pooling


def test_what_is_no_kind_is_refused(registered: list[Point]) -> None:
    registered += [Point("own", "pooling")]
    clear()
    with pytest.raises(TypeError, match="is not a Kind"):
        registry.kinds()
