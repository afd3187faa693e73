"""The development server: the site's files on this machine, and nothing else to anyone else."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chiasm.commands.server import Clock, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    site = tmp_path / "site"
    (site / "models").mkdir(parents=True)
    (site / "index.html").write_text("<body>home</body>", encoding="utf-8")
    (site / "models" / "llava.html").write_text("<body>llava</body>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (site / "link.txt").symlink_to(tmp_path / "secret.txt")
    made = Server(site, 0, Clock())
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join(5)


def ask(server: Server, path: str, method: str = "GET", host: str | None = None) -> tuple[int, str]:
    port = server.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", f"127.0.0.1:{port}" if host is None else host)
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_pages_are_served_and_reload_themselves(server: Server) -> None:
    status, text = ask(server, "/")
    assert status == 200
    assert "home" in text
    assert "EventSource" in text
    assert ask(server, "/models/llava.html")[1].startswith("<body>llava")
    assert ask(server, "/models/llava.html", "HEAD") == (200, "")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/models/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%5c..%5csecret.txt",
        "//etc/passwd",
        "/link.txt",
        "/%00",
        "/models",
        "/none.html",
        "/" + "a" * 5000,
        "/%ff",
    ],
)
def test_nothing_outside_the_site_is_served(server: Server, path: str) -> None:
    status, text = ask(server, path)
    assert status in (404, 414), text
    assert "secret" not in text.replace(path, "")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "", "127.0.0.1", "localhost.evil.example"])
def test_foreign_hosts_are_refused(server: Server, host: str) -> None:
    status, text = ask(server, "/", host=host)
    assert status == 421
    assert "home" not in text


def test_it_listens_on_the_loopback_address_only(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_other_methods_are_refused(server: Server) -> None:
    assert ask(server, "/", "POST")[0] == 501


def test_a_waiting_page_hears_of_a_build(tmp_path: Path) -> None:
    clock = Clock()
    heard: list[int] = []
    waiting = threading.Thread(target=lambda: heard.append(clock.wait(0, 10)))
    waiting.start()
    clock.tick()
    waiting.join(5)
    assert heard == [1]
