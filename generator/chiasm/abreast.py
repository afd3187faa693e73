"""Reads and judges pages side by side: a study and paths in; records, faces and drafts of forked processes out.

What a process could not know of the pages that another one reads makes a record not hold, so what is found out does not
depend on their number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chiasm.album import written as as_json
from chiasm.drafts import Maker, packed, unpacked
from chiasm.memory import Judged, Memory
from chiasm.recording import remembered, written
from chiasm.sharing import Made, Spool, shared

if TYPE_CHECKING:
    from chiasm.study import Study


def read(study: Study, paths: Sequence[str], workers: int) -> Iterator[Memory]:
    """Read and judge pages against what is known by now; each part's records have a table of their own."""
    draft = study.drafting(study.graph, tuple(study.sources)) if study.drafting else None
    for made in shared(partial(_read, study, draft), paths, workers):
        text, faces, drafts = unpacked(made)
        part = remembered(text)
        study.memory.pages |= part.pages
        for path, seen in faces:
            study.memory.album.hold(path, part.pages[path].digest, seen)
        study.drafts |= drafts
        yield part


def _read(study: Study, draft: Maker | None, paths: Sequence[str], spool: Spool) -> bytes:
    """Records of some pages, and drafts of those that nothing but themselves and their records decide."""
    part, drafts, faces = Memory(), [], []
    for path in paths:
        page = part.pages[path] = study.memory.pages[path] = study.taken(path)
        if "/drops/" not in path:
            # A drop is held against whole pages, which are not read yet.
            page.judged = study.judged(path, part.table)
            if draft and (made := draft(path)):
                drafts.append((path, made))
        if not page.brief.assertion:
            study.pages.forget(path)
        seen = Made(spool, *spool.put(as_json(study.graph.faces[path]).encode()))
        study.memory.album.hold(path, page.digest, seen)
        faces.append((path, seen))
    return packed(written(part), faces, drafts, spool)


def judge(study: Study, paths: Sequence[str], workers: int) -> Iterator[tuple[str, Judged]]:
    """Judge pages, all of which are read; what each rests on is numbered by the study's table."""
    table = study.memory.table
    for made in shared(partial(_judge, study), paths, workers):
        part = remembered(made.data.decode())
        names = list(part.table.digests)
        for path, one in part.pages.items():
            reads = table.reads((names[int(number)] for number in one.judged.reads), study.now.of)
            yield path, one.judged._replace(reads=reads)


def _judge(study: Study, paths: Sequence[str], _: Spool) -> bytes:
    part = Memory()
    for path in paths:
        part.pages[path] = replace(study.memory.pages[path], judged=study.judged(path, part.table))
    return written(part).encode()
