#!/usr/bin/env python3
"""Converts MusiCNN, an auto-tagger for music, from its TensorFlow checkpoint to a model folder.

    python converters/musicnn.py --wheel musicnn-0.1.0-py3-none-any.whl -o models

The network (J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music audio tagging", 2019)
sees a patch of 187 frames by 96 mel bands. Five convolutions look at it, two at timbre over seven frames, three at
rhythm over up to 128 frames; each is reduced to its maximum over the bands. Three convolutions over time follow, then
the maximum and the mean over time, and two dense layers.

The graph written here computes the same with less work:

- Most channels of the front end have kernels that training has shrunk to about 1e-30: their output is a constant. Only
  the living channels are computed, the constants are folded into the weights behind them.
- Patches overlap by half. A graph that is given a whole stretch computes the timbre convolutions once over it, and
  again only for the three frames at either end of each patch, which see the zeros around the patch.
- A rhythm convolution has few living channels. It computes several frames at a time as if they were channels, which
  fills the vector registers.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy
import onnx

from frozen_graph import Cut, frozen_graph
from log_mel import LOG_MEL_FRONT_END
from model_folder import ModelFile, write_model_folder
from onnx_graph import GraphBuilder, serialise
from published_musicnn import BATCH_NORM_EPSILON, PublishedMusicnn, layer_name
from tensorflow_bundle import Bundle, BundleError, open_bundle, open_bundle_in_zip

PATCH_FRAMES = 187
PATCH_HOP = 93
BANDS = 96
TIME_TAPS = 7
MARGIN = TIME_TAPS // 2
EMBEDDINGS = 200

# Frames that a rhythm convolution computes at a time: as many as a vector register has floats.
FRAMES_AT_ONCE = 8

# Convolutions want input channels in multiples of this for the blocked layout, which is several times as fast.
VECTOR_CHANNELS = 8

# A channel whose output moves by less than this when its input moves by 1 is a constant in float32.
DEAD_RESPONSE = 1e-12

MSD_LABELS = [
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock", "jazz",
    "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow", "electronica",
    "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient", "acoustic",
    "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening", "sexy",
    "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House", "happy",
]  # fmt: skip
MTT_LABELS = [
    "guitar", "classical", "slow", "techno", "strings", "drums", "electronic", "rock", "fast", "piano", "ambient",
    "beat", "violin", "vocal", "synth", "female", "indian", "opera", "male", "singing", "vocals", "no vocals",
    "harpsichord", "loud", "quiet", "flute", "woman", "male vocal", "no vocal", "pop", "soft", "sitar", "solo", "man",
    "classic", "choir", "voice", "new age", "dance", "male voice", "female vocal", "beats", "harp", "cello", "no voice",
    "weird", "country", "metal", "female voice", "choral",
]  # fmt: skip


@dataclass(frozen=True)
class Dataset:
    """What the network was trained on, and how many patches its graph should be given at a time."""

    name: str
    labels: list[str]
    patches_a_run: int


DATASETS = {
    "MSD": Dataset("the Million Song Dataset", MSD_LABELS, patches_a_run=8),
    "MTT": Dataset("MagnaTagATune", MTT_LABELS, patches_a_run=4),
}

# The weights.


@dataclass(frozen=True)
class Affine:
    """Batch normalisation at inference: x * scale + shift."""

    scale: numpy.ndarray
    shift: numpy.ndarray


@dataclass(frozen=True)
class Convolution:
    """conv -> + bias -> ReLU -> affine. `kernel` is [time, bands or input channels, output channels]."""

    kernel: numpy.ndarray
    bias: numpy.ndarray
    after: Affine

    def living(self) -> numpy.ndarray:
        """Indices of the output channels that depend on the input."""
        response = numpy.abs(self.kernel).sum(axis=(0, 1)) * numpy.abs(self.after.scale)
        return numpy.flatnonzero(response > DEAD_RESPONSE)

    def at_rest(self) -> numpy.ndarray:
        """The output of every channel where the convolution itself gives zero."""
        return numpy.maximum(self.bias, 0) * self.after.scale + self.after.shift

    def take(self, channels: numpy.ndarray) -> "Convolution":
        """The same with only some output channels."""
        after = Affine(self.after.scale[channels], self.after.shift[channels])
        return Convolution(self.kernel[..., channels], self.bias[channels], after)


@dataclass(frozen=True)
class Dense:
    """x @ kernel + bias; `kernel` is [inputs, outputs]."""

    kernel: numpy.ndarray
    bias: numpy.ndarray

    def behind(self, before: Affine) -> "Dense":
        """The same layer with the affine before it folded in."""
        return Dense(self.kernel * before.scale[:, None], self.bias + before.shift @ self.kernel)


@dataclass(frozen=True)
class Network:
    """All weights, in double precision."""

    normalise: Affine
    timbre: list[Convolution]
    rhythm: list[Convolution]
    middle: list[Convolution]
    embed: Dense
    tag: Dense


def read_network(bundle: Bundle) -> Network:
    """The layers of the checkpoint; the batch normalisations before the two dense layers are folded into them."""
    convolutions = [_read_convolution(bundle, index) for index in range(8)]
    return Network(
        normalise=_read_affine(bundle, 0),
        timbre=convolutions[:2],
        rhythm=convolutions[2:5],
        middle=convolutions[5:],
        embed=_read_dense(bundle, 0).behind(_read_affine(bundle, 9)),
        tag=_read_dense(bundle, 1).behind(_read_affine(bundle, 10)),
    )


def _read(bundle: Bundle, name: str) -> numpy.ndarray:
    return bundle.tensor(name).astype(numpy.float64)


def _read_affine(bundle: Bundle, index: int) -> Affine:
    layer = layer_name("batch_normalization", index)
    gamma, beta, mean, variance = (
        _read(bundle, f"{layer}/{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / numpy.sqrt(variance + BATCH_NORM_EPSILON)
    return Affine(scale, beta - mean * scale)


def _read_convolution(bundle: Bundle, index: int) -> Convolution:
    layer = layer_name("conv2d", index)
    kernel = _read(bundle, f"{layer}/kernel")[:, :, 0, :]
    return Convolution(kernel, _read(bundle, f"{layer}/bias"), _read_affine(bundle, index + 1))


def _read_dense(bundle: Bundle, index: int) -> Dense:
    layer = layer_name("dense", index)
    return Dense(_read(bundle, f"{layer}/kernel"), _read(bundle, f"{layer}/bias"))


# The graph.


class MusicnnGraph:
    """Builds the graph of one network. Images are [patches, 1, frames, bands], features [patches, channels, frames]."""

    def __init__(self, network: Network):
        self._network = network
        self._graph = GraphBuilder("musicnn")
        self._graph.weight("band_axis", [3])
        self._timbre = [layer.take(layer.living()) for layer in network.timbre]
        self._rhythm = [layer.take(layer.living()) for layer in network.rhythm]

    def of_patches(self) -> onnx.ModelProto:
        """The form that takes patches: input [batch, 187, 96]."""
        patches = self._normalise(self._graph.input("melspectrogram", ["batch", PATCH_FRAMES, BANDS]))
        image = self._image(patches)
        timbre = self._timbre_features(image, self._timbre_kernels(), "timbre", (MARGIN, MARGIN))
        return self._finish(timbre, image, "batch")

    def of_stretch(self) -> onnx.ModelProto:
        """The form that cuts patches: input [frames, 96], frames = 187 + 93 * (patches - 1)."""
        stretch = self._normalise(self._graph.input("melspectrogram", ["frames", BANDS]))
        starts = self._patch_starts(stretch)
        patches = self._graph.op("Gather", [stretch, self._rows(starts, "patch_rows", PATCH_FRAMES)], "patches", axis=0)
        image = self._image(patches)
        return self._finish(self._shared_timbre_features(stretch, starts, image), image, "patches")

    # Cutting.

    def _patch_starts(self, stretch: str) -> str:
        """[patches, 1]: the first frame of each patch that fits into the stretch."""
        graph = self._graph
        hop = graph.weight("patch_hop", PATCH_HOP)
        zero, one = graph.weight("zero", 0), graph.weight("one", 1)
        overlap = graph.weight("patch_overlap", PATCH_FRAMES - PATCH_HOP)
        frames = graph.op("Gather", [graph.op("Shape", [stretch], "stretch_shape"), zero], "stretch_frames")
        advance = graph.op("Sub", [frames, overlap], "frames_after_overlap")
        count = graph.op("Div", [advance, hop], "patch_count")
        numbers = graph.op("Range", [zero, count, one], "patch_numbers")
        starts = graph.op("Mul", [numbers, hop], "patch_starts")
        return graph.op("Unsqueeze", [starts, graph.weight("row_axis", [1])], "patch_starts_column")

    def _rows(self, starts: str, name: str, size: int) -> str:
        """[patches, size]: the numbers of the `size` rows that begin at each start."""
        offsets = self._graph.weight(f"{name}_offsets", numpy.arange(size))
        return self._graph.op("Add", [starts, offsets], name)

    def _slice(self, features: str, axis: int, first: int, end: int, name: str) -> str:
        """The part first ... end - 1 of one axis."""
        bounds = [
            self._graph.weight(f"{name}_begin", [first]),
            self._graph.weight(f"{name}_end", [end]),
            self._graph.weight(f"{name}_axis", [axis]),
        ]
        return self._graph.op("Slice", [features, *bounds], name)

    # Front end.

    def _image(self, patches: str) -> str:
        return self._graph.op("Unsqueeze", [patches, self._graph.weight("channel_axis", [1])], "image")

    def _normalise(self, spectrogram: str) -> str:
        scale = self._graph.weight("normalise_scale", self._network.normalise.scale)
        shift = self._graph.weight("normalise_shift", self._network.normalise.shift)
        scaled = self._graph.op("Mul", [spectrogram, scale], "scaled")
        return self._graph.op("Add", [scaled, shift], "normalised")

    def _timbre_kernels(self) -> list[str]:
        """For each timbre convolution its kernel, [channels, 1, time, bands]."""
        return [
            self._kernel(f"timbre_{index}", layer, layer.kernel.transpose(2, 0, 1)[:, None])
            for index, layer in enumerate(self._timbre)
        ]

    def _kernel(self, name: str, layer: Convolution, kernel: numpy.ndarray) -> str:
        """The kernel, negated where the normalisation behind is negative, so that pooling is always a maximum. The bias
        is the same for all that is pooled, so it is added behind (`_activate`), to a fraction of the numbers."""
        signs = numpy.repeat(_signs(layer), len(kernel) // len(layer.bias))
        return self._graph.weight(f"{name}_kernel", kernel * signs[:, None, None, None])

    def _timbre_features(self, image: str, kernels: list[str], name: str, padding: tuple[int, int]) -> str:
        """What the timbre convolutions see, with `padding` frames of zeros before and after the image."""
        maxima = []
        for index, kernel in enumerate(kernels):
            layer = f"{name}_{index}"
            convolved = self._graph.op(
                "Conv", [image, kernel], f"{layer}_convolved", pads=[padding[0], 0, padding[1], 0]
            )
            maxima.append(self._band_maximum(convolved, BANDS - self._timbre[index].kernel.shape[1] + 1, layer))
        joined = self._graph.op("Concat", maxima, f"{name}_joined", axis=1)
        return self._graph.op("Squeeze", [joined, "band_axis"], name)

    def _shared_timbre_features(self, stretch: str, starts: str, image: str) -> str:
        """As `_timbre_features` of the patches, but frames that do not see a patch's ends are computed once."""
        graph, kernels = self._graph, self._timbre_kernels()
        whole = graph.op("Unsqueeze", [stretch, graph.weight("image_axes", [0, 1])], "stretch_image")
        once = self._timbre_features(whole, kernels, "timbre_once", (0, 0))
        by_frame = graph.op("Transpose", [once], "timbre_by_frame", perm=[0, 2, 1])
        by_frame = graph.op("Squeeze", [by_frame, graph.weight("stretch_axis", [0])], "timbre_of_stretch")
        cut = graph.op("Gather", [by_frame, self._rows(starts, "inner_rows", PATCH_FRAMES - 2 * MARGIN)], "timbre_cut")
        inner = graph.op("Transpose", [cut], "timbre_inner", perm=[0, 2, 1])
        head = self._slice(image, 2, 0, 2 * MARGIN, "image_head")
        tail = self._slice(image, 2, PATCH_FRAMES - 2 * MARGIN, PATCH_FRAMES, "image_tail")
        first = self._timbre_features(head, kernels, "timbre_first", (MARGIN, 0))
        last = self._timbre_features(tail, kernels, "timbre_last", (0, MARGIN))
        return graph.op("Concat", [first, inner, last], "timbre", axis=2)

    def _rhythm_features(self, image: str, index: int) -> str:
        """The convolution over time alone, computed for FRAMES_AT_ONCE frames as if they were channels."""
        graph, layer, name = self._graph, self._rhythm[index], f"rhythm_{index}"
        steps = -(-PATCH_FRAMES // FRAMES_AT_ONCE)
        kernel = _staggered(layer.kernel[:, 0, :].T, FRAMES_AT_ONCE)
        before = (len(layer.kernel) - 1) // 2
        after = (steps - 1) * FRAMES_AT_ONCE + kernel.shape[1] - before - PATCH_FRAMES
        convolved = graph.op(
            "Conv",
            [image, self._kernel(name, layer, kernel[:, None, :, None])],
            f"{name}_convolved",
            pads=[before, 0, after, 0],
            strides=[FRAMES_AT_ONCE, 1],
        )
        maxima = self._band_maximum(convolved, BANDS, f"{name}_maxima")
        split = [0, len(layer.bias), FRAMES_AT_ONCE, steps]
        split = graph.op("Reshape", [maxima, graph.weight(f"{name}_split_shape", split)], f"{name}_split")
        ordered = graph.op("Transpose", [split], f"{name}_ordered", perm=[0, 1, 3, 2])
        joined = [0, len(layer.bias), steps * FRAMES_AT_ONCE]
        joined = graph.op("Reshape", [ordered, graph.weight(f"{name}_joined_shape", joined)], f"{name}_joined")
        return self._slice(joined, 2, 0, PATCH_FRAMES, name)

    def _band_maximum(self, image: str, bands: int, name: str) -> str:
        """[patches, channels, frames, bands] -> [patches, channels, frames, 1], in the layout of convolutions."""
        return self._graph.op("MaxPool", [image], name, kernel_shape=[1, bands])

    def _activate(self, maxima: str) -> str:
        """Bias, ReLU and normalisation of the living front-end channels, in their order."""
        graph, layers = self._graph, self._timbre + self._rhythm
        signs = graph.weight("front_signs", numpy.concatenate([_signs(layer) for layer in layers])[:, None])
        bias = graph.weight("front_bias", numpy.concatenate([layer.bias for layer in layers])[:, None])
        scale = graph.weight("front_scale", numpy.concatenate([layer.after.scale for layer in layers])[:, None])
        shift = graph.weight("front_shift", numpy.concatenate([layer.after.shift for layer in layers])[:, None])
        biased = graph.op("Add", [graph.op("Mul", [maxima, signs], "front_signed"), bias], "front_biased")
        active = graph.op("Relu", [biased], "front_active")
        return graph.op("Add", [graph.op("Mul", [active, scale], "front_scaled"), shift], "front")

    # Middle and back.

    def _finish(self, timbre: str, image: str, rows: str) -> onnx.ModelProto:
        rhythm = [self._rhythm_features(image, index) for index in range(len(self._rhythm))]
        front = self._activate(self._graph.op("Concat", [timbre, *rhythm], "front_maxima", axis=1))
        self._classify(self._summarise(front, self._middle(front)))
        self._graph.output("embeddings", [rows, EMBEDDINGS])
        self._graph.output("activations", [rows, len(self._network.tag.bias)])
        return self._graph.model("vivace")

    def _middle(self, front: str) -> list[str]:
        """The outputs of the three convolutions over time; the second and the third add their input."""
        graph, (first, second, third) = self._graph, self._network.middle
        living = _filled(first.living(), len(first.bias))
        line = graph.op("Unsqueeze", [front, graph.weight("height_axis", [2])], "front_line")
        line = self._line_layer(line, first.take(living), *self._front_channels(), "middle_0_living")
        everything = self._with_constants(line, first, living, "middle_0")
        change = self._line_layer(line, second, living, _constants(first, living), "middle_1_change")
        outputs = [everything, graph.op("Add", [change, everything], "middle_1")]
        change = self._line_layer(outputs[1], third, _all(second), numpy.zeros(len(second.bias)), "middle_2_change")
        outputs.append(graph.op("Add", [change, outputs[1]], "middle_2"))
        axis = graph.weight("middle_height_axis", [2])
        return [graph.op("Squeeze", [output, axis], f"{output}_features") for output in outputs]

    def _line_layer(
        self, line: str, layer: Convolution, living: numpy.ndarray, constants: numpy.ndarray, name: str
    ) -> str:
        """A layer over time on the living input channels, [patches, living, 1, frames]; the others are constants."""
        graph = self._graph
        scale = graph.weight(f"{name}_scale", layer.after.scale[:, None, None])
        shift = graph.weight(f"{name}_shift", layer.after.shift[:, None, None])
        kernel = graph.weight(f"{name}_kernel", layer.kernel[:, living].transpose(2, 1, 0)[:, :, None, :])
        rest = graph.weight(f"{name}_rest", _response_to_constants(layer, constants)[:, None, :])
        convolved = graph.op("Conv", [line, kernel], f"{name}_convolved", pads=[0, MARGIN, 0, MARGIN])
        active = graph.op("Relu", [graph.op("Add", [convolved, rest], f"{name}_biased")], f"{name}_active")
        return graph.op("Add", [graph.op("Mul", [active, scale], f"{name}_scaled"), shift], name)

    def _with_constants(self, line: str, layer: Convolution, living: numpy.ndarray, name: str) -> str:
        """All channels of `layer` from its living ones: a convolution that copies these and adds the constants."""
        copies = numpy.zeros((len(layer.bias), len(living), 1, 1))
        copies[living, numpy.arange(len(living))] = 1
        weights = [
            self._graph.weight(f"{name}_copies", copies),
            self._graph.weight(f"{name}_constants", _constants(layer, living)),
        ]
        return self._graph.op("Conv", [line, *weights], name)

    def _front_channels(self) -> tuple[numpy.ndarray, numpy.ndarray]:
        """Which of all front-end channels live, and the constants of those that do not (zero for the living)."""
        layers = self._network.timbre + self._network.rhythm
        ends = numpy.cumsum([0] + [len(layer.bias) for layer in layers])
        living = numpy.concatenate([first + layer.living() for first, layer in zip(ends, layers)])
        return living, numpy.concatenate([_constants(layer, layer.living()) for layer in layers])

    def _summarise(self, front: str, middle: list[str]) -> str:
        """[patches, 2 * channels]: the maximum over time of every channel, then the mean of every channel."""
        graph = self._graph
        features = graph.op("Concat", [front, *middle], "features", axis=1)
        maximum = graph.op("ReduceMax", [features], "maximum", axes=[2], keepdims=0)
        mean = graph.op("ReduceMean", [features], "mean", axes=[2], keepdims=0)
        return graph.op("Concat", [maximum, mean], "summary", axis=1)

    def _classify(self, summary: str) -> None:
        graph, embed, tag = self._graph, self._summary_dense(), self._network.tag
        weights = [graph.weight("embed_kernel", embed.kernel), graph.weight("embed_bias", embed.bias)]
        embeddings = graph.op("Gemm", [summary, *weights], "embeddings")
        weights = [graph.weight("tag_kernel", tag.kernel), graph.weight("tag_bias", tag.bias)]
        logits = graph.op("Gemm", [graph.op("Relu", [embeddings], "penultimate"), *weights], "logits")
        graph.op("Sigmoid", [logits], "activations")

    def _summary_dense(self) -> Dense:
        """The first dense layer on the summary of living channels; in the checkpoint maximum and mean interleave."""
        living, at_rest = self._front_channels()
        kernel, bias = self._network.embed.kernel, self._network.embed.bias
        of_maximum, of_mean = kernel[0::2], kernel[1::2]
        middle = numpy.arange(len(at_rest), len(of_maximum))
        kept = numpy.concatenate([living, middle])
        constant = at_rest @ (of_maximum + of_mean)[: len(at_rest)]
        return Dense(numpy.concatenate([of_maximum[kept], of_mean[kept]]), bias + constant)


def _signs(layer: Convolution) -> numpy.ndarray:
    return numpy.where(layer.after.scale < 0, -1.0, 1.0)


def _staggered(kernel: numpy.ndarray, copies: int) -> numpy.ndarray:
    """[channels, taps] -> [channels * copies, taps + copies - 1]: each kernel `copies` times, each one tap later."""
    channels, taps = kernel.shape
    staggered = numpy.zeros((channels, copies, taps + copies - 1))
    for copy in range(copies):
        staggered[:, copy, copy : copy + taps] = kernel
    return staggered.reshape(channels * copies, -1)


def _constants(layer: Convolution, living: numpy.ndarray) -> numpy.ndarray:
    """The output of each channel that is a constant, and zero for the living."""
    constants = layer.at_rest()
    constants[living] = 0
    return constants


def _all(layer: Convolution) -> numpy.ndarray:
    return numpy.arange(len(layer.bias))


def _filled(living: numpy.ndarray, total: int) -> numpy.ndarray:
    """`living` with as many of the other channels as make whole vector registers."""
    others = numpy.setdiff1d(numpy.arange(total), living)
    return numpy.concatenate([living, others[: -len(living) % VECTOR_CHANNELS]])


def _response_to_constants(layer: Convolution, constants: numpy.ndarray) -> numpy.ndarray:
    """[outputs, frames]: what input channels that are constant over a patch, zero around it, add, and the bias."""
    patch = numpy.pad(numpy.ones(PATCH_FRAMES), MARGIN)
    by_tap = numpy.einsum("i,tio->to", constants, layer.kernel)
    return layer.bias[:, None] + sum(
        numpy.outer(by_tap[tap], patch[tap : tap + PATCH_FRAMES]) for tap in range(TIME_TAPS)
    )


# The model folder.


def manifest(dataset_name: str, patches: str) -> dict:
    """The manifest of the model; `patches` says who cuts them, the host or the graph."""
    dataset = DATASETS[dataset_name]
    return {
        "name": f"{dataset_name.lower()}-musicnn",
        "task": "embed",
        "family": "mel-patch",
        "version": "1",
        "description": f"MusiCNN trained on {dataset.name}: embeddings and {len(dataset.labels)} tags",
        "licence": "ISC",
        "licence_url": "https://github.com/jordipons/musicnn/blob/master/LICENSE.md",
        "source": "Python wheel musicnn 0.1.0",
        "audio": {"sample_rate": 16000, "resampler": "linear"},
        "front_end": LOG_MEL_FRONT_END,
        "patch": {
            "frames": PATCH_FRAMES,
            "hop": PATCH_HOP,
            "cut_by": patches,
            "batch": dataset.patches_a_run,
            "fixed_batch": 0,
            "essentia_rows": "all",
        },
        "tensors": {"input": "melspectrogram", "embeddings": "embeddings", "activations": "activations"},
        "embedding": {"dimension": EMBEDDINGS},
        "activations": {"kind": "sigmoid", "labels": dataset.labels},
        "precision": {"least_cosine": 0.9995},
    }


def convert(bundle: Bundle, dataset_name: str, patches: str, parent: Path) -> Path:
    """Writes the model folder below `parent` and returns its path. TensorFlow gets the network as published."""
    graph = MusicnnGraph(read_network(bundle))
    model = graph.of_stretch() if patches == "graph" else graph.of_patches()
    cut = Cut(PATCH_FRAMES, PATCH_HOP) if patches == "graph" else None
    files = [
        ModelFile("graph", "model.onnx", serialise(model)),
        ModelFile("tensorflow", "model.pb", frozen_graph(PublishedMusicnn(bundle).build(), cut=cut)),
    ]
    return write_model_folder(parent, manifest(dataset_name, patches), files)


def main() -> None:
    parser = argparse.ArgumentParser(description="Convert MusiCNN to a model folder.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--wheel", type=Path, help="the Python wheel musicnn 0.1.0")
    source.add_argument("--checkpoint", help="path of a checkpoint without '.index'")
    parser.add_argument("--dataset", choices=sorted(DATASETS), default="MSD", help="what it was trained on")
    parser.add_argument("--patches", choices=["graph", "host"], default="graph", help="who cuts the patches")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder in which the model folder is made")
    arguments = parser.parse_args()
    try:
        bundle = (
            open_bundle_in_zip(arguments.wheel, f"musicnn/{arguments.dataset}_musicnn/")
            if arguments.wheel
            else open_bundle(arguments.checkpoint)
        )
        print(convert(bundle, arguments.dataset, arguments.patches, arguments.output))
    except (BundleError, OSError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
