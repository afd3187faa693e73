"""Components are Python with gates that only add; what they take is what specs state and plans pass."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest
from jinja2 import nodes

from chiasm import claims, document, source
from chiasm.plan import Plan
from chiasm.planning.decide import plan
from chiasm.render import ALWAYS, COMPONENTS, TEMPLATES, WRITTEN, _imported, component, gates, gates_of, render
from chiasm.resolve import resolve
from chiasm.spec.registry import kinds

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "generator/chiasm/components"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem != "__init__")
BUILT = [kind for kind in kinds() if kind.component]


@cache
def plans() -> tuple[Plan, ...]:
    sources, _ = source.read(ROOT, "knowledge/**/*.md")
    specs, _ = resolve([claims.claims(document.parse(page))[0] for page in sources])
    return tuple(made for spec in specs if (made := plan(spec)[0]))


def keywords(name: str, cls: str) -> set[str]:
    """Keyword arguments of a component's constructor; the required fields of one that is a dataclass."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    if any("dataclass" in ast.unparse(decorator) for decorator in classes[cls].decorator_list):
        fields = [node for node in classes[cls].body if isinstance(node, ast.AnnAssign) and node.value is None]
        return {ast.unparse(field.target) for field in fields}
    inits = [node for node in classes[cls].body if isinstance(node, ast.FunctionDef) and node.name == "__init__"]
    return {argument.arg for init in inits for argument in (*init.args.kwonlyargs, *init.args.args[1:])}


@pytest.mark.parametrize("name", NAMES)
def test_a_component_holds_gates_that_only_add(name: str) -> None:
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    tree = COMPONENTS.parse(text)
    known = {"Template", "Output", "TemplateData", "If", "Getattr", "Name", "Or", "And", "Not"}
    assert {type(node).__name__ for node in tree.find_all(nodes.Node)} <= known
    assert not [gate for gate in tree.find_all(nodes.If) if gate.else_ or gate.elif_]
    assert "{{" not in text
    assert len(gates_of(name)) <= 6


@pytest.mark.parametrize("name", NAMES)
def test_a_gate_that_a_component_names_belongs_to_a_kind(name: str) -> None:
    assert set(gates_of(name)) <= {gate for kind in kinds() for gate in kind.gates}


@pytest.mark.parametrize("name", NAMES)
def test_a_component_is_the_sum_of_its_gates(name: str) -> None:
    """With every gate open the text is the source without its tags; with none it is a part of it."""
    source_lines = (FOLDER / f"{name}.py").read_text(encoding="utf-8").split("\n")
    bare = [line for line in source_lines if not line.strip().startswith("# {%")]
    assert component(name, gates(frozenset(gates_of(name)))).split("\n") == bare
    compile(component(name, gates(frozenset())), name, "exec", dont_inherit=True)


@pytest.mark.parametrize("kind", BUILT, ids=lambda kind: f"{kind.slot}.{kind.name}")
def test_a_component_takes_what_its_kind_states(kind: type) -> None:
    fields = {name for name in kind.model_fields if name not in kind.facts}  # type: ignore[attr-defined]
    assert keywords(kind.component, kind.cls) == fields | kind.wiring.keys() or (  # type: ignore[attr-defined]
        keywords(kind.component, kind.cls) - {"encoder", "alignment"} == fields | kind.wiring.keys()  # type: ignore[attr-defined]
    )


def test_a_plan_passes_what_components_take() -> None:
    seen = set()
    for made in plans():
        for part in made.parts:
            if part.component:
                passed = {argument.name for argument in part.arguments}
                assert passed == keywords(part.component, part.cls) - {"encoder", "alignment"}, part
                seen.add(part.component)
    assert len(seen) >= 12


def test_an_argument_reads_a_field_that_the_configuration_has() -> None:
    for made in plans():
        fields = {f"config.{part.slot}.{field.name}" for part in made.parts for field in part.fields}
        for part in made.parts:
            for argument in part.arguments:
                tree = ast.parse(argument.expression)
                read = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
                assert read & fields, argument
                assert {item for item in read if item.count(".") == 2} <= fields, argument


@pytest.mark.parametrize("template", [*WRITTEN.values(), "readme.md.j2"])
def test_a_template_is_short_and_reads_only_the_plan(template: str) -> None:
    text, _, _ = TEMPLATES.loader.get_source(TEMPLATES, template) if TEMPLATES.loader else ("", None, None)
    assert len(text.splitlines()) <= 80
    tree = TEMPLATES.parse(text)
    free = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    bound = {node.name for node in tree.find_all(nodes.Name) if node.ctx != "load"}
    macros = {node.name for node in tree.find_all(nodes.Macro)}
    assert free - bound - macros <= {"plan", "uses", "loop", "parts"}


def test_every_package_compiles_and_imports_only_itself_and_what_it_may() -> None:
    allowed = {"torch", "safetensors", "PIL", "tokenizers", "huggingface_hub"} | sys.stdlib_module_names
    # storage.py imports optional libraries by constant names, and replaces files whole.
    forbidden = {"pickle", "subprocess", "marshal", "shelve", "ctypes", "runpy", "socket", "urllib"}
    for made in plans():
        files = dict(render(made))
        modules = {path.rpartition("/")[2].removesuffix(".py") for path in files}
        assert modules >= {*WRITTEN, *ALWAYS}
        for path, text in files.items():
            if not path.endswith(".py"):
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and node.level:
                    names = [node.module] if node.module else [alias.name for alias in node.names]
                    assert set(names) <= modules, path
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                    roots = {name.partition(".")[0] for name in names}
                    assert not roots & forbidden, path
                    assert roots <= allowed | ({"triton"} if path.endswith("/kernels.py") else set()), path
                    # fused.py looks for triton, on CUDA only.
                    assert not roots & {"importlib", "os"} or path.endswith(("/storage.py", "/fused.py")), path


def test_no_page_line_or_path_of_this_machine_is_written() -> None:
    for made in plans():
        for path, text in render(made):
            assert ".md:" not in text, path
            assert str(ROOT) not in text, path


def test_relative_imports_are_found_as_python_reads_them() -> None:
    """Which modules a package needs is read off its text; here from its syntax tree."""
    for path in sorted((ROOT / "generated").glob("*/*.py")):
        text = path.read_text(encoding="utf-8")
        wanted = {
            name
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom) and node.level == 1
            for name in ([node.module] if node.module else [alias.name for alias in node.names])
        }
        assert _imported(text) == wanted, path
