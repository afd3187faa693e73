"""Writes a plan down: a plan in, the package's files out. The compiler's own templates are the only ones it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from types import SimpleNamespace

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from chiasm.marks import placed, said, unmarked
from chiasm.plan import Plan
from chiasm.planning.literals import markdown
from chiasm.spec.registry import kinds

Files = tuple[tuple[str, str], ...]
"""Path from the project's root, text."""

COMPONENTS = Environment(
    loader=PackageLoader("chiasm", "components"),
    block_start_string="# {%",
    block_end_string="%}",
    comment_start_string="# {#",
    comment_end_string="#}",
    variable_start_string="\x00",
    variable_end_string="\x01",
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701, Python is written, not HTML
)
"""Components are Python whose block tags are comments; a variable tag cannot be written in one."""

TEMPLATES = Environment(
    loader=PackageLoader("chiasm", "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701, values are literals and words that literals.py made
)
"""Templates of the files whose shape is data."""

TEMPLATES.filters |= {"md": markdown, "says": lambda text, _: text}

MACROS = "model/parts.j2"
"""Its macros measure what they write, and are written for the line that calls them: they are not marked."""


class Marks(Extension):
    """Marks what each line of a template begins; the lexer says where that stands."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.filters = {**environment.filters, "says": said}
        self.folder = "components" if environment.block_start_string.startswith("#") else "templates"

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of a template with marks among them."""
        if stream.name == MACROS:
            yield from stream
            return
        last = 0
        for token in stream:
            if token.type == "variable_begin" and token.lineno != last:
                last = token.lineno
                yield Token(last, "data", placed(f"{self.folder}/{stream.name}", last))
            elif token.type == "data":
                pieces = token.value.split("\n")
                for number, piece in enumerate(pieces):
                    line = token.lineno + number
                    ends = number == len(pieces) - 1
                    if line != last and (piece or not ends):
                        pieces[number] = placed(f"{self.folder}/{stream.name}", line) + piece
                        last = line
                token = Token(token.lineno, "data", "\n".join(pieces))
            elif token.type == "block_end":
                last = 0
            yield token


MARKED = {one: one.overlay(extensions=[Marks]) for one in (COMPONENTS, TEMPLATES)}
"""The same templates, whose texts say where each line comes from."""

WRITTEN = {
    "__init__": "init.py.j2",
    "config": "config.py.j2",
    "budget": "budget.py.j2",
    "released": "released.py.j2",
    "processor": "processor.py.j2",
    "model": "model.py.j2",
}
"""Modules that a template writes."""

IMPORT = re.compile(r"^[ ]*from \.(\w*) import (?:\(([^)]*)\)|(.*))$", re.MULTILINE)
"""A relative import; one that spans lines stands in parentheses."""

ALWAYS = ("compiling", "parallel", "training")
"""Components of every package that no other module imports."""


def render(plan: Plan) -> Files:
    """The package's files: its modules, sorted, README.md last."""
    return tuple((path, unmarked(text)) for path, text in marked(plan))


def marked(plan: Plan) -> Files:
    """Likewise, each text with marks that say where its lines come from (`marks`).

    A module that another one imports from the package is the component of that name.
    """
    uses = gates(plan.uses)
    modules = _written(plan)
    for part in plan.parts:
        if part.component:
            modules[part.module] = _opened(part.component, uses)
    missing = [name for name in ALWAYS if name not in modules]
    while missing:
        modules |= {name: _opened(name, uses) for name in missing}
        missing = sorted({name for text in modules.values() for name in _imported(text)} - modules.keys())
    folder = f"generated/{plan.package}"
    readme = MARKED[TEMPLATES].get_template("readme.md.j2").render(plan=plan)
    return (*((f"{folder}/{name}.py", modules[name]) for name in sorted(modules)), (f"{folder}/README.md", readme))


def written(plan: Plan) -> dict[str, str]:
    """The modules that templates write, by name."""
    return {name: unmarked(text) for name, text in _written(plan).items()}


def component(name: str, uses: SimpleNamespace) -> str:
    """A component with the gates of `uses` open."""
    return unmarked(_opened(name, uses))


def _written(plan: Plan) -> dict[str, str]:
    uses = gates(plan.uses)
    return {name: MARKED[TEMPLATES].get_template(file).render(plan=plan, uses=uses) for name, file in WRITTEN.items()}


def _opened(name: str, uses: SimpleNamespace) -> str:
    """A component, marked. Packages share most of theirs: each is rendered once."""
    return _component(name, frozenset(vars(uses)), frozenset(gate for gate, is_open in vars(uses).items() if is_open))


@cache
def _component(name: str, known: frozenset[str], opened: frozenset[str]) -> str:
    return MARKED[COMPONENTS].get_template(f"{name}.py").render(uses={gate: gate in opened for gate in known})


def gates(names: frozenset[str]) -> SimpleNamespace:
    """Every gate of every kind by name: those of `names` are open."""
    return SimpleNamespace(**{name: name in names for name in sorted(_every_gate() | names)})


@cache
def _every_gate() -> frozenset[str]:
    return frozenset(gate for kind in kinds() for gate in kind.gates)


@cache
def gates_of(name: str) -> tuple[str, ...]:
    """The gates that a component's text names, sorted."""
    source, _, _ = COMPONENTS.loader.get_source(COMPONENTS, f"{name}.py") if COMPONENTS.loader else ("", None, None)
    tree = COMPONENTS.parse(source)
    return tuple(sorted({node.attr for node in tree.find_all(nodes.Getattr)}))


@lru_cache(maxsize=1_024)
def _imported(text: str) -> frozenset[str]:
    """Modules of the own package that a module imports."""
    found: set[str] = set()
    for module, several, one in IMPORT.findall(unmarked(text)):
        names = (several or one).partition("#")[0].split(",") if not module else [module]
        found.update(name.split()[0] for name in names if name.strip())
    return frozenset(found)
