"""Writes MusiCNN as ONNX exactly as it was published, layer by layer: for other runtimes, and as a reference.

usage: published_musicnn.py WHEEL MODEL.onnx

WHEEL is the Python wheel musicnn 0.1.0. The graph takes patches [batch, 187, 96] as `melspectrogram` and gives
`activations` [batch, 50] and `embeddings` [batch, 200]. Nothing is folded, pruned or shared: this is what users of
Essentia and ONNX Runtime have. vivace's own converter rewrites the network.
"""

import argparse
from pathlib import Path

from onnx_graph import GraphBuilder, serialise
from tensorflow_bundle import open_bundle_in_zip

BATCH_NORM_EPSILON = 1e-3


def layer_name(kind: str, index: int) -> str:
    """What the checkpoint calls the layer of a kind with an index, which it leaves out where it is 0."""
    return f"{kind}_{index}" if index else kind


class PublishedMusicnn:
    """Builds the graph; images are [batch, channels, frames, bands]."""

    def __init__(self, bundle):
        self._bundle = bundle
        self._graph = GraphBuilder("musicnn")

    def build(self):
        """The finished ONNX model."""
        graph = self._graph
        patches = graph.input("melspectrogram", ["batch", 187, 96])
        image = graph.op("Unsqueeze", [patches, graph.weight("channel_axis", [1])], "image")
        image = self._normalised(image, 0)
        front = graph.op("Concat", [self._front(image, index) for index in range(5)], "front_end", axis=1)
        lines = self._middle(front)
        features = graph.op("Concat", [front, *lines], "features", axis=1)
        self._back(features)
        graph.output("activations", ["batch", 50])
        graph.output("embeddings", ["batch", 200])
        return graph.model("musicnn")

    def _read(self, kind, index, part):
        return self._bundle.tensor(f"{layer_name(kind, index)}/{part}")

    def _normalised(self, x, index):
        name = f"batch_normalization_{index}"
        parts = [
            self._graph.weight(f"{name}_{part}", self._read("batch_normalization", index, part))
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        ]
        return self._graph.op("BatchNormalization", [x, *parts], name, epsilon=BATCH_NORM_EPSILON)

    def _convolution(self, x, index, kernel):
        """Convolution of stride 1 that keeps the number of frames -> bias -> ReLU -> normalisation."""
        name = f"conv2d_{index}"
        weights = [
            self._graph.weight(f"{name}_kernel", kernel),
            self._graph.weight(f"{name}_bias", self._read("conv2d", index, "bias")),
        ]
        taps = kernel.shape[2]
        x = self._graph.op("Conv", [x, *weights], name, pads=[(taps - 1) // 2, 0, taps // 2, 0])
        return self._normalised(self._graph.op("Relu", [x], f"{name}_active"), index + 1)

    def _front(self, image, index):
        kernel = self._read("conv2d", index, "kernel").transpose(3, 2, 0, 1)
        y = self._convolution(image, index, kernel)
        bands = 96 - kernel.shape[3] + 1
        return self._graph.op("MaxPool", [y], f"front_{index}", kernel_shape=[1, bands], strides=[1, bands])

    def _middle(self, front):
        lines = []
        for index in (5, 6, 7):
            kernel = self._read("conv2d", index, "kernel").transpose(3, 1, 0, 2)
            y = self._convolution(lines[-1] if lines else front, index, kernel)
            lines.append(self._graph.op("Add", [y, lines[-1]], f"middle_{index}") if lines else y)
        return lines

    def _back(self, features):
        graph = self._graph
        summary = [graph.op(op, [features], op, axes=[2], keepdims=0) for op in ("ReduceMax", "ReduceMean")]
        stacked = graph.op("Concat", summary, "summary", axis=2)
        flat = graph.op("Reshape", [stacked, graph.weight("flat_shape", [-1, 1506])], "flat")
        embeddings = self._dense(self._normalised(flat, 9), 0, "embeddings")
        penultimate = self._normalised(graph.op("Relu", [embeddings], "penultimate"), 10)
        graph.op("Sigmoid", [self._dense(penultimate, 1, "logits")], "activations")

    def _dense(self, x, index, result):
        weights = [
            self._graph.weight(f"dense_{index}_{part}", self._read("dense", index, part)) for part in ("kernel", "bias")
        ]
        return self._graph.op("Gemm", [x, *weights], result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("model", type=Path)
    arguments = parser.parse_args()
    bundle = open_bundle_in_zip(arguments.wheel, "musicnn/MSD_musicnn/")
    arguments.model.parent.mkdir(parents=True, exist_ok=True)
    arguments.model.write_bytes(serialise(PublishedMusicnn(bundle).build()))


if __name__ == "__main__":
    main()
