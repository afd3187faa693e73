"""Serves the built site on this machine and reloads pages when a build changed them: a folder in, a running server out.

`mkdocs serve` would rebuild every page at each change, and it answers any `Host`: a page open in the reader's browser
could read the site through DNS rebinding. This server shows what `build` published, on the loopback address only.
"""

from __future__ import annotations

import mimetypes
import threading
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

ADDRESS = "127.0.0.1"
EVENTS = "/.events"
RELOAD = f'<script>new EventSource("{EVENTS}").onmessage = () => location.reload()</script></body>'.encode()


class Clock:
    """Counts builds; whoever waits is woken by the next one."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """Builds so far."""
        return self._count

    def tick(self) -> None:
        """A build is done: wake every waiting page."""
        with self._turn:
            self._count += 1
            self._turn.notify_all()

    def wait(self, seen: int, seconds: float) -> int:
        """The count, once it differs from `seen` or the time is over."""
        with self._turn:
            self._turn.wait_for(lambda: self._count != seen, seconds)
            return self._count


class Server(ThreadingHTTPServer):
    """Listens on the loopback address; its threads end with the process."""

    daemon_threads = True

    def __init__(self, root: Path, port: int, clock: Clock) -> None:
        super().__init__((ADDRESS, port), partial(Pages, root=root.resolve(), clock=clock))

    @property
    def address(self) -> str:
        """What to open."""
        return f"http://{ADDRESS}:{self.server_address[1]}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader who closes the page early is no news."""


class Pages(BaseHTTPRequestHandler):
    """GET and HEAD of files below one folder: no listings, no way out of it, no foreign `Host`."""

    timeout = 20

    def __init__(self, *arguments: Any, root: Path, clock: Clock) -> None:
        self.root = root
        self.clock = clock
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """A file of the site; a page gets the script that reloads it."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """The same without its body."""
        self._answer(body=False)

    def log_message(self, *_: Any) -> None:
        """Nothing: the terminal belongs to the builds."""

    def _answer(self, *, body: bool) -> None:
        port = self.connection.getsockname()[1]
        if self.headers.get("Host") not in {f"{name}:{port}" for name in (ADDRESS, "localhost")}:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "this server answers localhost only")
            return
        if urlsplit(self.path).path == EVENTS:
            self._events()
            return
        found = _file(self.root, self.path)
        if found is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        content = found.read_bytes()
        if found.suffix == ".html":
            content = content.replace(b"</body>", RELOAD)
        self._head(mimetypes.guess_type(found.name)[0] or "application/octet-stream", len(content))
        if body:
            self.wfile.write(content)

    def _events(self) -> None:
        self._head("text/event-stream", None)
        seen = self.clock.count
        while self.clock.wait(seen, 10) == seen:
            self.wfile.write(b": waiting\n\n")  # fails once the page is gone, which ends this thread
            self.wfile.flush()
        self.wfile.write(b"data: built\n\n")

    def _head(self, kind: str, length: int | None) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()


def _file(root: Path, target: str) -> Path | None:
    """The file of the site that a request target names; None for anything else."""
    try:
        name = unquote(urlsplit(target).path, errors="strict").lstrip("/")
        if "\0" in name or "\\" in name or ".." in name.split("/"):
            return None
        found = (root / name).resolve()
        found = found / "index.html" if found.is_dir() else found
        return found if found.is_relative_to(root) and found.is_file() else None
    except (OSError, ValueError):
        return None
