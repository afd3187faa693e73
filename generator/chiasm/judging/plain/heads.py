"""Judges heads by what heads are, `32 query heads and 4 key/value heads`: a sentence in, remarks out.

Query heads share key/value heads in groups of one size, so their number is a multiple; heads of one width stand side by
side, so their widths add up. No system need be known.
"""

from __future__ import annotations

from collections.abc import Iterator

from chiasm.judging.plain.remark import Remark, doubted
from chiasm.regex import regex

GROUPED = regex(
    r"(?i)(?<![\w.,/])(?P<all>\d{1,3}) (?:query|attention) heads?,? (?:and|with|sharing|share|over|for|on) "
    r"(?P<few>\d{1,3}) (?:key[-/ ]value|KV|k/v)(?: heads?)?\b"
)
SIDE_BY_SIDE = regex(
    r"(?i)(?<![\w.,/])(?P<heads>\d{1,3}) (?:\w+ )?heads of (?:width )?(?P<width>\d{2,3})(?: channels| each)?"
    r" (?:are|make|give|is) (?P<whole>\d{1,3},\d{3}|\d{2,6})(?= (?:channels|dimensions|wide)\b)"
)


def heads(text: str) -> Iterator[Remark]:
    """A remark on numbers of heads that cannot stand together."""
    if "head" not in text or doubted(text):
        return
    for found in GROUPED.finditer(text):
        many, few = int(found["all"]), int(found["few"])
        if few and many and many % few:
            reason = f"{few} key/value heads cannot be shared evenly by {many} query heads: {many} / {few} is not whole"
            parts = ((*found.span("few"), f"{few} key/value heads"),)
            yield Remark("refuted", *found.span("all"), reason, "", "write a multiple, or correct the other", parts)
    for found in SIDE_BY_SIDE.finditer(text):
        count, width, whole = (int(found[name].replace(",", "")) for name in ("heads", "width", "whole"))
        if count * width != whole:
            true = f"{count * width:,}"
            parts = ((found.start("heads"), found.end("width"), f"{count} × {width} = {true}"),)
            reason, advice = f"{count} heads of {width} are {true}", f"write {true}, or correct a factor"
            yield Remark("refuted", *found.span("whole"), reason, true, advice, parts)
