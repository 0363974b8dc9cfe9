"""Spectral features, MFCC and chroma as librosa and Essentia compute them, under vivace's names of fields."""

from collections import defaultdict

import essentia
import essentia.standard as es
import librosa
import numpy as np

FRAME, HOP = 2048, 512
ESSENTIA_SCALE = np.float32(4 / FRAME)  # a Hann window's sum becomes 2, as Essentia's Windowing makes it

essentia.log.infoActive = False


def statistics(name, rows):
    """The three statistics of a value, or of a vector, a frame; rows are [columns, frames]."""
    rows = np.asarray(rows, dtype=np.float64)
    rows = rows[0] if rows.shape[0] == 1 else rows
    values = {"mean": rows.mean(-1), "std": rows.std(-1), "median": np.median(rows, axis=-1)}
    return {f"{name}.{statistic}": value for statistic, value in values.items()}


def spectrum_of(samples):
    return np.abs(librosa.stft(samples))


def spectral(samples, rate, spectrum):
    feature = librosa.feature
    return (
        statistics("spectral.centroid_hz", feature.spectral_centroid(S=spectrum, sr=rate))
        | statistics("spectral.bandwidth_hz", feature.spectral_bandwidth(S=spectrum, sr=rate))
        | statistics("spectral.rolloff_hz", feature.spectral_rolloff(S=spectrum, sr=rate))
        | statistics("spectral.flatness", feature.spectral_flatness(S=spectrum))
        | statistics("spectral.contrast_db", feature.spectral_contrast(S=spectrum, sr=rate))
        | statistics("spectral.zero_crossing_rate", feature.zero_crossing_rate(samples))
        | statistics("spectral.rms", feature.rms(y=samples))
    )


def mfcc(_samples, rate, spectrum):
    mel = librosa.feature.melspectrogram(S=spectrum**2, sr=rate)
    return statistics("mfcc", librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13))


def chroma(name, rows):
    return {key: value for key, value in statistics(name, rows).items() if not key.endswith("median")}


def chroma_stft(_samples, rate, spectrum):
    found = chroma("chroma.stft", librosa.feature.chroma_stft(S=spectrum**2, sr=rate))
    return found | {"chroma.tuning": librosa.estimate_tuning(S=spectrum, sr=rate)}


def chroma_cqt(samples, rate, _spectrum):
    return chroma("chroma.cqt", librosa.feature.chroma_cqt(y=samples, sr=rate))


def essentia_spectra(samples):
    """The frames of librosa's transform, transformed by Essentia."""
    window = np.hanning(FRAME + 1)[:-1] * ESSENTIA_SCALE
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, FRAME // 2), FRAME)[::HOP]
    transform = es.Spectrum(size=FRAME)
    return [transform((frame * window).astype(np.float32)) for frame in frames]


def essentia_spectral(spectra, rate):
    """Flux, roll-off, flatness, moments and contrast of spectra, one after the other."""
    flux, rolloff, flatness = es.Flux(), es.RollOff(sampleRate=rate), es.Flatness()
    moments, shape = es.CentralMoments(range=rate / 2), es.DistributionShape()
    contrast = es.SpectralContrast(frameSize=FRAME, sampleRate=rate)
    rows = defaultdict(list)
    for frame in spectra:
        _, skewness, kurtosis = shape(moments(frame))
        rows["flux"].append([flux(frame)])
        rows["rolloff_hz"].append([rolloff(frame)])
        rows["flatness"].append([flatness(frame)])
        rows["skewness"].append([skewness])
        rows["kurtosis"].append([kurtosis])
        rows["contrast"].append(contrast(frame)[0])
    found = {}
    for name, values in rows.items():
        found |= statistics(f"spectral.essentia_{name}", np.array(values).T)
    return found
