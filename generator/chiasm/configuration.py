"""Reads `chiasm.toml`: a project's text in; what must be proved, and which findings are kept where, out.

[check]
proved = 0.38       # of all numbers, at least so many
anchored = 0.58     # of all base values

[check.ignore]
"knowledge/drops/**" = { broken-link = "drops name files as they were then" }
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from chiasm.diagnostic import Diagnostic, Found
from chiasm.regex import regex
from chiasm.source import Source
from chiasm.span import Span

ID = "bad-configuration"
KEYS = {"": ("check",), "check": ("proved", "anchored", "ignore")}
SHARE = regex(r"(proved|anchored) = (0\.\d+|[01])")
PLACE = regex(r"line (\d+), column (\d+)")


class Kept(NamedTuple):
    """Findings of a rule that are kept below some paths, and why."""

    pattern: str
    rule: str
    reason: str
    span: Span

    def covers(self, path: str) -> bool:
        """Whether a path is one of these; `*` and `**` stand for anything."""
        return fnmatchcase(path, self.pattern)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a project asks of `check`; shares are of 1."""

    proved: float = 0.0
    """Of all numbers, at least so many are proved."""
    anchored: float = 0.0
    """Of all base values, at least so many are anchored."""
    kept: tuple[Kept, ...] = ()


def configuration(source: Source | None, rules: Collection[str] = ()) -> Found[Configuration]:
    """The configuration; without a file, or where it cannot be read, that of a project that says nothing.

    `rules` are the ids of all rules.
    """
    if source is None or not source.text.strip():
        return Configuration(), ()
    if plain := _plain(source.lines):
        return plain, ()
    import tomllib  # noqa: PLC0415, most projects have nothing to read

    try:
        raw = tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        return Configuration(), (_broken(source, str(error)),)
    reader = _Reader(source, rules)
    made = reader.whole(raw)
    return made, tuple(reader.found)


def _plain(lines: Sequence[str]) -> Configuration | None:
    """A text of nothing but shares, which needs no reader of TOML; None for any other."""
    told = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    shares = [SHARE.fullmatch(line) for line in told[1:]]
    if not told or told[0] != "[check]" or not all(shares):
        return None
    named = {one[1]: float(one[2]) for one in shares if one}
    whole = len(named) == len(shares) and all(0 <= share <= 1 for share in named.values())
    return Configuration(named.get("proved", 0.0), named.get("anchored", 0.0)) if whole else None


def place(lines: Sequence[str], path: str, key: str) -> Span:
    """Where a key stands: the first line that begins with it, or names it in a table."""
    written = re.compile(rf"(?:^|[\[{{,.\s])[\"']?({re.escape(key)})[\"']?(?=\s*[=\].])")
    for number, line in enumerate(lines, 1):
        if (found := written.search(line.partition("#")[0])) and found[1]:
            return Span(path, number, found.start(1) + 1, found.end(1) + 1)
    return Span(path, 1)


class _Reader:
    """Reads what TOML has read, and notes what it does not know."""

    def __init__(self, source: Source, rules: Collection[str]) -> None:
        self.lines, self.path, self.rules = source.lines, source.path, rules
        self.found: list[Diagnostic] = []

    def whole(self, raw: Mapping[str, object]) -> Configuration:
        check = self.table("", raw).get("check", {})
        if not isinstance(check, dict):
            self.wrong("check", "`check` is a table", "write `[check]` on a line of its own")
            return Configuration()
        known = self.table("check", check)
        return Configuration(
            self.share("proved", known.get("proved", 0.0)),
            self.share("anchored", known.get("anchored", 0.0)),
            tuple(self.kept(known.get("ignore", {}))),
        )

    def table(self, name: str, raw: Mapping[str, object]) -> Mapping[str, object]:
        """The keys that are known."""
        for key in raw:
            if key not in KEYS[name]:
                near = difflib.get_close_matches(key, KEYS[name], n=1)
                where = f"`[{name}]`" if name else "chiasm.toml"
                known = ", ".join(f"`{one}`" for one in KEYS[name])
                self.wrong(
                    key, f"{where} has no key `{key}`", f"did you mean `{near[0]}`?" if near else f"write {known}"
                )
        return {key: value for key, value in raw.items() if key in KEYS[name]}

    def share(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.wrong(key, f"`{key}` is a share between 0 and 1, not {value!r}", f"write `{key} = 0.5` for one half")
            return 0.0
        return float(value)

    def kept(self, raw: object) -> Iterator[Kept]:
        form = '"docs/**" = { broken-link = "why they may stay" }'
        if not isinstance(raw, dict):
            self.wrong("ignore", "`ignore` is a table of paths", f"write `[check.ignore]`, and below it `{form}`")
            return
        for pattern, rules in raw.items():
            if not isinstance(rules, dict):
                self.wrong(pattern, f"what is ignored in `{pattern}` has no reason", f"write `{form}`")
                continue
            for rule, reason in rules.items():
                if self.rules and rule not in self.rules:
                    near = difflib.get_close_matches(rule, sorted(self.rules), n=1)
                    hint = f"did you mean `{near[0]}`?" if near else "`chiasm explain` lists the rules"
                    self.wrong(rule, f"there is no rule `{rule}` to ignore", hint)
                elif not (isinstance(reason, str) and reason.strip()):
                    self.wrong(rule, f"`{rule}` is ignored in `{pattern}` without a reason", f"write `{form}`")
                else:
                    yield Kept(pattern, rule, reason.strip(), place(self.lines, self.path, rule))

    def wrong(self, key: str, message: str, help_: str) -> None:
        self.found.append(Diagnostic(ID, message, place(self.lines, self.path, key), help=help_))


def _broken(source: Source, error: str) -> Diagnostic:
    at = PLACE.search(error)
    line, column = (int(at[1]), int(at[2])) if at else (len(source.lines), len(source.lines[-1]) + 1)
    words = PLACE.sub("", error).replace("(at )", "").replace("(at end of document)", "at the end").strip(" ().")
    return Diagnostic(
        ID,
        "this is not TOML",
        Span(source.path, line, column),
        mark=words[:1].lower() + words[1:],
        help="correct the line; https://toml.io shows the form",
    )


def unused(kept: Iterable[Kept], found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """One finding of every exception that hides nothing."""
    seen = {(one.rule, one.span.path) for one in found}
    for one in kept:
        if not any(rule == one.rule and one.covers(path) for rule, path in seen):
            message = f"nothing of `{one.rule}` is found in `{one.pattern}` that this could hide"
            yield Diagnostic("unused-ignore", message, one.span, help="delete it", severity="warning")
