"""What the `chiasm` command can do: its verbs, their options and words. A verb imports what it needs when it runs."""

from __future__ import annotations

import enum
import re
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from chiasm import __version__, console, exits
from chiasm.regex import regex

EPILOG = (
    "Exit codes: 0 clean, 1 findings, 2 usage, 3 generated/ differs, 70 a bug of ours, 74 disk, 130 interrupted. "
    "`chiasm explain RULE` says what a finding means."
)
HEADING = regex(r"^(?:Usage|Arguments|Options|Commands):", re.MULTILINE)
NAME = regex(r"^  (-[\w-]+(?:, -[\w-]+)*|[a-z]+|[A-Z][A-Z_|:\[\]]*)(?= |$)", re.MULTILINE)
KIND = regex(r"(?<=\S) <(?:str|list\[(?:Path|str)\])>")
"""What typer adds to arguments: their Python type, which their names say better."""


def _styled(words: str) -> str:
    """Help with headings and names picked out: click's own text, since rich takes longer to import than to read."""
    words = HEADING.sub(lambda found: console.styled(found[0], "bold"), KIND.sub("", words))
    return NAME.sub(lambda found: f"  {console.styled(found[1], 'cyan')}", words)


class _Verbs(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        """The help of the command itself."""
        return _styled(super().get_help(ctx))


class _Verb(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        """The help of one verb."""
        return _styled(super().get_help(ctx))

    def get_short_help_str(self, limit: int = 0) -> str:  # noqa: ARG002, a verb's sentence is never cut
        """What the list of verbs says of it."""
        return " ".join((self.help or "").split())


app = typer.Typer(
    name="chiasm",
    cls=_Verbs,
    help="Compile survey Markdown about vision-language models into PyTorch models, a cited site, and verdicts.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


class Format(enum.StrEnum):
    """How findings are written."""

    full = "full"
    concise = "concise"
    json = "json"
    sarif = "sarif"
    github = "github"


class Shape(enum.StrEnum):
    """How figures are written."""

    full = "full"
    json = "json"


class Difference(enum.StrEnum):
    """How differences are written."""

    full = "full"
    markdown = "markdown"
    json = "json"


Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL[:VARIANT]", help="A page under knowledge/models, as llava or llava:1.5-7b; default: list them."
    ),
]


@app.callback()
def options(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug in chiasm.")] = False,
) -> None:
    """Compile survey Markdown about vision-language models into PyTorch models, a cited site, and verdicts."""
    exits.debug = debug
    if version:
        typer.echo(f"chiasm {__version__}")
        raise typer.Exit


@app.command(cls=_Verb)
@exits.guarded
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Pages or folders; default: the whole knowledge base."),
    ] = None,
    *,
    format: Annotated[Format, typer.Option(help="How findings are written.")] = Format.full,  # noqa: A002, the option's name
    fix: Annotated[bool, typer.Option("--fix", help="Apply the fixes that are safe, then check again.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would do, and change nothing.")] = False,
    show_unjudged: Annotated[
        bool, typer.Option("--show-unjudged", help="List every number without a verdict, gathered by reason.")
    ] = False,
    ratchet: Annotated[
        bool, typer.Option("--ratchet", help="Raise the shares in chiasm.toml to what is reached; never lower them.")
    ] = False,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Say how far each page is proved and anchored, worst first.")
    ] = False,
) -> int:
    """Judge what the pages say: every fact, link, citation, formula and number. Writes nothing (but see --fix)."""
    from chiasm.commands import check as command

    return command.run(
        tuple(paths or ()),
        format=format.value,
        fix=fix,
        diff=diff,
        show_unjudged=show_unjudged,
        ratchet=ratchet,
        coverage=coverage,
    )


@app.command(cls=_Verb)
@exits.guarded
def build(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 3 if generated/ is not up to date.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files edited by hand, keeping them as *.orig.")
    ] = False,
    site: Annotated[bool, typer.Option(help="Also build the site.")] = True,
    html: Annotated[bool, typer.Option(help="Turn the site's pages into HTML; MkDocs takes the longest.")] = True,
) -> int:
    """Compile knowledge/ into generated/ and the site; say what changed and what it does."""
    from chiasm.commands import build as command

    return command.run(check=check, force=force, site=site, html=html)


@app.command(cls=_Verb)
@exits.guarded
def show(model: Model = "") -> int:
    """Print a resolved spec: each value, on what evidence it stands and where, and the parameters it makes."""
    from chiasm.commands import show as command

    return command.run(model)


@app.command(cls=_Verb)
@exits.guarded
def explain(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="RULE|CLAIM|FILE:LINE",
            help="token-count, llava:1.5-7b/encoder.dim, generated/llava/config.py:40; default: list the rules.",
        ),
    ] = "",
) -> int:
    """Explain a rule, a claim (what it says, on what evidence, who uses it), or the claim behind a generated line."""
    from chiasm.commands import explain as command

    return command.run(subject)


@app.command(cls=_Verb)
@exits.guarded
def measure(
    model: Model = "",
    quantities: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUANTITY",
            help="parameters, bytes, tokens, flops, macs, cache, activations, compression; default: all.",
        ),
    ] = None,
    *,
    image: Annotated[
        list[str] | None, typer.Option(metavar="WxH", help="Size in px of an image of each row; may be given often.")
    ] = None,
    frames: Annotated[int, typer.Option(min=0, help="Each image is a video of so many frames.")] = 0,
    tiles: Annotated[int, typer.Option(min=0, max=1024, help="Each image is cut into so many tiles.")] = 0,
    tokens: Annotated[int, typer.Option(min=0, help="Tokens of a row, visual ones included; 0: and 64 of text.")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="Rows.")] = 1,
    context: Annotated[int, typer.Option(min=0, help="Places of the key/value cache; 0: as many as tokens.")] = 0,
    dtype: Annotated[str, typer.Option(metavar="NAME", help="float32, bfloat16, float16.")] = "bfloat16",
    stage: Annotated[str, typer.Option(metavar="NAME", help="A stage of training: what it trains.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this scope: encoder.mlp, total; may be given often.")
    ] = None,
    analytic: Annotated[bool, typer.Option("--analytic", help="Count alone: without torch.")] = False,
    format: Annotated[Shape, typer.Option(help="How figures are written.")] = Shape.full,  # noqa: A002
) -> int:
    """Count what a variant costs, and measure it on its package without computing: each figure with a receipt."""
    from chiasm.commands import measure as command
    from chiasm.measuring.inputs import Inputs

    images = command.images(image or ())
    asked = Inputs(images, frames, tiles, tokens, batch, context, dtype, stage)
    return command.run(model, quantities or (), asked, scopes=scope or (), analytic=analytic, form=format.value)


@app.command(cls=_Verb)
@exits.guarded
def diff(
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="REV|A..B|PATH",
            help="Since HEAD or REV; A..B; A...B since their common ancestor. Only edits of these files count.",
        ),
    ] = None,
    *,
    format: Annotated[  # noqa: A002, the option's name
        Difference,
        typer.Option(help="full: a terminal; markdown: a pull request, 60,000 characters at most; json: schema 1."),
    ] = Difference.full,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where anything follows.")] = False,
) -> int:
    """Say what edits of the documents do since a revision: facts, costs, tensors, checkpoints, verdicts that flip."""
    from chiasm.commands import diff as command

    return command.run(arguments or (), form=format.value, exit_code=exit_code)


@app.command(cls=_Verb)
@exits.guarded
def new(
    model: Annotated[
        str, typer.Argument(metavar="NAME", help="Name of the system: becomes the page's title and file name.")
    ],
    *,
    like: Annotated[str, typer.Option(metavar="MODEL", help="The system it starts from.")] = "llava",
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Draft it from a released config.json, or a Markdown document."),
    ] = None,
    origin: Annotated[str, typer.Option(metavar="URL", help="With --from: where the file was published.")] = "",
) -> int:
    """Write knowledge/models/NAME.md: a page that already passes `chiasm check`, and says what to change."""
    from chiasm.commands import new as command

    return command.run(model, like=like, source=source, origin=origin)


@app.command(cls=_Verb)
@exits.guarded
def run(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A generated package, as llava or blip-2.")],
    *,
    checkpoint: Annotated[
        str,
        typer.Option(metavar="DIR|ID", help="A directory (config.json, *.safetensors, tokenizer.json) or a Hub id."),
    ],
    prompt: Annotated[str, typer.Option(metavar="TEXT", help="What to ask.")] = "Describe the image.",
    image: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="An image file; may be given several times.")
    ] = None,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="Longest answer.")] = 128,
    device: Annotated[
        str, typer.Option(metavar="NAME", help="cpu, cuda, cuda:1 …; default: cuda where there is one.")
    ] = "",
    dtype: Annotated[str, typer.Option(metavar="NAME", help="float32, bfloat16, float16; default: as stored.")] = "",
    sample: Annotated[bool, typer.Option("--sample", help="Sample instead of taking the likeliest token.")] = False,
    temperature: Annotated[float, typer.Option(min=0.01, help="With --sample: flatter above 1, sharper below.")] = 1.0,
    top_p: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="With --sample: the smallest set with this mass.")
    ] = 1.0,
    seed: Annotated[int, typer.Option(help="With --sample: same seed, same answer.")] = 0,
) -> int:
    """Ask a generated model about images; the answer streams to the terminal. Needs `pip install 'chiasm[run]'`."""
    from chiasm.commands import run as command

    sampling: dict[str, Any] = {"temperature": temperature, "top_p": top_p, "seed": seed} if sample else {}
    question = command.Question(prompt, tuple(image or ()), max_new_tokens, sampling)
    return command.run(model, checkpoint, question, device=device, dtype=dtype)


@app.command(cls=_Verb)
@exits.guarded
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8000,
) -> int:
    """Build, show the site on this machine, and build again whenever a page changes. Control-C ends it."""
    from chiasm.commands import serve as command

    return command.run(port)
