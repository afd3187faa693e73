"""Findings that an author has seen and keeps: comments of a page in, what they hide and what is wrong with them out.

`<!-- chiasm: ignore[RULE] reason -->` is about the line it stands on, or, alone on its line, about the block below it;
`ignore-file[RULE]` is about the whole page. Reading a page makes one finding of every comment: that it hides nothing.
`sifted` takes those back that are not so. So a comment needs no place of its own in what is remembered of a page.
"""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from chiasm.configuration import Kept, configuration, unused
from chiasm.diagnostic import Diagnostic, Fix, Label
from chiasm.regex import regex
from chiasm.source import CONFIGURATION, Source
from chiasm.span import Span

WORD = "chiasm: ignore"
"""A page without it has no such comment."""
COMMENT = regex(r"<!--[ \t]*chiasm:[ \t]*(?P<verb>ignore(?:-file)?)(?P<rest>[^\n]*?)-->")
NAMED = regex(r"\[(?P<rules>[^\]]*)\][ \t]*(?P<reason>.*)")
FENCE = regex(r"[ \t>]*(?P<mark>`{3,}|~{3,})")
UNUSED, BAD = "unused-ignore", "bad-ignore"
FORM = "<!-- chiasm: ignore[RULE] why it stays -->"


class Ignore(NamedTuple):
    """One rule that a comment hides on the lines from `first` to `last`, and why."""

    rule: str
    reason: str
    span: Span
    first: int
    last: int


def comments(source: Source) -> tuple[Diagnostic, ...]:
    """One finding of every comment of a page: that it hides nothing, or what is wrong with it."""
    return tuple(_comments(source)) if WORD in source.text or "chiasm:ignore" in source.text else ()


def sifted(found: Iterable[Diagnostic], rules: Collection[str]) -> tuple[Diagnostic, ...]:
    """The findings, those that a comment hides with its reason; of the comments those that hide nothing.

    `rules` are the ids of all rules.
    """
    items = tuple(found)
    asked = defaultdict[str, list[tuple[Ignore, Diagnostic]]](list)
    for one in items:
        if one.rule == UNUSED and (read := _read(one)):
            asked[one.span.path].append((read, one))
    if not asked:
        return items
    made: list[Diagnostic] = []
    used: set[Diagnostic] = set()
    for one in items:
        over = [] if one.rule == UNUSED else [pair for pair in asked.get(one.span.path, ()) if _covers(pair[0], one)]
        used |= {comment for _, comment in over}
        made.append(replace(one, ignored=over[0][0].reason) if over else one)
    return tuple(_unknown(one, rules) if one.rule == UNUSED else one for one in made if one not in used)


def kept(found: Sequence[Diagnostic], files: Mapping[str, Source], rules: Collection[str]) -> tuple[Diagnostic, ...]:
    """All findings of a base, sorted by place: those that a comment or chiasm.toml hides with the reason.

    `files` are what stands beside the pages. What is wrong with comments and with chiasm.toml is among them.
    """
    asked, wrong = configuration(files.get(CONFIGURATION), rules)
    made = [*sifted(found, rules), *wrong]
    if asked.kept:
        covers = ((one, next((two for two in asked.kept if _keeps(two, one)), None)) for one in made)
        idle = tuple(unused(asked.kept, made))
        made = [
            replace(one, ignored=one.ignored or f"{two.reason} (chiasm.toml)") if two else one for one, two in covers
        ]
        made += idle
    return tuple(sorted(made, key=lambda one: (one.span, one.rule, one.message)))


def _keeps(asked: Kept, one: Diagnostic) -> bool:
    return asked.rule == one.rule and asked.covers(one.span.path)


def shown(found: Iterable[Diagnostic]) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...]]:
    """Findings that are to be acted on, and those that somebody keeps."""
    items = tuple(found)
    return tuple(one for one in items if not one.ignored), tuple(one for one in items if one.ignored)


def _covers(ignore: Ignore, one: Diagnostic) -> bool:
    return one.rule == ignore.rule and ignore.first <= one.span.line <= ignore.last


def _comments(source: Source) -> Iterator[Diagnostic]:
    lines = source.lines
    fence = ""
    for number, line in enumerate(lines, 1):
        if found := FENCE.match(line):
            mark = found["mark"]
            if not fence:
                fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence) and not line[found.end() :].strip():
                fence = ""
            continue
        if not fence and "<!--" in line:
            for comment in COMMENT.finditer(line):
                if line[: comment.start()].count("`") % 2 == 0:
                    yield from _comment(source.path, lines, number, comment)


def _comment(path: str, lines: Sequence[str], number: int, comment: re.Match[str]) -> Iterator[Diagnostic]:
    span = Span(path, number, comment.start() + 1, comment.end() + 1)
    named = NAMED.fullmatch(comment["rest"].strip())
    rules = [one.strip() for one in named["rules"].split(",") if one.strip()] if named else []
    reason = named["reason"].strip(" :–—-") if named else ""
    if not rules:
        yield Diagnostic(BAD, "this comment names no rule to ignore", span, help=f"write `{FORM}`")
    elif not reason:
        yield Diagnostic(
            BAD,
            f"`{rules[0]}` is ignored without a reason",
            span,
            mark="why may it stay?",
            help=f"write `{FORM.replace('RULE', ', '.join(rules))}`, or delete the comment",
        )
    else:
        first, last = _extent(lines, number, comment)
        for rule in rules:
            yield _unused(Ignore(rule, reason, span, first, last), lines)


def _extent(lines: Sequence[str], number: int, comment: re.Match[str]) -> tuple[int, int]:
    """The lines that a comment is about: the page, its own line, or where it stands alone the block that follows."""
    if comment["verb"] == "ignore-file":
        return 1, len(lines)
    if COMMENT.sub("", lines[number - 1]).strip(" \t>"):
        return number, number
    first = number + 1
    while first <= len(lines) and not COMMENT.sub("", lines[first - 1]).strip(" \t>"):
        first += 1
    if first > len(lines):
        return number, number
    fence = FENCE.match(lines[first - 1])
    last = first
    while last < len(lines) and (
        not lines[last].strip(" \t>").startswith(fence["mark"]) if fence else lines[last].strip(" \t>")
    ):
        last += 1
    return first, min(last + bool(fence), len(lines))


def _unused(ignore: Ignore, lines: Sequence[str]) -> Diagnostic:
    """What is to be said of a comment that hides nothing; `_read` reads it back."""
    span = ignore.span
    text = lines[span.line - 1]
    alone = not (text[: span.column - 1] + text[span.end - 1 :]).strip()
    through = Span(span.path, span.line, 1)
    fix = Fix(span, "") if not alone else Fix(through, "", through=span.line)
    several = text[span.column - 1 : span.end - 1].partition("]")[0].count(",")
    return Diagnostic(
        UNUSED,
        f"nothing of `{ignore.rule}` is found here that this comment could hide",
        span,
        mark=ignore.reason,
        labels=(
            Label(Span(span.path, ignore.first, 1, 2), "from this line"),
            Label(Span(span.path, ignore.last, 1, 2), "to this line"),
        ),
        help="delete its name from the comment" if several else "delete the comment",
        severity="warning",
        fix=None if several else fix,
    )


def _read(one: Diagnostic) -> Ignore | None:
    """The comment that a finding of `_unused` is about."""
    rule = one.message.partition("`")[2].partition("`")[0]
    lines = [label.span.line for label in one.labels]
    return Ignore(rule, one.mark, one.span, lines[0], lines[-1]) if rule and lines else None


def _unknown(one: Diagnostic, rules: Collection[str]) -> Diagnostic:
    """The comment's finding; where the rule does not exist, that."""
    read = _read(one)
    if read is None or read.rule in rules:
        lines = sorted({label.span.line for label in one.labels})
        return replace(one, labels=one.labels if len(lines) > 1 else ())
    near = difflib.get_close_matches(read.rule, sorted(rules), n=1)
    return Diagnostic(
        BAD,
        f"there is no rule `{read.rule}` to ignore",
        one.span,
        help=f"did you mean `{near[0]}`?" if near else "`chiasm explain` lists the rules",
    )
