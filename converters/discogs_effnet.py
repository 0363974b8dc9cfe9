#!/usr/bin/env python3
"""Builds Discogs-EffNet, an EfficientNet-B0 on log-mel patches, with seeded weights.

    python converters/discogs_effnet.py -o models

The published weights may not be redistributed. This model has the same architecture, tensors, size and cost, for tests
and measurements; what it says about music means nothing, so its name ends in "-seeded".

Architecture: M. Tan and Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", 2019,
table 1, on one channel of 128 frames by 96 bands, batch normalisation folded into the convolutions.
"""

from dataclasses import dataclass

import onnx

from essentia_files import (
    BATCH_AXIS,
    SeededModel,
    metadata,
    output_parser,
    parse_outputs,
    tensor,
    write_outputs,
)
from frozen_graph import frozen_graph
from log_mel import LOG_MEL_FRONT_END
from onnx_graph import serialise
from seeded_graph import SeededGraph, Signal, fit
from synthetic_music import log_mel_clips

NAME = "discogs-effnet-seeded"
DESCRIPTION = "EfficientNet-B0 as in Discogs-EffNet; its weights are seeded and mean nothing"
PATCH_FRAMES = 128
PATCH_HOP = 62
BANDS = 96
EMBEDDINGS = 1280
LABELS = [f"style-{index:03d}" for index in range(400)]
PATCHES_A_RUN = 8
EXAMPLES = 32
EXAMPLE_SEED = 20240501
STEM_CHANNELS = 32
SQUEEZE_RATIO = 4

# Over many pieces of music a style is rare: the logits of one spread around -4.
LOGIT_MEAN = -4.0
LOGIT_DEVIATION = 1.5


@dataclass(frozen=True)
class Stage:
    """A row of table 1: `repeats` inverted bottlenecks, of which the first has the stride."""

    expansion: int
    kernel: int
    stride: int
    channels: int
    repeats: int


STAGES = [
    Stage(expansion=1, kernel=3, stride=1, channels=16, repeats=1),
    Stage(expansion=6, kernel=3, stride=2, channels=24, repeats=2),
    Stage(expansion=6, kernel=5, stride=2, channels=40, repeats=2),
    Stage(expansion=6, kernel=3, stride=2, channels=80, repeats=3),
    Stage(expansion=6, kernel=5, stride=1, channels=112, repeats=3),
    Stage(expansion=6, kernel=5, stride=2, channels=192, repeats=4),
    Stage(expansion=6, kernel=3, stride=1, channels=320, repeats=1),
]


class EffNetGraph:
    """Builds the graph; signals are [batch, channels, frames, bands]."""

    def __init__(self, seed: int):
        self._graph = SeededGraph("discogs_effnet", seed)

    def build(self, batch: int | str) -> onnx.ModelProto:
        """The model. `batch` is a size, or the name of an axis of any size."""
        patches = log_mel_clips(EXAMPLES, PATCH_FRAMES, EXAMPLE_SEED)
        signal = self._graph.input("melspectrogram", [batch, PATCH_FRAMES, BANDS], patches)
        signal = self._graph.op("Unsqueeze", [signal, self._graph.weight("channel_axis", [1])], "image")
        signal = self._swish(self._convolution(signal, STEM_CHANNELS, "stem", kernel=3, stride=2))
        for number, stage in enumerate(STAGES, start=1):
            for repeat in range(stage.repeats):
                signal = self._bottleneck(signal, stage, stage.stride if repeat == 0 else 1, f"stage{number}_{repeat}")
        signal = self._swish(self._convolution(signal, EMBEDDINGS, "head"))
        self._classify(self._graph.op("GlobalAveragePool", [signal], "pooled"), batch)
        return self._graph.model()

    def _bottleneck(self, signal: Signal, stage: Stage, stride: int, name: str) -> Signal:
        """Widen, filter each channel, weigh the channels, narrow; the input is added where the shapes allow."""
        inputs = _channels(signal)
        wide = signal
        if stage.expansion > 1:
            wide = self._swish(self._convolution(signal, inputs * stage.expansion, f"{name}_expand"))
        filtered = self._swish(self._depthwise(wide, f"{name}_depthwise", stage.kernel, stride))
        weighed = self._squeeze_excite(filtered, inputs // SQUEEZE_RATIO, f"{name}_se")
        narrow = self._convolution(weighed, stage.channels, f"{name}_project")
        if stride == 1 and inputs == stage.channels:
            return self._graph.op("Add", [narrow, signal], f"{name}_sum")
        return narrow

    def _convolution(self, signal: Signal, outputs: int, name: str, kernel: int = 1, stride: int = 1) -> Signal:
        shape = (outputs, _channels(signal), kernel, kernel)
        return self._graph.fitted_convolution(signal, shape, name, **_geometry(kernel, stride))

    def _depthwise(self, signal: Signal, name: str, kernel: int, stride: int) -> Signal:
        channels = _channels(signal)
        shape = (channels, 1, kernel, kernel)
        return self._graph.fitted_convolution(signal, shape, name, group=channels, **_geometry(kernel, stride))

    def _squeeze_excite(self, signal: Signal, squeezed: int, name: str) -> Signal:
        """Each channel times a weight in 0 ... 1 that depends on the means of all channels."""
        means = self._graph.op("GlobalAveragePool", [signal], f"{name}_means")
        channels = _channels(signal)
        hidden = self._graph.random_convolution(means, (squeezed, channels, 1, 1), f"{name}_reduce")
        logits = self._graph.random_convolution(self._swish(hidden), (channels, squeezed, 1, 1), f"{name}_expand")
        return self._graph.op("Mul", [signal, self._graph.op("Sigmoid", [logits], f"{name}_weights")], name)

    def _swish(self, signal: Signal) -> Signal:
        gate = self._graph.op("Sigmoid", [signal], f"{signal.name}_gate")
        return self._graph.op("Mul", [signal, gate], f"{signal.name}_swish")

    def _classify(self, pooled: Signal, batch: int | str) -> None:
        embeddings = self._graph.op("Flatten", [pooled], "embeddings", axis=1)
        logits = self._graph.op("Gemm", [embeddings, *self._classifier(embeddings)], "logits")
        activations = self._graph.op("Sigmoid", [logits], "activations")
        self._graph.output(activations, [batch, len(LABELS)])
        self._graph.output(embeddings, [batch, EMBEDDINGS])

    def _classifier(self, embeddings: Signal) -> list[Signal]:
        """Kernel and bias of a dense layer whose outputs are fitted to `LOGIT_MEAN` and `LOGIT_DEVIATION`."""
        kernel = self._graph.normal((EMBEDDINGS, len(LABELS)))
        means = self._graph.normal((len(LABELS),), mean=LOGIT_MEAN)
        scale, shift = fit(embeddings.values @ kernel, axes=(0,), mean=means, deviation=LOGIT_DEVIATION)
        return [self._graph.weight("classifier_kernel", kernel * scale), self._graph.weight("classifier_bias", shift)]


def _channels(signal: Signal) -> int:
    return signal.values.shape[1]


def _geometry(kernel: int, stride: int) -> dict:
    return {"strides": [stride, stride], "pads": [kernel // 2] * 4}


def manifest(fixed_batch: int) -> dict:
    """The manifest of the model; `fixed_batch` is the only batch size that it takes, 0 for any."""
    return {
        "name": NAME,
        "task": "embed",
        "family": "mel-patch",
        "version": "1",
        "description": DESCRIPTION,
        "licence": "Apache-2.0",
        "licence_url": "https://www.apache.org/licenses/LICENSE-2.0",
        "source": "converters/discogs_effnet.py",
        "audio": {"sample_rate": 16000, "resampler": "linear"},
        "front_end": LOG_MEL_FRONT_END,
        "patch": {
            "frames": PATCH_FRAMES,
            "hop": PATCH_HOP,
            "cut_by": "host",
            "batch": fixed_batch or PATCHES_A_RUN,
            "fixed_batch": fixed_batch,
            "essentia_rows": "without-last-frame",
        },
        "tensors": {"input": "melspectrogram", "embeddings": "embeddings", "activations": "activations"},
        "embedding": {"dimension": EMBEDDINGS},
        "activations": {"kind": "sigmoid", "labels": LABELS},
    }


def essentia_metadata(batch: int | str) -> dict:
    """The JSON file beside the ONNX file; `batch` is a size or the name of the axis."""
    schema = {
        "inputs": [tensor("serving_default_melspectrogram", [batch, PATCH_FRAMES, BANDS])],
        "outputs": [
            tensor("PartitionedCall:0", [batch, len(LABELS)], op="Sigmoid", output_purpose="predictions"),
            tensor("PartitionedCall:1", [batch, EMBEDDINGS], op="Flatten", output_purpose="embeddings"),
        ],
    }
    inference = {"algorithm": "TensorflowPredictEffnetDiscogs"}
    return metadata("discogs-effnet", "Music style classification", DESCRIPTION, LABELS, schema, inference)


def seeded_model(seed: int, fixed_batch: int) -> SeededModel:
    """The model; `fixed_batch` is the only batch size that it takes, 0 for any."""
    graph = EffNetGraph(seed).build(fixed_batch or "batch")
    return SeededModel(
        graph=serialise(graph),
        manifest=manifest(fixed_batch),
        stem=f"discogs-effnet-bs{fixed_batch or 'dynamic'}-1",
        metadata=essentia_metadata(fixed_batch or BATCH_AXIS),
        frozen_graph=frozen_graph(graph),
    )


def main() -> None:
    parser = output_parser("Build Discogs-EffNet with seeded weights.")
    parser.add_argument("--fixed-batch", type=int, default=0, help="the only batch size that the graph takes; 0: any")
    arguments = parse_outputs(parser)
    write_outputs(seeded_model(arguments.seed, arguments.fixed_batch), arguments.output, arguments.raw)


if __name__ == "__main__":
    main()
