"""Parameters of kinds that are described only, held against what the released classes have."""

from __future__ import annotations

from chiasm.spec import count
from tests.middle.base import run_shipped

DESCRIBED = {
    ("beit-3", "base", "total"): 220_987_392,
    ("beit-3", "large", "total"): 672_702_464,
    ("blip-2-flan-t5", "flan-t5-xl", "language_model"): 2_849_757_184,
    ("blip-2-flan-t5", "flan-t5-xl", "total"): 3_942_446_592,
    ("deepseek-vl", "7b", "encoder"): 89_670_912 + 787_456 + 5_898_240 + 1 + 316_283_904,
    ("deepseek-vl", "7b", "total"): 7_343_985_921,
    ("fuyu", "8b", "total"): 9_408_238_592,
    ("idefics", "9b", "alignment"): 125_961_984,
    ("idefics", "80b", "fusion"): 13_925_422_120,
    ("idefics", "9b", "total"): 8_929_679_632,
    ("idefics", "80b", "total"): 79_967_843_624,
    ("idefics2", "8b", "alignment"): 91_750_400 + 651_468_800,
    ("idefics2", "8b", "total"): 8_402_768_112,
    ("llava-uhd", "144-13b", "alignment"): 137_840_640,
    ("openflamingo", "3b", "alignment"): 63_019_008,
    ("openflamingo", "3b", "fusion"): 24 * 36_708_354,
    ("openflamingo", "9b", "fusion"): 8 * 139_476_994,
    ("ovis-2-5", "9b", "total"): 9_174_807_784,
}
"""Elements of the released classes' parameters, counted on meta devices."""


def test_described_kinds_have_as_many_parameters_as_their_classes() -> None:
    for (system, key, scope), expected in DESCRIBED.items():
        variant = run_shipped().specs[system].variant(key)
        assert variant is not None
        assert count.scope(count.partial(variant.slots), scope) == expected, (system, key, scope)


def test_what_a_page_leaves_open_is_not_counted() -> None:
    """Flamingo's paper says nothing of its norms; MPT's tensors are not described, so OpenFlamingo has no total."""
    flamingo, open_flamingo = (run_shipped().specs[name].variants[0] for name in ("flamingo", "openflamingo"))
    assert not count.countable("alignment", flamingo.slots)
    assert not count.countable("fusion", flamingo.slots)
    assert count.parameters(open_flamingo.slots) is None
    without = {slot: one for slot, one in open_flamingo.slots.items() if slot != "language_model"}
    assert count.parameters(without) is None


def test_a_page_that_extends_another_has_its_masks() -> None:
    specs = run_shipped().specs
    assert [mask.objectives for mask in specs["blip-2-flan-t5"].masks] == [
        mask.objectives for mask in specs["blip-2"].masks
    ]
    assert specs["blip-2"].masks
