"""A checkpoint directory that lies is refused by name before anything is allocated; pickles are never opened."""

from __future__ import annotations

import json
import pickle
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from chiasm.components import storage
from chiasm.components.storage import INDEX, SINGLE, Chunk


def shards(folder: Path, **changed: Any) -> Path:
    """Two files and their index, with parts of the index replaced."""
    save_file({"a": torch.ones(2, 3), "b": torch.zeros(4)}, folder / "model-00001-of-00002.safetensors")
    save_file({"c": torch.ones(5)}, folder / "model-00002-of-00002.safetensors")
    where = {
        "a": "model-00001-of-00002.safetensors",
        "b": "model-00001-of-00002.safetensors",
        "c": "model-00002-of-00002.safetensors",
    }
    index = {"metadata": {"total_size": 60}, "weight_map": {**where, **changed.pop("where", {})}, **changed}
    (folder / INDEX).write_text(json.dumps(index))
    return folder


def test_headers_say_where_and_what(tmp_path: Path) -> None:
    found = storage.tensors_in(shards(tmp_path))
    assert {name: (stored.shape, stored.dtype, stored.file.name[6:11]) for name, stored in found.items()} == {
        "a": ((2, 3), "F32", "00001"),
        "b": ((4,), "F32", "00001"),
        "c": ((5,), "F32", "00002"),
    }


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"d": "model-00002-of-00002.safetensors"}, "does not hold it"),
        ({"c": "model-00003-of-00003.safetensors"}, "which is missing"),
        ({"b": "model-00002-of-00002.safetensors"}, "but it is in model-00001"),
        ({"a": "../model-00001-of-00002.safetensors"}, "not the plain name"),
        ({"a": "/etc/passwd"}, "not the plain name"),
        ({"a": "sub/model.safetensors"}, "not the plain name"),
        ({"a": "..\\x.safetensors"}, "not the plain name"),
        ({"a": ".safetensors"}, "not the plain name"),
        ({"a": "pytorch_model.bin"}, "not the plain name"),
        ({"a": "model\x00.safetensors"}, "not the plain name"),
        ({"a": 3}, "must map tensors to files"),
    ],
)
def test_an_index_that_lies_is_refused(where: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        storage.tensors_in(shards(tmp_path, where=where))


@pytest.mark.parametrize("weight_map", [{}, [], None, "x"])
def test_an_index_without_a_map_is_refused(weight_map: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must map tensors to files"):
        storage.tensors_in(shards(tmp_path, weight_map=weight_map))


def test_a_tensor_in_two_files_is_refused(tmp_path: Path) -> None:
    shards(tmp_path)
    save_file({"c": torch.ones(5), "a": torch.ones(2, 3)}, tmp_path / "model-00002-of-00002.safetensors")
    with pytest.raises(ValueError, match=r"a is in model-00001-of-00002\.safetensors and again in model-00002"):
        storage.tensors_in(tmp_path)


def test_a_tensor_without_a_place_is_refused(tmp_path: Path) -> None:
    shards(tmp_path)
    save_file({"c": torch.ones(5), "stray": torch.ones(2)}, tmp_path / "model-00002-of-00002.safetensors")
    with pytest.raises(ValueError, match="puts stray into no file"):
        storage.tensors_in(tmp_path)


@pytest.mark.parametrize("keep", [0, 4, 8, 40, 100, -1])
def test_a_truncated_file_is_named(keep: int, tmp_path: Path) -> None:
    save_file({"a": torch.ones(64)}, tmp_path / SINGLE)
    data = (tmp_path / SINGLE).read_bytes()
    (tmp_path / SINGLE).write_bytes(data[:keep])
    with pytest.raises(ValueError, match=r"model\.safetensors is not a whole safetensors file"):
        storage.tensors_in(tmp_path)


def _header(**tensors: Any) -> bytes:
    text = json.dumps(tensors).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<Q", 2**60) + b"{}",
        _header(a={"dtype": "F32", "shape": [2**40], "data_offsets": [0, 8]}) + bytes(8),
        _header(a={"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}) + bytes(8),
        _header(
            a={"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            b={"dtype": "F32", "shape": [2], "data_offsets": [4, 12]},
        )
        + bytes(12),
        _header(a={"dtype": "X9", "shape": [2], "data_offsets": [0, 8]}) + bytes(8),
        _header(a={"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}) + bytes(8),
    ],
)
def test_a_header_that_lies_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / SINGLE).write_bytes(data)
    with pytest.raises(ValueError, match="not a whole safetensors file"):
        storage.tensors_in(tmp_path)


def _zip(file: Path, payload: bytes) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", payload)


class _Boom:
    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return print, ("this must never run",)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pth", "model.ckpt", "model.pkl"])
def test_a_pickle_is_refused_unopened(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(_Boom()))
    opened: list[str] = []
    sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
    with pytest.raises(ValueError, match=f"{name}, a pickle, which can run code"):
        storage.tensors_in(tmp_path)
    assert not [file for file in opened if file.endswith(name)]
    assert capsys.readouterr().out == ""


def test_a_pickle_under_another_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for protocol in (2, 5):
        (tmp_path / SINGLE).write_bytes(pickle.dumps(_Boom(), protocol=protocol))
        with pytest.raises(ValueError, match="a pickle under another name"):
            storage.tensors_in(tmp_path)
    _zip(tmp_path / SINGLE, pickle.dumps(_Boom()))
    with pytest.raises(ValueError, match="a pickle under another name"):
        storage.tensors_in(tmp_path)
    assert capsys.readouterr().out == ""


def test_an_empty_directory_says_what_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"neither model\.safetensors nor"):
        storage.tensors_in(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": NaN}', '{"a": 1e999999999}' + "x", "[" * 100_000, "\udcff"])
def test_what_is_no_json_object_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"config\.json"):
        storage.read_json(tmp_path / "config.json")


def test_what_is_no_directory_is_a_hub_id_or_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "absent", "a/b/c", "../x y"):
        with pytest.raises(ValueError, match="neither a directory nor a Hub id"):
            storage.folder_of(path)


def chunks(**tensors: torch.Tensor) -> list[Chunk]:
    return [Chunk(name, t.numel() * t.element_size(), lambda t=t: t.clone()) for name, t in tensors.items()]


def test_writing_in_parts_and_whole(tmp_path: Path) -> None:
    tensors = {"a": torch.randn(10), "b": torch.randn(20), "c": torch.randn(3)}
    storage.write_tensors(tmp_path, chunks(**tensors), 100)
    assert len(list(tmp_path.glob("*.safetensors"))) == 2
    read = storage.tensors_in(tmp_path)
    assert all(torch.equal(load_file(stored.file)[name], tensors[name]) for name, stored in read.items())
    storage.write_tensors(tmp_path, chunks(**tensors), None)
    assert sorted(file.name for file in tmp_path.iterdir()) == [SINGLE]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    storage.write_tensors(tmp_path, chunks(a=torch.ones(3)), None)

    def fails() -> torch.Tensor:
        raise RuntimeError("no memory")

    with pytest.raises(RuntimeError, match="no memory"):
        storage.write_tensors(tmp_path, [Chunk("a", 12, fails)], None)
    assert sorted(file.name for file in tmp_path.iterdir()) == [SINGLE]
    assert torch.equal(load_file(tmp_path / SINGLE)["a"], torch.ones(3))


def test_an_optional_library_says_what_to_install() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"to fly, install no_such_library \(pip install no_such_library\)"):
        storage.needed("no_such_library", "to fly")
