"""What Essentia has of vivace's features: its algorithms one by one, and its extractor of all of them."""

from collections import defaultdict

import essentia
import essentia.standard as es
import numpy as np

essentia.log.infoActive = False
essentia.log.warningActive = False

FRAME, HOP = 2048, 512


def loudness(stereo, rate):
    names = ("momentary", "short_term", "integrated_lufs", "range_lu")
    return dict(zip(names, es.LoudnessEBUR128(sampleRate=rate)(stereo)))


def spectral(samples, rate):
    """Statistics over frames of the shape of the spectrum, MFCC and HPCP."""
    window, spectrum, mfcc = es.Windowing(type="hann"), es.Spectrum(size=FRAME), es.MFCC(sampleRate=rate)
    moments, shape = es.CentralMoments(range=rate / 2), es.DistributionShape()
    contrast = es.SpectralContrast(frameSize=FRAME, sampleRate=rate)
    peaks, hpcp = es.SpectralPeaks(sampleRate=rate), es.HPCP(sampleRate=rate)
    of_spectrum = {
        "centroid": es.Centroid(range=rate / 2),
        "flux": es.Flux(),
        "rolloff": es.RollOff(sampleRate=rate),
        "flatness": es.Flatness(),
    }
    crossings, rms = es.ZeroCrossingRate(), es.RMS()
    rows = defaultdict(list)
    for frame in es.FrameGenerator(samples, frameSize=FRAME, hopSize=HOP, startFromZero=False):
        bins = spectrum(window(frame))
        for name, algorithm in of_spectrum.items():
            rows[name].append(algorithm(bins))
        rows["shape"].append(shape(moments(bins)))
        rows["contrast"].append(contrast(bins)[0])
        rows["mfcc"].append(mfcc(bins)[1])
        rows["hpcp"].append(hpcp(*peaks(bins)))
        rows["crossings"].append(crossings(frame))
        rows["rms"].append(rms(frame))
    found = {}
    for name, values in rows.items():
        found |= {f"{name}.mean": np.mean(values, axis=0), f"{name}.std": np.std(values, axis=0)}
    return found


def rhythm(samples):
    bpm, beats, *_ = es.RhythmExtractor2013(method="degara")(samples)
    onsets, rate = es.OnsetRate()(samples)
    return {"bpm": bpm, "beats_s": beats, "onsets_s": onsets, "onset_rate": rate}


def features(path):
    """Name -> value of one file."""
    stereo, rate, *_ = es.AudioLoader(filename=str(path))()
    mono = stereo.mean(axis=1)
    key, scale, strength = es.KeyExtractor(sampleRate=rate)(mono)
    found = loudness(stereo, rate) | spectral(mono, rate) | rhythm(mono)
    return found | {"key": key, "scale": scale, "strength": strength, "danceability": es.Danceability()(mono)[0]}


def extracted(path):
    """Name -> value of one file."""
    pool, _ = es.MusicExtractor(lowlevelStats=["mean", "stdev", "median"])(str(path))
    return {name: pool[name] for name in pool.descriptorNames()}
