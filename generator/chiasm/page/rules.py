"""Our own block rules: tables, headings, paragraphs, indented code, display mathematics, front matter.

They accept what markdown-it's rules accept (GitHub's tables, CommonMark's rest), but note a leaf instead of making
tokens: the text of cells and paragraphs is read from the source later.
"""

from __future__ import annotations

from chiasm.page.state import State
from chiasm.regex import regex

_SPACE = "\t\n\x0b\x0c\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What is trimmed off a row: white space as JavaScript has it, which GitHub's and markdown-it's tables follow."""
_DELIMITERS = regex(r"(?=..)(?!-[ \t])\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*(?:\|[ \t]*)?")
"""The second row of a table; a dash alone, or before a space, begins a list."""
_HEADING = regex(r"#{1,6}(?=[ \t]|$)")
_LABEL = regex(r"\[(?:[^\[\]\\]+|\\.)*")
_UNDERLINE = regex(r"(?:-+|=+)[ \t]*$")
MAX_SPARE_CELLS = 0x10000
"""Cells that all rows of a table may miss together; a table ends before the row that misses more, as in markdown-it."""


def table(state: State, start: int, end: int, silent: bool) -> bool:
    """A row of cells, a row of dashes with as many columns, and every line up to an empty one or another block."""
    line = start + 1
    if line >= end:
        return False
    source, begins, shifts, ends = state.src, state.bMarks, state.tShift, state.eMarks
    at = begins[line] + shifts[line]
    # Most lines end here: what follows them is no row of dashes.
    if at >= ends[line] or source[at] not in "|-:" or state.sCount[line] < state.blkIndent:
        return False
    if state.is_code_block(line) or state.is_code_block(start):
        return False
    if not _DELIMITERS.fullmatch(source, at, ends[line]):
        return False
    dashes = source[at : ends[line]].strip(_SPACE)
    header = source[begins[start] + shifts[start] : ends[start]].strip(_SPACE)
    wanted = columns(dashes)
    if "|" not in header or columns(header) != wanted:
        return False
    if silent:
        return True
    outer, state.parentType = state.parentType, "table"
    (interrupts,) = state.md.block.ruler.getRules("blockquote")
    spare = 0
    line += 1
    while line < end and state.sCount[line] >= state.blkIndent:
        row = source[begins[line] + shifts[line] : ends[line]].strip(_SPACE)
        if not row or state.is_code_block(line) or interrupts(state, line, end, True):
            break
        spare += wanted - columns(row)
        if spare > MAX_SPARE_CELLS:
            break
        line += 1
    state.parentType = outer
    state.line = line
    state.note("table", start, line)
    return True


def columns(row: str) -> int:
    """The cells of a trimmed row: every pipe that no backslash precedes ends one; the outer pipes may be missing."""
    pipes = row.count("|") - row.count("\\|")
    closed = row.endswith("|") and not row.endswith("\\|")
    return pipes + 1 - row.startswith("|") - closed


def heading(state: State, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001, a rule's parameters
    """`#` to `######`, then a space or nothing."""
    found = _HEADING.match(state.src, state.bMarks[start] + state.tShift[start], state.eMarks[start])
    if found is None or state.is_code_block(start):
        return False
    if not silent:
        state.line = start + 1
        state.note("heading", start, start + 1, level=len(found.group()), info="atx")
    return True


def code(state: State, start: int, end: int, silent: bool) -> bool:
    """Lines that are indented by four spaces and more, empty ones between them included."""
    if not state.is_code_block(start):
        return False
    if not silent:
        line = stop = start + 1
        while line < end and (state.isEmpty(line) or state.is_code_block(line)):
            line += 1
            if not state.isEmpty(line - 1):
                stop = line
        state.line = stop
        state.note("fence", start, stop, text=state.getLines(start, stop, 4 + state.blkIndent, False).strip("\n"))
    return True


def may_define(state: State, start: int) -> bool:
    """Whether a line that begins with `[` may be a reference definition: its label is open, or ends in `]:`."""
    at, end = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    found = _LABEL.match(state.src, at, end)
    if found is None or found.end() == end or state.src[found.end()] == "\\":
        return True
    return state.src.startswith("]:", found.end())


def text(state: State, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001, never asked only to look
    """A paragraph, or a heading where a line of it is underlined: up to an empty line or another block."""
    outer, state.parentType = state.parentType, "paragraph"
    stop, level = _extent(state, start, end, underlined=True)
    if not level and end != state.lineMax:
        # Only a heading ends with the container's lines, a paragraph goes on lazily.
        stop, _ = _extent(state, start, state.lineMax, underlined=False)
    state.parentType = outer
    state.line = stop + 1 if level else stop
    if level:
        state.note("heading", start, stop + 1, level=level, info="setext")
    else:
        state.note("paragraph", start, stop)
    return True


def _extent(state: State, start: int, end: int, *, underlined: bool) -> tuple[int, int]:
    """The line after a text, or its underline and the level of heading that it makes (0: none)."""
    source, begins, shifts, ends = state.src, state.bMarks, state.tShift, state.eMarks
    counts, indent = state.sCount, state.blkIndent
    (interrupts,) = state.md.block.ruler.getRules("paragraph")
    line = start + 1
    while line < end and (at := begins[line] + shifts[line]) < ends[line]:
        # What is indented as code is would be, goes on here.
        if counts[line] - indent <= 3:
            mark = source[at]
            if underlined and mark in "-=" and counts[line] >= indent and _UNDERLINE.match(source, at, ends[line]):
                return line, 1 if mark == "=" else 2
            # Below zero: a block quote has asked already.
            if counts[line] >= 0 and interrupts(state, line, end, True):
                break
        line += 1
    return line, 0


def mathematics(state: State, start: int, end: int, silent: bool) -> bool:
    """`$$` to `$$`, on one line or several without an empty one."""
    if state.is_code_block(start) or not state.src.startswith("$$", state.bMarks[start] + state.tShift[start]):
        return False
    if start < state.no_math_before:
        return False
    lines: list[str] = []
    for line in range(start, end):
        written = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
        if not written:
            state.no_math_before = line
            return False
        lines.append(written)
        joined = written if line > start else written[2:]
        if joined.endswith("$$"):
            break
    else:
        state.no_math_before = end
        return False
    if not silent:
        state.line = start + len(lines)
        state.note("math", start, state.line, text="\n".join(lines)[2:-2].strip())
    return True


def front_matter(state: State, start: int, end: int, silent: bool) -> bool:
    """`---` on the first line to `---`: data about a page, as model cards have it."""
    if start != 0 or silent or state.level or state.src[: state.eMarks[0]].rstrip() != "---":
        return False
    for line in range(1, min(end, 2000)):
        if state.src[state.bMarks[line] : state.eMarks[line]].rstrip() in ("---", "..."):
            state.line = line + 1
            data = state.src[state.eMarks[0] + 1 : state.bMarks[line]].strip("\n")
            state.note("fence", 0, state.line, info="front matter", text=data)
            return True
    return False
