"""The text of a block and the inlines found in it so far: pieces with their places in, nodes with exact spans out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from chiasm.page.emphasis import Marks, pair
from chiasm.page.inline import Inline, Piece, Text
from chiasm.page.reference import MAX_LABEL
from chiasm.span import Span


class Run:
    """The pieces of a block put together; `nodes` grow from left to right."""

    def __init__(self, path: str, pieces: Sequence[Piece]) -> None:
        self.path = path
        self.text = "".join([piece.text for piece in pieces]) if len(pieces) != 1 else pieces[0].text
        # For each piece: its line, where it starts, how far columns are ahead of positions, where its own text stops.
        self.lines: list[int] = []
        self.starts: list[int] = []
        self.shifts: list[int] = []
        self.stops: list[int] = []
        offset = 0
        for text, line, column in pieces:
            self.lines.append(line)
            self.starts.append(offset)
            self.shifts.append(column - offset)
            self.stops.append(offset + len(text) - text.endswith("\n"))
            offset += len(text)
        # The pieces of a cell stand on one line; those of other blocks on one each.
        self.cut = len(pieces) > 1 and pieces[0].line == pieces[1].line
        self.nodes: list[Inline | Marks] = []
        # Whether marks of emphasis are among the nodes.
        self.marked = False

    def span(self, start: int, end: int) -> Span:
        """The place of the characters `start` to `end`, as far as they stand on one line."""
        first = last = bisect_right(self.starts, start) - 1
        if self.cut:
            last = max(first, bisect_right(self.starts, end - 1) - 1)
        column = self.shifts[first] + start
        stop = self.shifts[last] + min(end, self.stops[last])
        return Span(self.path, self.lines[first], column, max(column, stop))

    def add_text(self, start: int, end: int, text: str | None = None) -> None:
        """Adds text[start:end], one node a line and a piece, so that every span is exact."""
        if text is not None:
            # An escape may begin in one piece and end in the next.
            self.nodes.append(Text(text, self.span(start, end)))
            return
        while start < end:
            piece = bisect_right(self.starts, start) - 1
            stop = min(end, self.starts[piece + 1]) if piece + 1 < len(self.starts) else end
            shift = self.shifts[piece]
            column, last = shift + start, shift + min(stop, self.stops[piece])
            span = Span(self.path, self.lines[piece], column, max(column, last))
            self.nodes.append(Text(self.text[start:stop], span))
            start = stop

    def settled(self, first: int) -> list[Inline]:
        """The nodes from `first` on, emphasis paired: pairs vanish, what pairs with nothing is text."""
        nodes = self.nodes[first:] if first else self.nodes
        if self.marked:
            pair(nodes)
        settled: list[Inline] = []
        last: Inline | None = None
        for node in nodes:
            if isinstance(node, Marks):
                left = node.length - node.used
                if not left:
                    continue
                node = Text(node.character * left, self.span(node.position, node.position + left))
            if isinstance(node, Text) and isinstance(last, Text) and _touch(last, node):
                span = Span(self.path, last.span.line, last.span.column, node.span.end)
                settled[-1] = last = Text(last.text + node.text, span)
            else:
                settled.append(node)
                last = node
        return settled


def _touch(one: Text, other: Text) -> bool:
    same = one.span.line == other.span.line and one.span.end == other.span.column
    # Pieces of one run only: a text that grows without end would be copied again and again.
    return same and not one.text.endswith("\n") and len(one.text) < MAX_LABEL
