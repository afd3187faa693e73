"""Turns every way a command can end into an exit code and one line a reader can act on."""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, ParamSpec

CLEAN, FINDINGS, USAGE, DRIFT, BUG, DISK, INTERRUPTED = 0, 1, 2, 3, 70, 74, 130
DISK_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE})

P = ParamSpec("P")
debug = False
"""Set by `--debug`: an uncaught exception shows its traceback."""


class Stop(Exception):  # noqa: N818, not an error: a command that ends early with a reason
    """Ends a command: a message for the reader and an exit code."""

    def __init__(self, message: str, code: int = USAGE, *, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def guarded(body: Callable[P, int]) -> Callable[P, None]:
    """A command's body, which returns its exit code, with every other end it may take."""

    @functools.wraps(body)
    def command(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            code = body(*arguments, **options)
            sys.stdout.flush()
        except Stop as stop:
            leave(stop.code, f"chiasm: {stop}", f"  = help: {stop.hint}" if stop.hint else "")
        except KeyboardInterrupt:
            leave(INTERRUPTED, "chiasm: interrupted; every file is whole, and the next build heals the rest")
        except BrokenPipeError:
            _leave_quietly()
        except OSError as error:
            if error.errno not in DISK_ERRORS:
                _report_bug(error)
            where = f" {error.filename}" if error.filename else ""
            leave(DISK, f"chiasm: cannot read or write{where}: {error.strerror}")
        except Exception as error:  # noqa: BLE001, the one place where a bug of ours ends
            _report_bug(error)
        raise SystemExit(code)

    return command


def leave(code: int, *lines: str) -> NoReturn:
    """Print to stderr and end."""
    for line in filter(None, lines):
        print(line, file=sys.stderr)  # noqa: T201, runs where rich may be what failed
    raise SystemExit(code)


def _leave_quietly() -> NoReturn:
    """Whoever read our output stopped reading (`| head`): that is no error of theirs or ours."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(CLEAN)


def _report_bug(error: Exception) -> NoReturn:
    import traceback  # noqa: PLC0415, only a bug needs it

    if debug:
        traceback.print_exception(error)
    first = (str(error).splitlines() or [""])[0]
    apology = f"chiasm: sorry, this is a bug in chiasm: {type(error).__name__}: {first}"
    report = Path(".chiasm", "crash.txt")
    if not report.parent.is_dir():
        leave(BUG, apology, "  = help: run it again with --debug, and report what it prints")
    try:
        report.write_text(f"{sys.argv[1:]}\n\n{''.join(traceback.format_exception(error))}", encoding="utf-8")
    except OSError:
        leave(BUG, apology)
    leave(BUG, apology, f"  = help: please report {report}, which says where it happened")
