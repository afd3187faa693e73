"""Many names as one pattern: it finds what the names one after another find, and the same of several that fit."""

from __future__ import annotations

import random
import re

import pytest

from chiasm.judging.plain.alternatives import together

PARTS = ("a", "ab", "abc", "b", "Ba", "c", "1", "1.5", "2", "x")


def found(pattern: str, owners: tuple[str, ...], text: str) -> list[tuple[str, str]]:
    return [(one[0], owners[(one.lastindex or 1) - 1]) for one in re.finditer(rf"(?i)(?<![^\W_]){pattern}", text)]


@pytest.mark.parametrize("seed", range(40))
def test_it_finds_what_the_names_one_after_another_find(seed: int) -> None:
    chance = random.Random(seed)
    names = {
        "[ -]?".join(re.escape(chance.choice(PARTS)) for _ in range(chance.randint(1, 4)))
        for _ in range(chance.randint(1, 30))
    }
    ordered = sorted(((name, f"system {name}") for name in names), key=lambda one: (-len(one[0]), one[0]))
    plain = "(?:" + "|".join(f"({name})" for name, _ in ordered) + ")"
    for _ in range(50):
        text = "".join(chance.choice([*PARTS, " ", " ", "-", ".", "AB", "ba"]) for _ in range(12))
        assert found(*together(ordered), text) == found(plain, tuple(owner for _, owner in ordered), text), text


def test_what_names_begin_with_is_written_once() -> None:
    pattern, _ = together([(f"acer[ -]?b{letter}", letter) for letter in "aeiou"])
    assert pattern.count("acer") == 1
