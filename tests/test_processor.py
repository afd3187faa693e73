"""A processor equals transformers' from the same directory, with a real tokenizer trained here and real image files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers as tf
from PIL import Image
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor
from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from tests.parity import references
from tests.parity.harness import package

WORDS = [
    "USER: what is in the picture? ASSISTANT: a cat that sits on a red chair.",
    "Question: how many dogs are there? Answer: two dogs, one brown and one white.",
    "a photo of a small boat on a quiet lake, under a wide sky with few clouds",
]


def tokenizer(
    special: list[str], *, begin: str = "", end: str = "", metaspace: bool = False
) -> tf.PreTrainedTokenizerFast:
    """A byte-pair tokenizer of 400 entries; special tokens have the first ids."""
    made = Tokenizer(models.BPE(unk_token=special[0] if metaspace else None, byte_fallback=False))
    if metaspace:
        made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        made.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
        alphabet = sorted(set("".join(WORDS) + "▁\n<>|/IMAGEimagepd"))
    else:
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator(WORDS, trainer)
    if begin or end:
        single = f"{begin} $A {end}".strip()
        made.post_processor = processors.TemplateProcessing(
            single=single,
            pair=single.replace("$A", "$A $B"),
            special_tokens=[(t, made.token_to_id(t)) for t in {begin, end} - {""}],
        )
    return tf.PreTrainedTokenizerFast(
        tokenizer_object=made, padding_side="left", bos_token=begin or None, eos_token=end or None, pad_token=special[1]
    )


def photos(folder: Path, count: int = 3) -> list[Path]:
    """Image files of different sizes and formats."""
    files = []
    for index, (size, name) in enumerate(
        zip([(64, 40), (33, 50), (48, 48)], ["a.png", "b.jpg", "c.webp"], strict=True)
    ):
        noise = torch.randint(
            0, 256, (size[1], size[0], 3), generator=torch.Generator().manual_seed(index), dtype=torch.uint8
        )
        Image.frombytes("RGB", size, bytes(noise.flatten().tolist())).save(folder / name)
        files.append(folder / name)
    return files[:count]


def opened(files: list[Path]) -> list[Image.Image]:
    return [Image.open(file).convert("RGB") for file in files]


def equal(ours: dict[str, Tensor], theirs: Any, *names: str) -> None:
    for name in names:
        assert torch.equal(ours[name], theirs[name]), name


@pytest.fixture
def llava(tmp_path: Path) -> tuple[Any, Any]:
    special = ["<unk>", "<pad>", "<s>", "</s>", "<image>"]
    tokens = tokenizer(special, begin="<s>", metaspace=True)
    config = references.llava(image_token_index=4, text_config={**references.LLAMA, "vocab_size": 400}).config
    config.save_pretrained(tmp_path)  # type: ignore[operator, union-attr]
    images = LlavaImageProcessorPil(size={"shortest_edge": 30}, crop_size={"height": 30, "width": 30})
    theirs = tf.LlavaProcessor(
        images, tokens, patch_size=10, vision_feature_select_strategy="default", num_additional_image_tokens=1
    )
    theirs.save_pretrained(tmp_path)
    return package("llava").Processor.from_pretrained(tmp_path), theirs


def test_llava(llava: tuple[Any, Any], tmp_path: Path) -> None:
    ours, theirs = llava
    files = photos(tmp_path)
    text = [
        "USER: <image>\nwhat is in the picture? <image> ASSISTANT:",
        "USER: <image>\nhow many dogs are there? ASSISTANT: two",
        "USER: no picture at all ASSISTANT:",
    ]
    made = ours(images=[files[:2], files[2:], []], text=text)
    wanted = theirs(images=opened(files), text=text, padding=True, return_tensors="pt")
    equal(made, wanted, "input_ids", "attention_mask", "pixel_values")
    equal(ours(images=files, text=text), wanted, "input_ids", "attention_mask", "pixel_values")
    assert int((made["input_ids"] == 4).sum()) == 3 * 9


def test_a_prompt_is_put_into_the_template(llava: tuple[Any, Any], tmp_path: Path) -> None:
    ours, theirs = llava
    files = photos(tmp_path)
    wanted = theirs(images=opened(files[:1]), text="USER: <image>\nwhat is this? ASSISTANT:", return_tensors="pt")
    equal(ours(images=files[0], prompt="what is this?"), wanted, "input_ids", "attention_mask", "pixel_values")
    wanted = theirs(images=opened(files[:2]), text="USER: <image>\n<image>\nwhich? ASSISTANT:", return_tensors="pt")
    equal(ours(images=files[:2], prompt="which?"), wanted, "input_ids", "attention_mask", "pixel_values")
    equal(
        ours(prompt="hello"), theirs(text="USER: hello ASSISTANT:", return_tensors="pt"), "input_ids", "attention_mask"
    )


@pytest.mark.parametrize(
    "typed", ["<image>", "is this <image> or </s> or <s>?", "<<image>image>", "<IMAGE>", "<image><image>"]
)
def test_what_a_user_types_is_never_an_image_slot(typed: str, llava: tuple[Any, Any], tmp_path: Path) -> None:
    ours, _ = llava
    ids = ours(images=photos(tmp_path, 1), prompt=typed)["input_ids"][0]
    assert int((ids == 4).sum()) == 9
    assert int((ids == 3).sum()) == 0
    assert ids[0] == 2
    assert int((ids == 2).sum()) == 1
    text = ours.decode(ids)
    assert typed.lower().replace(" ", "") in text.lower().replace(" ", "")


def test_a_wrong_number_of_images_names_row_and_numbers(llava: tuple[Any, Any], tmp_path: Path) -> None:
    ours, _ = llava
    files = photos(tmp_path)
    text = ["<image> a", "<image> b <image>"]
    for images, row in (
        ([files[:1], files[1:2]], 1),
        ([files[:2], files[:1]], 0),
        (files[:2], 1),
        (None, 0),
        ([[], files], 0),
    ):
        with pytest.raises(
            ValueError,
            match=rf"row {row} has \d image placeholders? and \d images?|row {row} has \d image placeholders and \d",
        ):
            ours(images=images, text=text)
    with pytest.raises(ValueError, match="row 1 has 2 image placeholders and 1 images"):
        ours(images=[files[:1], files[1:2]], text=text)
    with pytest.raises(ValueError, match="images are given for 1 rows, and there are 2 texts"):
        ours(images=[files], text=text)
    with pytest.raises(ValueError, match="3 images for 2 texts"):
        ours(images=files, prompt=["a", "b"])
    with pytest.raises(ValueError, match="not both"):
        ours(text="a", prompt="b")
    with pytest.raises(ValueError, match=r"row 0 has .* tokens, and the model has 256 positions"):
        ours(text="cat " * 300)


def test_a_tokenizer_of_another_model_is_refused(llava: tuple[Any, Any], tmp_path: Path) -> None:
    references.llava(image_token_index=5).config.save_pretrained(tmp_path)  # type: ignore[operator, union-attr]
    with pytest.raises(ValueError, match=r"token 5 stands for an image, tokenizer\.json has token 4: <image>"):
        package("llava").Processor.from_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match=r"tokenizer\.json is no tokenizer"):
        package("llava").Processor.from_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(ValueError, match=r"has no tokenizer\.json"):
        package("llava").Processor.from_pretrained(tmp_path)


def test_ids_go_back_to_text(llava: tuple[Any, Any]) -> None:
    ours, theirs = llava
    made = ours(text=["a red chair", "USER: two dogs"])
    assert ours.decode(made["input_ids"]) == theirs.batch_decode(made["input_ids"], skip_special_tokens=True)
    assert ours.decode(made["input_ids"][0]) == "a red chair"
    assert ours.decode(made["input_ids"][0].tolist(), skip_special_tokens=False).endswith("<s> a red chair")


def test_blip_2(tmp_path: Path) -> None:
    tokens = tokenizer(["<unk>", "<pad>", "</s>", "<image>"], begin="</s>")
    config = references.blip_2(vocab_size=400).config
    config.image_token_index = 3  # type: ignore[union-attr]
    config.save_pretrained(tmp_path)  # type: ignore[operator, union-attr]
    theirs = tf.Blip2Processor(BlipImageProcessorPil(size={"height": 30, "width": 30}), tokens, num_query_tokens=5)
    theirs.save_pretrained(tmp_path)
    ours = package("blip_2").Processor.from_pretrained(tmp_path)
    files, text = photos(tmp_path, 2), ["Question: how many dogs are there? Answer:", "a photo of"]
    wanted = theirs(images=opened(files), text=text, padding=True, return_tensors="pt")
    made = ours(images=files, text=text)
    equal(made, wanted, "pixel_values")
    # The reference pads between an image and its text; packed to the left, the rows are the same.
    for index in range(2):
        equal_row(made, wanted, index)
    one = theirs(images=opened(files[:1]), text=text[0], return_tensors="pt")
    equal(ours(images=files[:1], prompt="how many dogs are there?"), one, "input_ids", "attention_mask", "pixel_values")


def equal_row(ours: dict[str, Tensor], theirs: Any, row: int) -> None:
    mine, wanted = (x["input_ids"][row][x["attention_mask"][row].bool()] for x in (ours, theirs))
    assert torch.equal(mine, wanted)


def test_qwen3_vl(tmp_path: Path) -> None:
    special = [
        "<unk>",
        "<|endoftext|>",
        "<|im_start|>",
        "<|im_end|>",
        "<|vision_start|>",
        "<|vision_end|>",
        "<|image_pad|>",
        "<|video_pad|>",
    ]
    tokens = tokenizer(special)
    config = references.qwen3_vl(vocab_size=400).config
    ids = {"vision_start_token_id": 4, "vision_end_token_id": 5, "image_token_id": 6, "video_token_id": 7}
    for name, token in ids.items():
        setattr(config, name, token)
    config.save_pretrained(tmp_path)  # type: ignore[operator, union-attr]
    images = Qwen2VLImageProcessorPil(
        patch_size=4,
        temporal_patch_size=2,
        merge_size=2,
        size={"shortest_edge": 256, "longest_edge": 2048},
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
    )
    images.save_pretrained(tmp_path)
    tokens.save_pretrained(tmp_path)
    ours = package("qwen3_vl").Processor.from_pretrained(tmp_path)
    files = photos(tmp_path)
    image = "<|vision_start|><|image_pad|><|vision_end|>"
    text = [
        f"<|im_start|>user\n{image}{image}which?<|im_end|>\n<|im_start|>assistant\n",
        f"<|im_start|>user\n{image}what?<|im_end|>\n",
    ]
    made = ours(images=files, text=text)
    wanted = images(opened(files), return_tensors="pt")
    equal(made, wanted, "pixel_values", "image_grid_thw")
    # What Qwen3VLProcessor does to the text, whose video half needs packages that are not here.
    counts = iter((wanted["image_grid_thw"].prod(1) // 4).tolist())
    grown = [row.replace("<|image_pad|>", "\0") for row in text]
    while any("\0" in row for row in grown):
        index = next(i for i, row in enumerate(grown) if "\0" in row)
        grown[index] = grown[index].replace("\0", "<|image_pad|>" * next(counts), 1)
    equal(made, tokens(grown, padding=True, return_tensors="pt"), "input_ids", "attention_mask")
    prompted = ours(images=[files[:2], files[2:]], prompt=["which?", "what?"])
    assert torch.equal(prompted["input_ids"][0], made["input_ids"][0])


def test_clip(tmp_path: Path) -> None:
    tokens = tokenizer(
        ["<unk>", "<pad>", "<|startoftext|>", "<|endoftext|>"], begin="<|startoftext|>", end="<|endoftext|>"
    )
    tokens.padding_side = "right"
    config = references.clip(eos=3).config
    config.text_config.vocab_size, config.text_config.max_position_embeddings = 400, 40  # type: ignore[union-attr]
    config.save_pretrained(tmp_path)  # type: ignore[operator, union-attr]
    images = CLIPImageProcessorPil(size={"shortest_edge": 30}, crop_size={"height": 30, "width": 30})
    images.save_pretrained(tmp_path)
    tokens.save_pretrained(tmp_path)
    ours = package("clip").Processor.from_pretrained(tmp_path)
    files, text = photos(tmp_path), ["a photo of a cat", "a small boat on a quiet lake", "dogs"]
    made = ours(images=files, text=text)
    equal(made, tokens(text, padding=True, return_tensors="pt"), "input_ids", "attention_mask")
    equal(made, images(opened(files), return_tensors="pt"), "pixel_values")
    assert ours(images=files).keys() == {"pixel_values"}
    assert ours(text=text).keys() == {"input_ids", "attention_mask"}
    with pytest.raises(ValueError, match="images, text or both"):
        ours()
