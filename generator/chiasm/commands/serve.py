"""`chiasm serve`: build, show the site, build again whenever a page changes."""

from __future__ import annotations

import errno
import threading

from chiasm import console
from chiasm.commands import project
from chiasm.commands.build import run as build
from chiasm.commands.server import Clock, Server
from chiasm.exits import CLEAN, USAGE, Stop

WATCHED = ("knowledge", "site", "components")


def run(port: int) -> int:
    """Serve until interrupted; a build with findings is shown and the last good site stays."""
    root = project.root()
    try:
        from watchfiles import watch
    except ImportError as error:
        raise Stop("watchfiles is not installed", hint="pip install 'chiasm[site]'") from error
    build(check=False, force=False, site=True)
    clock = Clock()
    try:
        server = Server(root / ".chiasm" / "site", port, clock)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise Stop(f"port {port} is in use", USAGE, hint="take another one: --port 0 finds a free one") from error
    threading.Thread(target=server.serve_forever, daemon=True).start()
    console.say(f"\nserving {server.address} (Control-C ends it)")
    folders = [root / name for name in WATCHED if (root / name).is_dir()]
    try:
        for _ in watch(*folders, raise_interrupt=True):
            console.say()
            build(check=False, force=False, site=True)
            clock.tick()
    except KeyboardInterrupt:
        console.say("\nstopped")
    return CLEAN
