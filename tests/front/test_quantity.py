"""Numbers: what is written is read exactly, with its unit and the rounding its digits imply."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chiasm.numbers.quantity import quantities, quantity


@pytest.mark.parametrize(
    ("text", "value", "unit", "tolerance"),
    [
        ("336 px", 336, "px", 0),
        ("1e-5", Fraction(1, 10**5), "", Fraction(1, 2 * 10**5)),
        ("188M", 188 * 10**6, "", 500_000),
        ("107,133,696", 107_133_696, "", 0),
        ("2.9%", Fraction(29, 1000), "%", Fraction(5, 10**4)),
        ("8×", 8, "×", Fraction(1, 2)),
        ("8.0 times", 8, "×", Fraction(5, 100)),
        ("≈186.7M", 186_700_000, "", 50_000),
        ("about 600 tokens", 600, "tokens", 50),
        ("-2", -2, "", 0),
        ("−2", -2, "", 0),
        ("1 / 255", Fraction(1, 255), "", 0),
        ("7B", 7 * 10**9, "", 5 * 10**8),
        ("3.8 billion parameters", 3_800_000_000, "parameters", 50_000_000),
        ("17.5 GB", 17_500_000_000, "bytes", 50_000_000),
        ("1 GiB", 2**30, "bytes", 2**29),
        ("3.5 TFLOPs", 3_500_000_000_000, "FLOPs", 50_000_000_000),
        ("0.48145466", Fraction(48145466, 10**8), "", Fraction(1, 2 * 10**8)),
        ("1.2 × 10^9", 1_200_000_000, "", 50_000_000),
        ("2 stages", 2, "stages", 0),
        ("4-bit", 4, "bits", 0),
    ],
)
def test_cells(text: str, value: Fraction | int, unit: str, tolerance: Fraction | int) -> None:
    found = quantity(text)
    assert found is not None
    assert (found.value, found.unit, found.tolerance) == (value, unit, tolerance)


@pytest.mark.parametrize(
    "text",
    ["", "gelu", "quick_gelu", "16x16", "3-D RoPE", "7B-chat", "1.2.3", "v2", "1,2", "–", "1/0", "2023-01-02", "12a"],
)
def test_what_is_no_number(text: str) -> None:
    assert quantity(text) is None


def test_a_context_in_k_has_two_readings() -> None:
    found = quantity("256K tokens")
    assert found is not None
    assert found.matches(262_144)
    assert found.matches(256_000)
    assert not found.matches(260_000)
    assert not (quantity("256K parameters") or found).matches(262_144)


def test_a_range_holds_what_lies_in_it() -> None:
    found = quantity("64–400")
    assert found is not None
    assert found.value == 64
    assert found.high == 400
    assert [found.matches(value) for value in (63, 64, 200, 400, 401)] == [False, True, True, True, False]


def test_digits_imply_the_rounding() -> None:
    found = quantity("107M")
    assert found is not None
    assert found.matches(107_133_696)
    assert not found.matches(107_600_000)
    exact = quantity("576")
    assert exact is not None
    assert not exact.matches(577)


def told(text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.quantity.unit) for one in quantities(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("BLIP-2 trains 188M of 3.1B parameters (6%).", [("188M", ""), ("3.1B", "parameters"), ("6%", "%")]),
        ("From 257 to 32 tokens, 8× fewer", [("257", "tokens"), ("32", "tokens"), ("8×", "×")]),
        ("257 → 32 tokens", [("257", "tokens"), ("32", "tokens")]),
        ("ViT-L/14 at 336×336 px", [("336", "px"), ("336 px", "px")]),
        ("16x16 patches", [("16", "patches"), ("16", "patches")]),
        ("See Table 1, §3.4 and Fig. 2", [("1", "label"), ("3.4", "label"), ("2", "label")]),
        ("Two tables. 188M is the count", [("188M", "")]),
        ("in 2023, read 2025-11-16", [("2023", "year"), ("2025-11-16", "date")]),
        ("arXiv:2301.12597", [("2301.12597", "label")]),
        ("opt-2.7b and vit_b_32, c121f04, 681bffb, Qwen3-VL", []),
        ("LLaVA 1.5 has 7B parameters", [("1.5", "label"), ("7B", "parameters")]),
        ("Thirty-two learned queries", [("Thirty-two", "queries")]),
        ("one query and three layers", [("three", "layers")]),
        ("12 image tokens", [("12", "tokens")]),
        ("14-pixel patches", [("14", "px")]),
        ("64–400 tokens", [("64–400", "tokens")]),
        ("2020–2025", [("2020–2025", "year")]),
        ("a 2-D RoPE, 3D, the 1st", [("2-D", "label"), ("3D", "label"), ("1st", "label")]),
        ("x = -5, y = −2", [("-5", ""), ("−2", "")]),
        ("$5 and 24/16 and 1:1", [("5", ""), ("24", ""), ("16", ""), ("1", ""), ("1", "")]),
        ("256K context", [("256K", "context")]),
        ("10.2B / 188M = 54", [("10.2B", ""), ("188M", ""), ("54", "")]),
    ],
)
def test_prose(text: str, numbers: list[tuple[str, str]]) -> None:
    assert told(text) == numbers


@settings(deadline=None, max_examples=500)
@given(st.text(st.sampled_from("0123456789.,-–xX×%kKMB eE+/:()abTable §\n²⁻"), max_size=60))
def test_each_digit_counts_at_most_once(text: str) -> None:
    last = 0
    for one in quantities(text):
        assert last <= one.start < one.end <= len(text)
        last = one.end
    quantity(text)


@pytest.mark.parametrize("text", ["1" * 9000, "1" + ",111" * 9000, "1e999999", "1." + "1" * 9000, "1-" * 9000])
def test_numbers_without_end_are_no_danger(text: str) -> None:
    for one in quantities(text):
        assert one.quantity.value < 10**60
    assert quantity(text) is None


@settings(deadline=None)
@given(st.integers(0, 10**15))
def test_integers_are_exact_with_and_without_commas(number: int) -> None:
    for text in (str(number), f"{number:,}"):
        found = quantity(text)
        assert found is not None
        assert found.value == number
        assert found.tolerance == 0
        assert [one.quantity.value for one in quantities(f"has {text} of it")] == [number]
