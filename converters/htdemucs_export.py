"""HTDemucs by its original code: reads and seeds networks, and traces them to ONNX. Needs demucs, torch, onnx and
onnxruntime."""

import contextlib
import functools
import io
import math
import pickle
import tempfile
import warnings
from fractions import Fraction
from pathlib import Path
from unittest import mock

import onnx
import onnxruntime
import torch
from demucs import transformer
from demucs.htdemucs import HTDemucs
from demucs.states import load_model
from demucs.transformer import LayerScale, MyGroupNorm

from hidden_shapes import hide_shapes
from onnx_graph import OPSET, serialise

SAMPLE_RATE = 44100
SEGMENT = Fraction(39, 5)  # seconds
CHANNELS = 2
BATCH = 1

# Of the published networks; the file `conf/config.yaml` of Demucs and its experiment 955717e8.
ARCHITECTURE = {"channels": 48, "bottom_channels": 512, "dconv_mode": 3, "segment": SEGMENT, "samplerate": SAMPLE_RATE}

# A fresh network scales its residual branches by 1e-3 and less, so that errors in them would hardly show; a trained one
# does not.
RESIDUAL_SCALES = (0.05, 0.5)


def seeded_network(stems: list[str], seed: int) -> HTDemucs:
    """A network of the published size with seeded weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = HTDemucs(list(stems), **ARCHITECTURE)
        for module in network.modules():
            if isinstance(module, LayerScale):
                module.scale.data.uniform_(*RESIDUAL_SCALES)
    return network.eval()


def read_checkpoint(path: Path) -> HTDemucs:
    """The network of a file in Demucs's format; nothing in it is run. Raises ValueError, OSError."""
    try:
        with torch.serialization.safe_globals([HTDemucs, Fraction]):
            package = torch.load(path, "cpu", weights_only=True)
        network = load_model(package)
    except (pickle.UnpicklingError, RuntimeError, KeyError, TypeError, EOFError) as error:
        raise ValueError(f"{path}: not a checkpoint of HTDemucs, or damaged: {error}") from None
    if not isinstance(network, HTDemucs):
        raise ValueError(f"{path}: holds a {type(network).__name__}, not HTDemucs")
    if network.samplerate != SAMPLE_RATE or network.audio_channels != CHANNELS:
        raise ValueError(f"{path}: not for stereo at {SAMPLE_RATE} Hz")
    if not network.cac or not network.use_train_segment:
        raise ValueError(f"{path}: only networks that give complex spectra of segments of one length can be exported")
    return network.eval()


class SpectrumForm(torch.nn.Module):
    """waveform [1, 2, samples] and spectrum [1, 4, bins, frames] -> spectra [1, stems, 4, bins, frames] and waves
    [1, stems, 2, samples]; a stem is its wave plus the inverse transform of its spectrum.

    The channels of a spectrum are the left real, left imaginary, right real and right imaginary parts.
    """

    INPUTS = ("waveform", "spectrum")
    OUTPUTS = ("spectra", "waves")

    def __init__(self, network: HTDemucs):
        super().__init__()
        self.network = network

    def forward(self, waveform: torch.Tensor, spectrum: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the network gives before it transforms spectra back."""
        spectra = []

        def keep(_, estimated):
            spectra.append(estimated)
            return estimated

        with (
            mock.patch.object(self.network, "_spec", lambda _: spectrum),
            mock.patch.object(self.network, "_magnitude", lambda each: each),
            mock.patch.object(self.network, "_mask", keep),
            mock.patch.object(self.network, "_ispec", lambda *_: 0.0),
        ):
            waves = self.network(waveform)
        return spectra[0], waves

    def examples(self) -> tuple[torch.Tensor, ...]:
        """Inputs of the right shapes."""
        samples = segment_length(self.network)
        frames = math.ceil(samples / self.network.hop_length)
        bins = self.network.nfft // 2
        return torch.randn(BATCH, CHANNELS, samples), torch.randn(BATCH, 2 * CHANNELS, bins, frames)


class WaveformForm(torch.nn.Module):
    """mix [1, 2, samples] -> stems [1, stems, 2, samples]."""

    INPUTS = ("mix",)
    OUTPUTS = ("stems",)

    def __init__(self, network: HTDemucs):
        super().__init__()
        self.inner = SpectrumForm(network)
        self.size, self.hop = network.nfft, network.hop_length
        analysis, synthesis = fourier_kernels(self.size)
        self.register_buffer("analysis", analysis)
        self.register_buffer("synthesis", synthesis)

    def forward(self, mix: torch.Tensor) -> torch.Tensor:
        """Both transforms around the other form."""
        spectra, waves = self.inner(mix, self._spectrum(mix))
        return waves + self._waves(spectra, waves.shape)

    def _margin(self) -> int:
        """Samples that the first frame begins before the segment."""
        return self.hop * 3 // 2

    def _spectrum(self, mix: torch.Tensor) -> torch.Tensor:
        samples = mix.shape[-1]
        frames = math.ceil(samples / self.hop)
        behind = self._margin() + frames * self.hop - samples
        padded = torch.nn.functional.pad(mix, (self._margin(), behind), mode="reflect")
        parts = torch.nn.functional.conv1d(padded.reshape(BATCH * CHANNELS, 1, -1), self.analysis, stride=self.hop)
        return parts.reshape(BATCH, 2 * CHANNELS, self.size // 2, frames)

    def _waves(self, spectra: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        parts = spectra.reshape(-1, self.size, spectra.shape[-1])
        waves = torch.nn.functional.conv_transpose1d(parts, self.synthesis, stride=self.hop)
        return waves[..., self._margin() : self._margin() + shape[-1]].reshape(shape)

    def examples(self) -> tuple[torch.Tensor, ...]:
        """An input of the right shape."""
        return self.inner.examples()[:1]


def segment_length(network: HTDemucs) -> int:
    """Samples that the network sees at a time."""
    return int(network.segment * network.samplerate)


def fourier_kernels(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """[size, 1, size] each: a frame under a periodic Hann window to the real and then the imaginary parts of its bins
    but the last, divided by the root of the size, and these back to a frame that overlaps with others by 3 / 4."""
    time = torch.arange(size, dtype=torch.float64)
    bins = torch.arange(size // 2, dtype=torch.float64)[:, None]
    angle = 2 * math.pi * torch.remainder(bins * time, size) / size
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * time / size)
    waves = torch.cat([torch.cos(angle), -torch.sin(angle)]) * window / math.sqrt(size)
    sides = torch.full((size, 1), 2.0, dtype=torch.float64)
    sides[0] = 1.0  # the constant has no mirror image
    squares = 1.5  # sum of the squared windows that overlap in a sample
    return waves[:, None].float(), (waves * sides / squares)[:, None].float()


def _normalised(values: torch.Tensor, norm: torch.nn.GroupNorm, channel_axis: int) -> torch.Tensor:
    """Group normalisation with one group, for `values` [batch, …] of any order of axes."""
    if norm.num_groups != 1:
        raise ValueError("only normalisation over all channels can be exported")
    gain, shift = (each.detach()[:, None] if channel_axis == 1 else each.detach() for each in (norm.weight, norm.bias))
    centred = values - _mean(values)
    return centred * (torch.rsqrt(_mean(centred * centred) + norm.eps) * gain) + shift


def _mean(values: torch.Tensor) -> torch.Tensor:
    """[batch, 1, …]: the mean over all axes but the first, in two steps.

    ONNX Runtime adds up with few accumulators, in which small values are lost beside a sum of millions.
    """
    batch, *others = (int(length) for length in values.shape)  # plain numbers leave no trace
    rows = _rows(math.prod(others))
    return _plain_mean(_plain_mean(values.reshape(batch, rows, -1), 2), 1).reshape(batch, *[1] * len(others))


def _rows(length: int) -> int:
    """The divisor of a length that is nearest to its root, from below."""
    return next(rows for rows in range(math.isqrt(length), 0, -1) if length % rows == 0)


_plain_mean = torch.Tensor.mean


def _whole_mean(values: torch.Tensor, dim: tuple[int, ...], keepdim: bool) -> torch.Tensor:
    """Tensor.mean as HTDemucs uses it: over all axes but the first."""
    assert dim == tuple(range(1, values.dim())) and keepdim
    return _mean(values)


def _whole_deviation(values: torch.Tensor, dim: tuple[int, ...], keepdim: bool) -> torch.Tensor:
    """Tensor.std as HTDemucs uses it."""
    centred = values - _whole_mean(values, dim, keepdim)
    count = math.prod(int(length) for length in values.shape[1:])
    return torch.sqrt(_mean(centred * centred) * (count / (count - 1)))


FORMS = {"spectrum": SpectrumForm, "waveform": WaveformForm}


def exported(network: HTDemucs, form: str) -> bytes:
    """The network as an ONNX file."""
    module = FORMS[form](network).eval()
    stream = io.BytesIO()
    with torch.no_grad(), _traceable(network):
        module(*module.examples())  # position embeddings become constants
        torch.onnx.export(
            module,
            module.examples(),
            stream,
            input_names=list(module.INPUTS),
            output_names=list(module.OUTPUTS),
            opset_version=OPSET,
            dynamo=False,
        )
    return serialise(hide_shapes(_folded(_plain(onnx.load_from_string(stream.getvalue())))))


@contextlib.contextmanager
def _traceable(network: HTDemucs):
    """Attention by plain operators, and position embeddings that are computed once and are not part of the trace."""
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    encoder = network.crosstransformer
    embed_time = encoder._get_pos_embedding
    time_embedding = functools.cache(lambda *sizes: embed_time(*sizes, device="cpu").detach())
    embed_spectrum = transformer.create_2d_sin_embedding
    spectrum_embedding = functools.cache(lambda *sizes: embed_spectrum(*sizes[:3], "cpu", sizes[3]).detach())
    try:
        with (
            warnings.catch_warnings(),
            mock.patch.object(torch.nn.GroupNorm, "forward", lambda norm, values: _normalised(values, norm, 1)),
            mock.patch.object(MyGroupNorm, "forward", lambda norm, values: _normalised(values, norm, 2)),
            mock.patch.object(torch.Tensor, "mean", _whole_mean),
            mock.patch.object(torch.Tensor, "std", _whole_deviation),
            mock.patch.object(encoder, "sin_random_shift", 0),
            mock.patch.object(
                encoder,
                "_get_pos_embedding",
                lambda length, batch, channels, _: time_embedding(int(length), int(batch), int(channels)),
            ),
            mock.patch.object(
                transformer,
                "create_2d_sin_embedding",
                lambda channels, height, width, _, period: spectrum_embedding(
                    int(channels), int(height), int(width), float(period)
                ),
            ),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)


def _folded(model: onnx.ModelProto) -> onnx.ModelProto:
    """With what ONNX Runtime computes and fuses of a graph by standard operators, as it still knows all shapes."""
    with tempfile.TemporaryDirectory() as folder:
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(Path(folder) / "folded.onnx")
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        folded = onnx.load(options.optimized_model_filepath)
    domains = {node.domain for node in folded.graph.node}
    used = [opset for opset in folded.opset_import if opset.domain in domains]
    del folded.opset_import[:]
    folded.opset_import.extend(used)
    return folded


def _plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the names of source files and modules, and without nodes that only rename a constant, on which ONNX
    Runtime's optimizations fail."""
    model.producer_name, model.producer_version = "vivace", ""
    constants = {weight.name for weight in model.graph.initializer}
    renamed = {
        node.output[0]: node.input[0]
        for node in model.graph.node
        if node.op_type == "Identity" and node.input[0] in constants
    }
    kept = [node for node in model.graph.node if node.output[0] not in renamed]
    for node in kept:
        node.doc_string = ""
        del node.metadata_props[:]
        node.input[:] = [renamed.get(name, name) for name in node.input]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    return model
