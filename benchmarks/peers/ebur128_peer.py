"""libebur128 (Debian's package libebur128-1) by ctypes, behind a few plain functions."""

import ctypes
import ctypes.util
import math

import numpy as np

MOMENTARY, SHORT_TERM, INTEGRATED, RANGE, SAMPLE_PEAK, TRUE_PEAK = 0x1, 0x3, 0x5, 0xB, 0x11, 0x31
DUAL_MONO = 6

DOUBLE_OUT = ctypes.POINTER(ctypes.c_double)
FLOATS = ctypes.POINTER(ctypes.c_float)


def library():
    """The library with the types of the functions that are used."""
    found = ctypes.util.find_library("ebur128")
    if not found:
        raise SystemExit("libebur128 is not installed: apt-get install libebur128-1")
    api = ctypes.CDLL(found)
    api.ebur128_init.restype = ctypes.c_void_p
    api.ebur128_init.argtypes = [ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
    api.ebur128_destroy.argtypes = [ctypes.POINTER(ctypes.c_void_p)]
    api.ebur128_set_channel.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int]
    api.ebur128_add_frames_float.argtypes = [ctypes.c_void_p, FLOATS, ctypes.c_size_t]
    for name in ("loudness_global", "loudness_range", "loudness_momentary", "loudness_shortterm"):
        getattr(api, f"ebur128_{name}").argtypes = [ctypes.c_void_p, DOUBLE_OUT]
    for name in ("sample_peak", "true_peak"):
        getattr(api, f"ebur128_{name}").argtypes = [ctypes.c_void_p, ctypes.c_uint, DOUBLE_OUT]
    return api


class Meter:
    """One measurement. `peaks`: also sample and true peak."""

    def __init__(self, channels, rate, peaks=False, dual_mono=False):
        self._api = library()
        self._channels, self._step = channels, (rate + 5) // 10
        self._state = ctypes.c_void_p(
            self._api.ebur128_init(channels, rate, SHORT_TERM | INTEGRATED | RANGE | (TRUE_PEAK if peaks else 0))
        )
        if dual_mono:
            self._api.ebur128_set_channel(self._state, 0, DUAL_MONO)
        self._momentary, self._short_term = [], []

    def push(self, samples):
        """Feeds float32 samples, [frames, channels], in steps of 100 ms, and asks for M and S after each whole one."""
        for begin in range(0, len(samples), self._step):
            step = np.ascontiguousarray(samples[begin : begin + self._step], dtype=np.float32)
            self._api.ebur128_add_frames_float(self._state, step.ctypes.data_as(FLOATS), len(step))
            if len(step) < self._step:
                continue
            self._momentary.append(self._number("loudness_momentary"))
            self._short_term.append(self._number("loudness_shortterm"))

    def results(self):
        """Integrated loudness, range, largest momentary and short-term loudness, and the latter every 100 ms."""
        return {
            "integrated_lufs": self._number("loudness_global"),
            "range_1s_lu": self._number("loudness_range"),
            "momentary_max_lufs": max(self._momentary),
            "short_term_max_lufs": max(self._short_term),
            "short_term_lufs": self._short_term,
        }

    def peaks(self):
        """Sample and true peak in decibels."""
        return {
            "sample_peak_dbfs": self._peak("sample_peak"),
            "true_peak_dbtp": self._peak("true_peak"),
        }

    def close(self):
        """Frees the state."""
        self._api.ebur128_destroy(ctypes.byref(self._state))

    def _number(self, what, *arguments):
        value = ctypes.c_double()
        getattr(self._api, f"ebur128_{what}")(self._state, *arguments, ctypes.byref(value))
        return value.value

    def _peak(self, what):
        return 20 * math.log10(max(self._number(what, channel) for channel in range(self._channels)) or 1e-300)


def measure(samples, rate, peaks=False, dual_mono=False):
    """Everything of float32 samples, [frames, channels]."""
    meter = Meter(samples.shape[1], rate, peaks, dual_mono)
    meter.push(samples)
    found = meter.results() | (meter.peaks() if peaks else {})
    meter.close()
    return found
