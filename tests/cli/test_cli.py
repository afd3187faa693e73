"""The command line as a user meets it: what it prints, and how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VERBS = ("check", "build", "show", "explain", "measure", "new", "run", "serve")
WRONG = ("| layers | 32 | 40 | 32 | 40 |", "| layers | 32 | 40 | 33 | 40 |")


def chiasm(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chiasm", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "120"} | environment,
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the shipped knowledge base, built."""
    folder = tmp_path_factory.mktemp("built")
    for name in ("knowledge", "generated", "site"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "pyproject.toml").write_text("", encoding="utf-8")
    done = chiasm("build", "--no-site", cwd=folder)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture
def project(built: Path, tmp_path: Path) -> Path:
    """The same, free to be changed."""
    return Path(shutil.copytree(built, tmp_path / "project"))


def edit(project: Path, page: str, old: str, new: str) -> Path:
    path = project / "knowledge" / page
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_help_names_every_verb() -> None:
    done = chiasm("--help")
    assert done.returncode == 0
    assert [verb for verb in VERBS if f" {verb} " not in done.stdout] == []
    assert "130 interrupted" in " ".join(done.stdout.split())


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    done = chiasm(verb, "--help")
    assert done.returncode == 0
    assert f"chiasm {verb}" in done.stdout.replace("python -m ", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("check", "--format", "xml"),
        ("check", "no/such/page.md"),
        ("show", "nobody"),
        ("show", "llava:9b"),
        ("explain", "no-such-rule"),
        ("explain", "llava/encoder.nothing"),
        ("explain", "generated/llava/config.py:99999"),
        ("new", "!!!"),
        ("new", "llava"),
        ("new", "x", "--like", "../../etc"),
        ("run", "nothing", "--checkpoint", "."),
        ("run", "llava", "--checkpoint", ".", "--dtype", "int3"),
        ("run", "llava", "--checkpoint", ".", "--image", "none.png"),
        ("serve", "--port", "70000"),
    ],
)
def test_usage_errors_end_with_2_and_say_why(arguments: tuple[str, ...]) -> None:
    done = chiasm(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_the_shipped_base_is_clean() -> None:
    done = chiasm("check")
    assert done.returncode == 0, done.stdout
    assert "no findings" in done.stderr
    assert " 0 refuted" in done.stderr


@pytest.mark.parametrize("form", ["full", "concise", "json", "sarif", "github"])
def test_findings_end_with_1_in_every_format(project: Path, form: str) -> None:
    page = edit(project, "models/llava.md", *WRONG)
    line = (
        page.read_text(encoding="utf-8")
        .split("\n")
        .index(next(row for row in page.read_text(encoding="utf-8").split("\n") if WRONG[1] in row))
    )
    done = chiasm("check", "--format", form, cwd=project)
    assert done.returncode == 1
    assert "models/llava.md" in done.stdout
    if form in ("json", "sarif"):
        json.loads(done.stdout)
    assert "\x1b" not in done.stdout
    assert line > 0


def test_one_page_may_be_asked_about(project: Path) -> None:
    edit(project, "models/llava.md", *WRONG)
    assert chiasm("check", "knowledge/models/clip.md", cwd=project).returncode == 0
    assert chiasm("check", "models/llava.md", cwd=project / "knowledge").returncode == 1


def test_a_page_from_elsewhere_is_judged_against_the_shipped_base(tmp_path: Path) -> None:
    text = (ROOT / "knowledge" / "models" / "llava.md").read_text(encoding="utf-8")
    page = tmp_path / "llava.md"
    page.write_text(text, encoding="utf-8")
    assert chiasm("check", str(page), cwd=tmp_path).returncode == 0
    page.write_text(text.replace(*WRONG), encoding="utf-8")
    done = chiasm("check", str(page), cwd=tmp_path)
    assert done.returncode == 1
    assert f"--> {page}:" in done.stdout


def test_nothing_is_never_called_ok(tmp_path: Path) -> None:
    (tmp_path / "knowledge").mkdir()
    done = chiasm("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "no pages" in done.stderr


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", ""),
        (b"\x89PNG\x00\x01", "binary"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"caf\xe9", "UTF-8"),
        (b"# Big\n\n" + b"word " * 1_000_000, ""),
    ],
    ids=["empty", "binary", "utf-16", "latin-1", "5 MB"],
)
def test_strange_pages_are_findings_and_not_crashes(project: Path, content: bytes, says: str) -> None:
    page = project / "knowledge" / "models" / "strange.md"
    page.write_bytes(content)
    before = {path: path.read_bytes() for path in (project / "generated").rglob("*.py")}
    done = chiasm("build", "--no-site", cwd=project)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    if says:
        assert done.returncode == 1
        assert says in done.stdout
        assert "strange.md" in done.stdout
    assert {path: path.read_bytes() for path in (project / "generated").rglob("*.py")} == before
    assert page.read_bytes() == content


def test_build_says_what_a_changed_number_does(project: Path) -> None:
    assert chiasm("build", "--no-site", cwd=project).returncode == 0
    edit(project, "models/llava.md", *WRONG)
    done = chiasm("build", "--no-site", cwd=project)
    assert done.returncode == 1
    assert "generated/llava/config.py +1 −0" in done.stdout, "32 is what the first variant says; 33 is said here"
    assert "7,063,427,072 →" in done.stdout
    assert "is refuted" in done.stdout
    config = (project / "generated" / "llava" / "config.py").read_text(encoding="utf-8")
    assert "layers=33,  # llava:1.5-7b/language_model.layers" in config


def test_drift_ends_with_3_and_writes_nothing(project: Path) -> None:
    edit(project, "models/llava.md", *WRONG)
    target = project / "generated" / "llava" / "config.py"
    before = target.read_bytes()
    done = chiasm("build", "--check", cwd=project)
    assert done.returncode == 3
    assert "generated/llava/config.py" in done.stdout
    assert target.read_bytes() == before


def test_a_file_edited_by_hand_is_reported_and_kept(project: Path) -> None:
    chiasm("build", "--no-site", cwd=project)
    target = project / "generated" / "llava" / "config.py"
    target.write_text(target.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    done = chiasm("build", "--no-site", cwd=project)
    assert done.returncode == 1
    assert "generated/llava/config.py" in done.stdout
    assert "| # mine" in done.stdout, "the line as it stands"
    assert target.read_text(encoding="utf-8").endswith("# mine\n")
    assert chiasm("build", "--no-site", "--force", cwd=project).returncode == 0
    assert not target.read_text(encoding="utf-8").endswith("# mine\n")


def test_a_second_build_does_nothing(project: Path) -> None:
    chiasm("build", "--no-site", cwd=project)
    assert "nothing had changed" in chiasm("build", "--no-site", cwd=project).stdout


def test_a_new_page_passes_and_is_never_written_over(project: Path) -> None:
    assert chiasm("new", "Tiny Eye", "--like", "llava", cwd=project).returncode == 0
    page = project / "knowledge" / "models" / "tiny-eye.md"
    assert page.read_text(encoding="utf-8").startswith("# Tiny Eye\n")
    done = chiasm("check", cwd=project)
    assert done.returncode == 0, done.stdout
    assert chiasm("new", "Tiny Eye", cwd=project).returncode == 2


def test_a_page_that_goes_again_takes_its_package_along(project: Path) -> None:
    chiasm("build", "--no-site", cwd=project)
    chiasm("new", "Tiny Eye", cwd=project)
    assert chiasm("build", "--no-site", cwd=project).returncode == 0
    assert (project / "generated" / "tiny_eye" / "config.py").is_file()
    (project / "knowledge" / "models" / "tiny-eye.md").unlink()
    assert chiasm("build", "--check", cwd=project).returncode == 3, (
        "the pages are as in an earlier build, the code is not"
    )
    done = chiasm("build", "--no-site", cwd=project)
    assert "removed" in done.stdout
    assert not (project / "generated" / "tiny_eye" / "config.py").exists()


def test_show_alone_lists_the_systems_and_a_system_its_variants() -> None:
    assert re.search(r"^  llava +1\.0-7b, 1\.0-13b, 1\.5-7b, 1\.5-13b$", chiasm("show").stdout, re.MULTILINE)
    assert re.search(r"^  1\.5-7b +mlp +7,063,427,072$", chiasm("show", "llava").stdout, re.MULTILINE)


def test_explain_alone_lists_the_rules() -> None:
    done = chiasm("explain")
    assert done.returncode == 0
    assert re.search(r"^  token-count +The tokens", done.stdout, re.MULTILINE)


def test_show_says_where_each_value_comes_from() -> None:
    done = chiasm("show", "llava:1.5-7b")
    assert done.returncode == 0
    assert "7,063,427,072" in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.strip().startswith("image_size"))
    assert "336" in row
    assert "knowledge/models/clip.md:" in row


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("formula-result", "ormula"),
        ("llava:1.5-7b/language_model.layers", "knowledge/models/llava.md:"),
        # A preset that says what its base says has no line of its own.
        ("llava:1.5-7b/encoder.feature_layer", "which says the same of llava:1.0-7b/encoder.feature_layer"),
    ],
)
def test_explain(subject: str, says: str) -> None:
    done = chiasm("explain", subject)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout


def test_explain_names_the_claim_behind_a_generated_line() -> None:
    lines = (ROOT / "generated" / "llava" / "config.py").read_text(encoding="utf-8").splitlines()
    number = next(number for number, line in enumerate(lines, 1) if "llava:1.0-7b/language_model.layers" in line)
    done = chiasm("explain", f"generated/llava/config.py:{number}")
    assert done.returncode == 0
    assert "llava:1.0-7b/language_model.layers = 32" in done.stdout


def test_a_bug_is_ours(tmp_path: Path) -> None:
    code = "import chiasm.commands.check as c, sys\nfrom chiasm.cli import main\n"
    code += "def boom(*a, **k): raise RuntimeError('x')\n"
    code += "c.run = boom\nsys.argv = ['chiasm', 'check']\nmain()\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "bug in chiasm" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_ends_with_74(tmp_path: Path) -> None:
    code = "import chiasm.commands.check as c, errno, sys\nfrom chiasm.cli import main\n"
    code += "def full(*a, **k): raise OSError(errno.ENOSPC, 'No space left on device', 'generated/x.py')\n"
    code += "c.run = full\nsys.argv = ['chiasm', 'check']\nmain()\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 74
    assert "generated/x.py: No space left" in done.stderr


def test_an_interrupt_ends_with_130(tmp_path: Path) -> None:
    code = "import chiasm.commands.check as c, signal, sys, time\nfrom chiasm.cli import main\n"
    # Whoever runs the tests in the background has interrupts ignored, and its children inherit that.
    code += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "def wait(*a, **k): print('ready', flush=True); time.sleep(60)\n"
    code += "c.run = wait\nsys.argv = ['chiasm', 'check']\nmain()\n"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "interrupted" in errors


def test_a_reader_who_stops_reading_is_no_error(project: Path) -> None:
    edit(project, "models/llava.md", *WRONG)
    done = subprocess.run(
        f"{sys.executable} -m chiasm show llava:1.5-7b | head -n 1",
        shell=True,
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


@pytest.mark.parametrize("environment", [{"LC_ALL": "C"}, {"NO_COLOR": "1"}, {"COLUMNS": "40"}, {"TERM": "dumb"}])
def test_any_terminal_will_do(environment: dict[str, str]) -> None:
    done = chiasm("show", "llava", **environment)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
