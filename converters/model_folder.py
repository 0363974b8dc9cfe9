"""Writes model folders: a manifest `model.toml` and the files that it names (see docs/models.md)."""

import hashlib
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

MANIFEST_FILE = "model.toml"
FORMAT = 1


@dataclass(frozen=True)
class ModelFile:
    """One file of a model folder: what it is for, its path inside the folder, its content."""

    role: str
    path: str
    content: bytes


def write_model_folder(parent: Path, manifest: dict, files: list[ModelFile]) -> Path:
    """Writes the folder `parent`/`manifest["name"]`, replacing an older one, and returns its path.

    `manifest` holds everything but `format` and `files`. Another process sees the old folder, then for an instant none,
    then the new one; never a half-written one. A folder of that name that is no model is left alone.
    """
    folder = parent / manifest["name"]
    if folder.exists() and not (folder / MANIFEST_FILE).is_file():
        raise FileExistsError(f"{folder}: exists and is not a model folder; choose another place")
    parent.mkdir(parents=True, exist_ok=True)
    fresh = _temporary_sibling(folder)
    try:
        _fill(fresh, manifest, files)
        _replace_folder(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def write_file(path: Path, content: bytes) -> None:
    """Writes `path` through a temporary file beside it, so that it is never seen half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = _temporary_sibling(path)
    try:
        _write_synced(fresh, content)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _fill(folder: Path, manifest: dict, files: list[ModelFile]) -> None:
    folder.mkdir()
    for file in files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        _write_synced(folder / file.path, file.content)
    listed = {"format": FORMAT, **manifest, "files": [_file_entry(file) for file in files]}
    _write_synced(folder / MANIFEST_FILE, to_toml(listed).encode())


def _file_entry(file: ModelFile) -> dict:
    digest = hashlib.sha256(file.content).hexdigest()
    return {"role": file.role, "path": file.path, "bytes": len(file.content), "sha256": digest}


def _temporary_sibling(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _write_synced(path: Path, content: bytes) -> None:
    with open(path, "xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _replace_folder(fresh: Path, folder: Path) -> None:
    """A folder cannot be renamed onto one that has files, so the old one is moved aside first."""
    old = _temporary_sibling(folder)
    if folder.exists():
        os.rename(folder, old)
    os.rename(fresh, folder)
    shutil.rmtree(old, ignore_errors=True)


# TOML, as far as a manifest needs it.


def to_toml(document: dict) -> str:
    """`document` as TOML: values first, then arrays of tables, then tables; otherwise in the order given."""
    values = {key: value for key, value in document.items() if not _is_table(value) and not _is_table_array(value)}
    parts = [_key_values(values)]
    for key, value in document.items():
        if _is_table_array(value):
            parts += [f"[[{key}]]\n{_key_values(row)}" for row in value]
    parts += [f"[{key}]\n{_key_values(value)}" for key, value in document.items() if _is_table(value)]
    return "\n".join(parts)


def _is_table(value) -> bool:
    return isinstance(value, dict)


def _is_table_array(value) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_table, value))


def _key_values(table: dict) -> str:
    return "".join(f"{key} = {_toml_value(value)}\n" for key, value in table.items())


def _toml_value(value) -> str:
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    raise TypeError(f"a manifest cannot hold {value!r}")


def toml_string(text: str) -> str:
    """A basic string. JSON escapes all that TOML wants escaped but the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
