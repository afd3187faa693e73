"""Who may import what: each library in its own modules, stages in one direction, no torch in the compiler."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.back.test_again import base

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "generator" / "chiasm"

LIBRARIES = {
    "markdown_it": {"site.phrases", "page.blocks", "page.state", "site.markdown"},
    "mdit_py_plugins": {"site.markdown"},
    "bibtexparser": {"bibliography"},
    "pydantic": {"spec"},
    "pydantic_core": {"spec"},
    "jinja2": {"render", "site.templates"},
    "typer": {"verbs"},
    "rich": set[str](),
    "watchfiles": {"commands.serve"},
    "quickjs": {"site.mathematics"},
    "pygments": {"site.code"},
    "mkdocs": set[str](),
    "numpy": set[str](),
    "transformers": set[str](),
}
"""Library → the modules of chiasm that may import it; a package stands for its modules."""

RUNTIME = {"torch", "safetensors", "PIL", "tokenizers", "huggingface_hub"}
"""Libraries of the generated packages; the compiler reaches them only through a generated package."""

ORDER = (
    "span",
    "beside",
    "regex",
    "source",
    "waiting",
    "configuration",
    "suppression",
    "numbers",
    "page",
    "document",
    "bibtex",
    "bibliography",
    "evidence",
    "witness",
    "readings",
    "claiming",
    "claims",
    "face",
    "faces",
    "sharing",
    "album",
    "memory",
    "recording",
    "spec",
    "packing",
    "keeping",
    "resolving",
    "resolve",
    "graph",
    "judging",
    "measuring",
    "verdicts",
    "anchors",
    "tree",
    "rules",
    "check",
    "views",
    "rests",
    "foreign",
    "drafts",
    "settling",
    "abreast",
    "study",
    "plan",
    "planning",
    "marks",
    "render",
    "origins",
    "writing",
    "code",
    "knowledge",
    "glance",
    "alone",
    "again",
    "sketching",
    "sketch",
    "write",
    "changes",
    "emitting",
    "packages",
    "stamps",
    "pipeline",
    "diffing",
    "site",
    "commands",
    "verbs",
    "helping",
    "cli",
)
"""Stages in the order of the data: a stage imports nothing of a later one."""


def modules() -> Iterator[tuple[str, Path]]:
    """Name within the package and file of every compiler module; components are generated code's."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        if not name.startswith("components"):
            yield name, path


def imports(path: Path) -> Iterator[str]:
    """Dotted names that a file imports, wherever in the file; not those for type checkers alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_is_imported_in_its_own_modules_only(library: str) -> None:
    wrong = [
        name
        for name, path in modules()
        for imported in imports(path)
        if imported.split(".")[0] == library and not within(name, LIBRARIES[library])
    ]
    assert wrong == []


def test_the_compiler_imports_nothing_of_the_runtime() -> None:
    """But for the process that measures packages, in modules of its own, which nothing imports."""
    own = {"measuring.device"}
    others = [(name, one) for name, path in modules() if not within(name, own) for one in imports(path)]
    wrong = [name for name, one in others if one.split(".")[0] in RUNTIME or one.startswith("chiasm.measuring.device")]
    assert wrong == []


def test_imports_point_backwards_along_the_stages() -> None:
    wrong = []
    for name, path in modules():
        stage = name.split(".")[0]
        if stage not in ORDER:
            continue
        later = ORDER[ORDER.index(stage) + 1 :]
        wrong += [
            f"{name} imports {imported}"
            for imported in imports(path)
            if imported.startswith("chiasm.") and imported.split(".")[1] in later
        ]
    assert wrong == []


def test_only_the_reader_and_the_writers_open_files() -> None:
    """Stages are pure: what touches the disk is named here."""
    may = {
        "source",
        "write",
        "writing.manifest",
        "writing.stage",
        "exits",
        "cache",
        "beside",
        "site.build",
        "site.publish",
        "site.stage",
        "sharing",
        "site.mathematics",
        "commands",
        "explain",
    }
    verbs = {"read_text", "read_bytes", "write_text", "write_bytes", "open", "unlink", "mkdir", "rmtree"}
    wrong = []
    for name, path in modules():
        if within(name, may):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            verb = (
                called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
            )
            wrong += [f"{name}:{node.lineno} {verb}"] if verb in verbs else []
    assert wrong == []


TRITON = {"kernels.py": {"triton"}}
"""Where Triton is: in one component, which another imports on CUDA when it is first needed."""


def test_components_import_torch_and_their_neighbours_only() -> None:
    allowed = RUNTIME | {"__future__", "chiasm"} | set(sys.stdlib_module_names)
    wrong = [
        f"{path.name} imports {imported}"
        for path in sorted((PACKAGE / "components").glob("*.py"))
        for imported in imports(path)
        if imported and imported.split(".")[0] not in allowed | siblings(path) | TRITON.get(path.name, set())
    ]
    assert wrong == []


def siblings(path: Path) -> set[str]:
    """Modules of a generated package, which relative imports name."""
    names = {other.stem for other in path.parent.glob("*.py")}
    return names | {"config", "released", "budget", "model", "encoder", "images"}


@pytest.mark.parametrize("verb", [["--help"], ["check"], ["build", "--check"]])
def test_the_compiler_runs_without_torch(verb: list[str]) -> None:
    """In a process where importing torch, or anything of the runtime, fails."""
    forbid = (
        "import sys, importlib.abc\n"
        "class Forbidden(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.split('.')[0] in {sorted(RUNTIME)!r}: raise AssertionError('imported ' + name)\n"
        "sys.meta_path.insert(0, Forbidden())\n"
        f"sys.argv = ['chiasm', '--debug', *{verb!r}] if {verb!r} != ['--help'] else ['chiasm', '--help']\n"
        "from chiasm.cli import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", forbid],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "100"},
    )
    # What the verb finds is for other tests; a forbidden import ends as a bug.
    assert done.returncode in (0, 1, 3), done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout or done.stderr


@pytest.mark.parametrize("verb", [["check"], ["build", "--no-html"]])
def test_a_paragraph_more_resolves_nothing(verb: list[str], tmp_path: Path) -> None:
    """A run after such an edit takes every spec as it was kept: it imports neither pydantic nor what resolves."""
    texts = base()
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "chiasm.toml").touch()
    run = (
        "import sys\n"
        f"sys.argv = ['chiasm', *{verb!r}]\n"
        "from chiasm.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(*sorted({'pydantic', 'chiasm.resolve'} & sys.modules.keys()), 'end')\n"
    )

    def imported() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ
        )
        return done.stdout.split("\n")[-2].split()

    # A check keeps what it found where a build has been.
    built = [sys.executable, "-m", "chiasm", "build", "--no-site"]
    subprocess.run(built, cwd=tmp_path, capture_output=True, check=False)
    assert imported()[-1:] == ["end"]
    notes = tmp_path / "knowledge/surveys/notes.md"
    notes.write_text(notes.read_text(encoding="utf-8") + "\nCLIP reads 257 tokens.\n", encoding="utf-8")
    assert imported() == ["end"]
    notes.write_text(notes.read_text(encoding="utf-8") + "\n## Third\n", encoding="utf-8")
    # What kinds take is known without their classes, but for the very first run.
    assert "chiasm.resolve" in imported()
