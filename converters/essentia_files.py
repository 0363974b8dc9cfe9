"""Writes models in the form in which Essentia publishes them: an ONNX file and a JSON file of the same name."""

import json
from pathlib import Path

from model_folder import write_file

BATCH_AXIS = "batch_size"


def metadata(name: str, kind: str, description: str, classes: list[str], schema: dict, inference: dict) -> dict:
    """The fields of such a JSON file, in its order. As in the published ones, tensors have their TensorFlow names."""
    return {
        "name": name,
        "type": kind,
        "link": "",
        "version": "1",
        "description": description,
        "author": "vivace",
        "email": "",
        "release_date": "2025-01-01",
        "framework": "tensorflow",
        "framework_version": "2.8.0",
        "classes": classes,
        "model_types": ["onnx"],
        "dataset": {"name": "none", "size": "none: seeded weights", "metrics": {}},
        "schema": schema,
        "citation": "",
        "inference": {"sample_rate": 16000, **inference},
    }


def tensor(name: str, shape: list[int | str], **more: str) -> dict:
    """One input or output of the schema; outputs have `op` and `output_purpose` besides."""
    return {"name": name, "type": "float", "shape": shape, **more}


def write_pair(folder: Path, stem: str, model: bytes, fields: dict) -> None:
    """Writes `stem`.onnx and `stem`.json to `folder`."""
    write_file(folder / f"{stem}.onnx", model)
    write_file(folder / f"{stem}.json", (json.dumps(fields, indent=4, ensure_ascii=False) + "\n").encode())
