#!/usr/bin/env python3
"""Builds an MDX-Net, which separates singing from music, with seeded weights.

    python converters/mdx_seeded.py -o models

Weights that may be redistributed do not exist. This model has the architecture, tensors, size and cost of the 28 MB
vocal models of Ultimate Vocal Remover, for tests and measurements; what it takes for singing means nothing, so its name
ends in "-seeded".

Architecture: M. Kim et al., "KUIELab-MDX-Net: A Two-Stream Neural Network for Music Demixing", 2021: a U-Net of blocks
that each have three convolutions (TFC) and two dense layers over the bins (TDF), batch normalisation folded into the
convolutions. Signals are [batch, channels, frames, bins].
"""

import argparse
from pathlib import Path

import numpy
import onnx

from model_folder import ModelFile, write_model_folder
from onnx_graph import GraphBuilder, serialise

NAME = "mdx-seeded"
STEMS = ["vocals", "instrumental"]
COMPENSATE = 1.035
SEED = 20240601

FFT = 6144
HOP = 1024
BINS = 2048
FRAMES = 256
ZEROED_BINS = 3
PARTS = 4  # left real, left imaginary, right real, right imaginary

GROWTH = 32  # channels of the outermost blocks, and how many more the next ones have
HALVINGS = 5
CONVOLUTIONS = 3  # a block
TAPS = 3
BOTTLENECK = 8  # the dense layers narrow the bins to this part

# Halved pictures are multiplied onto those that they came from. Their gain keeps the product near its second factor
# for spectra of the usual size, whose largest values are some hundreds.
GAIN = 1e-3

# Of what the dense layers add to a picture.
DENSE_GAIN = 0.3


class MdxGraph:
    """Builds the graph."""

    def __init__(self, seed: int):
        self._graph = GraphBuilder("mdx")
        self._generator = numpy.random.Generator(numpy.random.PCG64(seed))

    def build(self) -> onnx.ModelProto:
        """The model: input [batch, 4, bins, frames] -> output, the same."""
        spectrum = self._graph.input("input", ["batch", PARTS, BINS, FRAMES])
        picture = self._graph.op("Transpose", [spectrum], "frames_first", perm=[0, 1, 3, 2])
        picture = self._active(self._convolution(picture, (GROWTH, PARTS, 1, 1), "first"))
        picture = self._decode(*self._encode(picture))
        picture = self._convolution(picture, (PARTS, GROWTH, 1, 1), "last", energy=1.0)
        self._graph.op("Transpose", [picture], "output", perm=[0, 1, 3, 2])
        self._graph.output("output", ["batch", PARTS, BINS, FRAMES])
        return self._graph.model("vivace")

    def _encode(self, picture: str) -> tuple[str, list[str]]:
        """The smallest picture, and those on the way to it."""
        passed = []
        for level in range(HALVINGS):
            picture = self._block(picture, level, f"down{level + 1}")
            passed.append(picture)
            shape = (_channels(level + 1), _channels(level), 2, 2)
            picture = self._active(self._convolution(picture, shape, f"halved{level + 1}", strides=[2, 2]))
        return self._block(picture, HALVINGS, "middle"), passed

    def _decode(self, picture: str, passed: list[str]) -> str:
        for level in reversed(range(HALVINGS)):
            picture = self._doubled(picture, level, f"doubled{level + 1}")
            picture = self._graph.op("Mul", [picture, passed[level]], f"joined{level + 1}")
            picture = self._block(picture, level, f"up{level + 1}")
        return picture

    def _block(self, picture: str, level: int, name: str) -> str:
        """Convolutions, and dense layers over the bins beside the identity."""
        channels, bins = _channels(level), BINS >> level
        for index in range(CONVOLUTIONS):
            shape = (channels, channels, TAPS, TAPS)
            picture = self._active(self._convolution(picture, shape, f"{name}_conv{index + 1}", pads=[TAPS // 2] * 4))
        narrow = self._dense(picture, channels, (bins, bins // BOTTLENECK), 1.0, f"{name}_narrow")
        wide = self._dense(narrow, channels, (bins // BOTTLENECK, bins), DENSE_GAIN, f"{name}_wide")
        return self._graph.op("Add", [picture, wide], name)

    def _dense(self, picture: str, channels: int, shape: tuple[int, int], gain: float, name: str) -> str:
        """Over the bins, the same for all channels, which are normalised after it."""
        weights = self._graph.weight(f"{name}_weights", self._normal(shape, gain * (2 / shape[0]) ** 0.5))
        product = self._graph.op("MatMul", [picture, weights], f"{name}_product")
        statistics = {
            "scale": numpy.ones(channels),
            "bias": numpy.zeros(channels),
            "mean": numpy.zeros(channels),
            "variance": numpy.ones(channels),
        }
        parts = [self._graph.weight(f"{name}_{part}", values) for part, values in statistics.items()]
        return self._active(self._graph.op("BatchNormalization", [product, *parts], f"{name}_normalised"))

    def _doubled(self, picture: str, level: int, name: str) -> str:
        """A transposed convolution; near 1."""
        shape = (_channels(level + 1), _channels(level), 2, 2)
        kernel = self._graph.weight(f"{name}_kernel", self._normal(shape, GAIN * (2 / shape[0]) ** 0.5))
        bias = self._graph.weight(f"{name}_bias", numpy.ones(shape[1]))
        return self._active(self._graph.op("ConvTranspose", [picture, kernel, bias], f"{name}_raw", strides=[2, 2]))

    def _convolution(self, picture: str, shape: tuple[int, ...], name: str, energy: float = 2.0, **attributes) -> str:
        """With random weights that keep the energy of a pixel; of an `energy` of 2, behind a ReLU."""
        kernel = self._graph.weight(f"{name}_kernel", self._normal(shape, (energy / numpy.prod(shape[1:])) ** 0.5))
        bias = self._graph.weight(f"{name}_bias", numpy.zeros(shape[0]))
        return self._graph.op("Conv", [picture, kernel, bias], f"{name}_raw", **attributes)

    def _active(self, picture: str) -> str:
        return self._graph.op("Relu", [picture], f"{picture}_active")

    def _normal(self, shape: tuple[int, ...], deviation: float) -> numpy.ndarray:
        return self._generator.normal(0.0, deviation, shape)


def _channels(level: int) -> int:
    return GROWTH * (level + 1)


# The model folder.

MANIFEST = {
    "name": NAME,
    "task": "separate",
    "family": "mdx",
    "version": "1",
    "description": "MDX-Net of the size of vocal models; its weights are seeded and mean nothing",
    "licence": "MIT",
    "licence_url": "https://github.com/kuielab/mdx-net/blob/main/LICENSE",
    "source": f"architecture of KUIELab-MDX-Net, seed {SEED}",
    "audio": {"sample_rate": 44100, "resampler": "soxr-hq"},
    "spectrum": {"fft": FFT, "hop": HOP, "bins": BINS, "frames": FRAMES, "zeroed_bins": ZEROED_BINS},
    "separation": {"stems": STEMS, "compensate": COMPENSATE},
}


def convert(parent: Path) -> Path:
    """Writes the model folder below `parent` and returns its path."""
    graph = ModelFile("graph", "model.onnx", serialise(MdxGraph(SEED).build()))
    return write_model_folder(parent, MANIFEST, [graph])


def main() -> None:
    parser = argparse.ArgumentParser(description="Build an MDX-Net with seeded weights as a model folder.")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder in which the model folder is made")
    arguments = parser.parse_args()
    try:
        print(convert(arguments.output))
    except OSError as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
