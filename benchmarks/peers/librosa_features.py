"""What librosa and pyloudnorm have of vivace's features, as Python users compute it."""

import librosa
import numpy as np
import pyloudnorm
import soundfile

from spectral_peers import chroma_cqt, chroma_stft, mfcc, spectral, spectrum_of


def loudness(samples, rate):
    return {"integrated_lufs": pyloudnorm.Meter(rate).integrated_loudness(samples)}


def levels(samples):
    peak, rms = np.max(np.abs(samples)), np.sqrt(np.mean(np.square(samples)))
    return {"peak": peak, "rms": rms, "crest": peak / max(rms, 1e-12)}


def rhythm(samples, rate):
    envelope = librosa.onset.onset_strength(y=samples, sr=rate)
    tempo, beats = librosa.beat.beat_track(onset_envelope=envelope, sr=rate, units="time")
    onsets = librosa.onset.onset_detect(onset_envelope=envelope, sr=rate, units="time")
    return {"onsets_s": onsets, "bpm": tempo, "beats_s": beats}


def features(path):
    """Name -> value of one file."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    found = loudness(samples, rate) | levels(samples)
    mono = samples.mean(axis=1)
    spectrum = spectrum_of(mono)
    for part in (spectral, mfcc, chroma_stft, chroma_cqt):
        found |= part(mono, rate, spectrum)
    return found | rhythm(mono, rate)
