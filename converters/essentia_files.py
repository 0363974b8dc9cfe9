"""Writes models as model folders and in the form in which Essentia publishes them: an ONNX and a JSON file."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from model_folder import ModelFile, write_file, write_model_folder

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


@dataclass(frozen=True)
class SeededModel:
    """A graph with seeded weights and what describes it in either form."""

    graph: bytes
    manifest: dict
    stem: str  # of the names of the published pair
    metadata: dict
    frozen_graph: bytes = b""  # the same network for TensorFlow; empty: none


def output_parser(description: str) -> argparse.ArgumentParser:
    """The options that a converter of a seeded model has in any case."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("-o", "--output", type=Path, help="the folder in which the model folder is made")
    parser.add_argument("--raw", type=Path, help="the folder for an ONNX and a JSON file as Essentia has them")
    parser.add_argument("--seed", type=int, default=1, help="what the weights are drawn from")
    return parser


def parse_outputs(parser: argparse.ArgumentParser) -> argparse.Namespace:
    """The arguments of the command line, which must name at least one output."""
    arguments = parser.parse_args()
    if not arguments.output and not arguments.raw:
        parser.error("give --output, --raw or both")
    return arguments


def write_outputs(model: SeededModel, output: Path | None, raw: Path | None) -> None:
    """Writes the model folder below `output` and the pair of files to `raw`, as far as they are given; says where."""
    if output:
        files = [ModelFile("graph", "model.onnx", model.graph)]
        if model.frozen_graph:
            files.append(ModelFile("tensorflow", "model.pb", model.frozen_graph))
        print(write_model_folder(output, model.manifest, files))
    if raw:
        write_pair(raw, model.stem, model.graph, model.metadata)
        print(raw / f"{model.stem}.onnx")
