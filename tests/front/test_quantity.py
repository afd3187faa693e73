"""Numbers: what is written is read exactly, with its unit and the rounding its digits imply."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chiasm.numbers import context
from chiasm.numbers.patterns import BEFORE, WORD, WORD_BEFORE, worth
from chiasm.numbers.quantity import quantities, quantity
from chiasm.numbers.units import WORDS


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


def test_letters_that_only_fold_to_those_of_a_number_are_no_number() -> None:
    assert told("\u017fix tokens, s\u0130x tokens, \u017feven, six tokens") == [("six", "tokens")]


SPELLED = st.lists(
    st.sampled_from([*WORDS, "often", "tens", "someone", "-", "-", " ", " ", ",", "3", "x", "_"]), max_size=8
).map("".join)


@settings(deadline=None, max_examples=300)
@given(SPELLED, st.sampled_from([str.lower, str.upper, str.title]))
def test_words_are_found_in_either_case(text: str, written: type[str]) -> None:
    naive = re.compile(r"\b(?:" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
    text = written(text)
    assert [one.span() for one in WORD.finditer(text)] == [one.span() for one in naive.finditer(text)]


LEADS = ("about ", "Nearly ", "approx. ", "ca. ", "≈", "~ ", "-", "−", "+", "±", "Table", "stage", "LLaVA", "v", "fig.")
AROUND = st.lists(st.sampled_from([*LEADS, *" .#(§©\n aé_1/= "]), max_size=9).map("".join)


@settings(deadline=None, max_examples=600)
@given(AROUND)
@example(" ")
@example("about \n")
@example("about  \n")
@example("Table. ")
def test_short_cuts_before_a_number_skip_nothing(text: str) -> None:
    start = len(text)
    for reach in (3, 24, 40):
        found, naive = context._word_before(text + "5", start, reach), WORD_BEFORE.search(text, max(0, start - reach))
        assert (found and found.span()) == (naive and naive.span())
    before = BEFORE.search(text, max(0, start - 16))
    assert before is not None
    first, about, sign = context.led(text + "5", start)
    assert about == (before["about"] is not None)
    assert sign in (None, before["sign"])
    if about:
        assert first == before.start()


@settings(deadline=None)
@given(st.from_regex(r"\d{1,12}(\.\d{1,9})?(e[+-]?\d{1,2})?", fullmatch=True, alphabet="0123456789.e+-"))
def test_decimals_are_worth_what_they_say(text: str) -> None:
    value, step = worth(text)
    assert value == Fraction(text)
    digits, _, exponent = text.partition("e")
    assert step == Fraction(10) ** (int(exponent or 0) - len(digits.partition(".")[2]))
