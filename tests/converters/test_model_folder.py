"""Model folders: what is written, and what is left alone."""

import tomllib

import pytest

from model_checks import read_manifest
from model_folder import ModelFile, to_toml, toml_string, write_model_folder

MANIFEST = {"name": "tiny", "task": "embed", "patch": {"frames": 187, "log": 1.5, "exact": True}}


@pytest.mark.parametrize(
    "text", ["plain", 'a "quoted" one', "C:\\music", "tab\tand\nline", "\x00\x1f\x7f", "Yé-Yé 音楽", ""]
)
def test_string_survives_toml(text):
    assert tomllib.loads(f"value = {toml_string(text)}")["value"] == text


def test_document_survives_toml():
    document = {**MANIFEST, "labels": ["a", "b\\"], "files": [{"path": "x", "bytes": 1}, {"path": "y", "bytes": 2}]}
    assert tomllib.loads(to_toml(document)) == document


def test_folder_lists_its_files(tmp_path):
    files = [ModelFile("graph", "model.onnx", b"graph"), ModelFile("words", "more/words.txt", b"")]
    folder = write_model_folder(tmp_path / "new one", MANIFEST, files)
    manifest = read_manifest(folder)
    assert [(entry["role"], entry["path"]) for entry in manifest["files"]] == [
        ("graph", "model.onnx"),
        ("words", "more/words.txt"),
    ]
    assert manifest["patch"] == MANIFEST["patch"]


def test_newer_folder_replaces_the_older_whole(tmp_path):
    write_model_folder(tmp_path, MANIFEST, [ModelFile("graph", "old.onnx", b"old")])
    folder = write_model_folder(tmp_path, MANIFEST, [ModelFile("graph", "new.onnx", b"new")])
    assert sorted(path.name for path in folder.iterdir()) == ["model.toml", "new.onnx"]
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_failure_leaves_the_older_folder(tmp_path):
    folder = write_model_folder(tmp_path, MANIFEST, [ModelFile("graph", "model.onnx", b"old")])
    with pytest.raises(TypeError):
        write_model_folder(tmp_path, {**MANIFEST, "bad": None}, [ModelFile("graph", "model.onnx", b"new")])
    assert (folder / "model.onnx").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_folder_that_is_no_model_is_left_alone(tmp_path):
    (tmp_path / "tiny").mkdir()
    (tmp_path / "tiny" / "diary.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not a model folder"):
        write_model_folder(tmp_path, MANIFEST, [])
    assert (tmp_path / "tiny" / "diary.txt").read_text() == "mine"
