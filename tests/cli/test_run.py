"""`chiasm run` with a checkpoint that transformers saved, a tokenizer trained here, and real image files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import transformers as tf
from PIL import Image
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil

from tests.cli.test_cli import ROOT, chiasm
from tests.parity import references
from tests.test_processor import photos, tokenizer

PROMPT = "what is in the picture?"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny LLaVA with its processor, in the layout of released directories."""
    folder = tmp_path_factory.mktemp("checkpoint")
    tokens = tokenizer(["<unk>", "<pad>", "<s>", "</s>", "<image>"], begin="<s>", metaspace=True)
    text = {**references.LLAMA, "vocab_size": 400}
    # Seeded, since with other weights the answer may be white space alone.
    model = references.seeded(lambda: references.llava(image_token_index=4, text_config=text))()
    model.save_pretrained(folder)  # type: ignore[operator]
    images = LlavaImageProcessorPil(size={"shortest_edge": 30}, crop_size={"height": 30, "width": 30})
    processor = tf.LlavaProcessor(
        images, tokens, patch_size=10, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    processor.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return photos(tmp_path_factory.mktemp("photos"))


def expected(checkpoint: Path, image: Path, count: int) -> str:
    """What the reference answers to the same question."""
    model = tf.LlavaForConditionalGeneration.from_pretrained(checkpoint).eval()
    processor = tf.AutoProcessor.from_pretrained(checkpoint, backend="pil")
    given = processor(
        images=Image.open(image).convert("RGB"), text=f"USER: <image>\n{PROMPT} ASSISTANT:", return_tensors="pt"
    )
    with torch.no_grad():
        ids = model.generate(**given, max_new_tokens=count, do_sample=False)
    return str(processor.decode(ids[0, given["input_ids"].shape[1] :], skip_special_tokens=True))


@pytest.mark.parametrize("number", [0, 1], ids=["png", "jpeg"])
def test_the_answer_is_the_references(checkpoint: Path, files: list[Path], number: int) -> None:
    done = chiasm(
        "run",
        "llava",
        "--checkpoint",
        str(checkpoint),
        "--image",
        str(files[number]),
        "--prompt",
        PROMPT,
        "--max-new-tokens",
        "12",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == expected(checkpoint, files[number], 12).strip()


def test_sampling_repeats_with_its_seed(checkpoint: Path, files: list[Path]) -> None:
    def ask(seed: str) -> str:
        done = chiasm(
            "run",
            "llava",
            "--checkpoint",
            str(checkpoint),
            "--image",
            str(files[0]),
            "--prompt",
            PROMPT,
            "--sample",
            "--temperature",
            "2",
            "--seed",
            seed,
            "--max-new-tokens",
            "16",
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert ask("1") == ask("1") != ask("2")


def test_what_is_wrong_with_a_file_is_said_in_a_line(checkpoint: Path, files: list[Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(files[0].read_bytes()[:200])
    done = chiasm("run", "llava", "--checkpoint", str(checkpoint), "--image", str(broken), "--prompt", PROMPT)
    assert done.returncode == 1
    assert "broken.png" in done.stderr
    assert "Traceback" not in done.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    done = chiasm("run", "llava", "--checkpoint", str(empty), "--image", str(files[0]), "--prompt", PROMPT)
    assert done.returncode == 1
    assert str(empty) in done.stderr


def test_a_contrastive_package_has_no_answers(checkpoint: Path) -> None:
    done = chiasm("run", "clip", "--checkpoint", str(checkpoint))
    assert done.returncode == 2
    assert "compares images with texts" in done.stderr


def test_the_lines_of_the_readme_run_as_they_stand(checkpoint: Path, files: list[Path], tmp_path: Path) -> None:
    """Beside a checkpoint and a photo with the names that the README uses."""
    (tmp_path / "llava-1.5-7b-hf").symlink_to(checkpoint)
    Image.open(files[1]).save(tmp_path / "photo.jpg")
    code = (ROOT / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
