"""MDX-Net by python-audio-separator's own code (package audio-separator 0.47.1).

Only its transform, its loop over chunks and its normalisation are run. What the package imports for other purposes need
not be installed: stand-ins take its place.
"""

import importlib
import importlib.machinery
import importlib.util
import logging
import sys
import types
from pathlib import Path
from unittest import mock

import numpy as np
import onnxruntime
import torch

PACKAGE = "audio_separator"
NOT_NEEDED = ["librosa", "pydub", "audioread", "onnx2torch", "samplerate", "resampy", "six", "six.moves"]
LOUDEST = 0.9  # Separator's normalization_threshold


def _import_architecture():
    """The module mdx_separator, without its package's own start, which imports every architecture."""
    for name in NOT_NEEDED:
        if name not in sys.modules and not _is_installed(name):
            stand_in = mock.MagicMock(name=name)
            stand_in.__spec__ = importlib.machinery.ModuleSpec(name, None)
            sys.modules[name] = stand_in
    root = Path(importlib.util.find_spec(PACKAGE).submodule_search_locations[0])
    for name, folder in ((PACKAGE, root), (f"{PACKAGE}.separator", root / "separator")):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return importlib.import_module(f"{PACKAGE}.separator.architectures.mdx_separator")


def _is_installed(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


_architecture = _import_architecture()


class Mdx:
    """One MDX-Net graph with the facts of its manifest."""

    def __init__(self, graph, manifest, threads):
        spectrum = manifest["spectrum"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        separator = object.__new__(_architecture.MDXSeparator)
        separator.logger = logging.getLogger("audio-separator")
        separator.torch_device = torch.device("cpu")
        separator.n_fft, separator.hop_length = spectrum["fft"], spectrum["hop"]
        separator.dim_f, separator.dim_t, separator.segment_size = (
            spectrum["bins"],
            spectrum["frames"],
            spectrum["frames"],
        )
        separator.batch_size, separator.enable_denoise = 1, False
        separator.model_run = lambda spectra: session.run(None, {"input": spectra.numpy()})[0]
        self._separator = separator
        self._compensate = manifest["separation"]["compensate"]

    def separate(self, samples, overlap):
        """[2, frames] -> its two stems, and the same with its level undone by the factor that it was scaled by.

        MDXSeparator.separate multiplies the first stem by the peak of the mix, whatever it was divided by, and
        subtracts it from the mix as scaled. It so returns a quiet track's stem too low, and a rest that has the wrong
        share of it.
        """
        self._separator.overlap = overlap
        peak = float(np.abs(samples).max())
        scaled = _architecture.spec_utils.normalize(wave=samples.copy(), max_peak=LOUDEST, min_peak=0.0)
        raw = self._separator.demix(scaled)
        theirs = (raw * peak, scaled - self._compensate * raw * peak)
        primary = raw * max(1.0, peak / LOUDEST)
        return theirs, (primary, samples - self._compensate * primary)
