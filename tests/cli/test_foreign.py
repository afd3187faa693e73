"""`chiasm check` on files of anybody and `chiasm new --from`, as a newcomer meets them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRONG = "# Notes\n\nThe Q-Former of BLIP-2 has 64 learned queries.\n"
CONFIG = {
    "model_type": "llava",
    "image_token_index": 32000,
    "projector_hidden_act": "gelu",
    "vision_feature_layer": -2,
    "vision_feature_select_strategy": "default",
    "auto_map": {"AutoModel": "evil.Model"},
    "text_config": {
        "model_type": "llama",
        "hidden_size": 2048,
        "intermediate_size": 5632,
        "num_attention_heads": 32,
        "num_key_value_heads": 4,
        "num_hidden_layers": 22,
        "rms_norm_eps": 1e-05,
        "vocab_size": 32064,
    },
    "vision_config": {
        "model_type": "clip_vision_model",
        "hidden_size": 1024,
        "image_size": 224,
        "intermediate_size": 4096,
        "num_attention_heads": 16,
        "num_hidden_layers": 24,
        "patch_size": 14,
    },
}


def chiasm(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chiasm", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the shipped knowledge base."""
    shutil.copytree(ROOT / "knowledge", tmp_path / "project" / "knowledge")
    (tmp_path / "project" / "pyproject.toml").write_text("", encoding="utf-8")
    return tmp_path / "project"


def test_a_readme_of_anybody_is_held_against_the_shipped_base(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text(WRONG, encoding="utf-8")
    (tmp_path / "knowledge").mkdir()
    done = chiasm("check", "README.md", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "--> README.md:3:" in done.stdout
    assert "::: chiasm:knowledge/models/blip-2.md:" in done.stdout
    assert done.stderr.startswith("1 file, ")
    assert not (tmp_path / ".chiasm").exists()
    assert chiasm("check", cwd=tmp_path).stdout == done.stdout


def test_what_could_not_be_judged_is_said_and_never_called_ok(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\nIt has 12 layers and 3 doors.\n", encoding="utf-8")
    (tmp_path / "b.md").write_bytes(b"\x00\x01")
    done = chiasm("check", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "2 numbers: 0 proved, 0 reported, 0 refuted, 2 not judged" in done.stderr
    assert "1 not read: file is binary" in done.stderr
    assert "nothing here says a number about a system of the knowledge base" in done.stderr
    (tmp_path / "a.md").unlink()
    assert "nothing was judged" in chiasm("check", ".", cwd=tmp_path).stderr
    (tmp_path / "b.md").unlink()
    done = chiasm("check", ".", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no pages" in done.stderr


@pytest.mark.parametrize("form", ["concise", "json", "sarif", "github"])
def test_every_format_names_the_file_as_it_was_given(tmp_path: Path, form: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "x.md").write_text(WRONG, encoding="utf-8")
    done = chiasm("check", "docs", "--format", form, cwd=tmp_path)
    assert done.returncode == 1
    assert "docs/x.md" in done.stdout
    if form in ("json", "sarif"):
        json.loads(done.stdout)


def test_a_project_s_other_pages_are_files_of_anybody(project: Path) -> None:
    (project / "README.md").write_text(WRONG, encoding="utf-8")
    done = chiasm("check", "README.md", cwd=project)
    assert done.returncode == 1
    assert "::: knowledge/models/blip-2.md:" in done.stdout
    done = chiasm("check", ".", cwd=project)
    assert done.returncode == 1
    assert "--> README.md:3:" in done.stdout
    assert " pages: " in done.stderr
    assert "1 file, " in done.stderr


def test_a_draft_from_a_configuration_passes_check(project: Path) -> None:
    file = project.parent / "config.json"
    file.write_text(json.dumps(CONFIG), encoding="utf-8")
    done = chiasm("new", "Small LLaVA", "--from", str(file), cwd=project)
    assert done.returncode == 0, done.stderr
    page = (project / "knowledge" / "models" / "small-llava.md").read_text(encoding="utf-8")
    assert "| layers | 22 | [@small-llava-config] text_config.num_hidden_layers |" in page
    assert "| context | 2048 tokens | [@transformers] llama/configuration_llama.py max_position_embeddings |" in page
    assert "= 256 | derived |" in page
    assert "TODO" in page
    assert "evil" not in page
    excerpt = json.loads((project / "knowledge" / "evidence" / "small-llava.json").read_text(encoding="utf-8"))
    assert excerpt["config"]["text_config.num_key_value_heads"] == 4
    assert not any("auto_map" in key for key in excerpt["config"])
    done = chiasm("check", "knowledge/models/small-llava.md", cwd=project)
    assert done.returncode == 0, done.stdout
    files = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and ".chiasm" not in path.parts}
    assert chiasm("new", "Small LLaVA", "--from", str(file), cwd=project).returncode == 2
    assert {path: path.read_bytes() for path in files} == files


def test_a_draft_from_a_document_takes_what_is_certain(project: Path) -> None:
    file = project.parent / "notes.md"
    file.write_text(
        "# Tiny\n\nTiny reads images of 448×448 pixels in patches of 14 pixels. Its vision encoder has 24 layers.\n"
        "The language model has a context length of 32768 tokens.\n\n"
        "Unlike LLaVA-1.5, whose language model has 32 layers, it is small, and was trained for 3 days.\n",
        encoding="utf-8",
    )
    assert chiasm("new", "Tiny", "--from", str(file), cwd=project).returncode == 0
    page = (project / "knowledge" / "models" / "tiny.md").read_text(encoding="utf-8")
    assert "| layers | 24 | [@tiny-notes] line 3 |" in page
    assert "| context | 32768 tokens | [@tiny-notes] line 4 |" in page
    assert "= 1,024 | derived |" in page
    assert "| layers | 32 |" not in page
    done = chiasm("check", "knowledge/models/tiny.md", cwd=project)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1, 2]", "holds no object"),
        ('{"a": 1, "a": 2}', "states a key twice"),
        ('{"a": NaN}', "NaN is no JSON"),
        ('{"a": ' * 100_000, "nested too deep"),
        ("{", "is no configuration"),
        ('{"model_type": "phi9"}', "model_type `phi9`"),
        ('{"model_type": "a|b\\n# c"}', "no known model_type"),
        (" " * 1_000_001, "larger than a configuration"),
    ],
)
def test_what_is_no_configuration_is_refused(project: Path, text: str, says: str) -> None:
    file = project.parent / "config.json"
    file.write_text(text, encoding="utf-8")
    done = chiasm("new", "X", "--from", str(file), cwd=project)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert not (project / "knowledge" / "models" / "x.md").exists()


def test_a_configuration_cannot_write_markdown(project: Path) -> None:
    hostile = CONFIG | {"projector_hidden_act": "x |\n\n# Owned [a](javascript:b)", "image_token_index": "<b>"}
    file = project.parent / "config.json"
    file.write_text(json.dumps(hostile), encoding="utf-8")
    assert chiasm("new", "Y", "--from", str(file), cwd=project).returncode == 0
    page = (project / "knowledge" / "models" / "y.md").read_text(encoding="utf-8")
    assert "Owned" not in page
    assert "<b>" not in page
