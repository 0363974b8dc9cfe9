"""Short pieces of made-up music and their log-mel spectrograms: input for fitting and testing without any recording."""

import numpy

SAMPLE_RATE = 16000
FRAME = 512
HOP = 256
BANDS = 96
HIGHEST_HZ = 8000.0
SCALE_DEGREES = (0, 2, 4, 7, 9)


def log_mel_clips(count: int, frames: int, seed: int) -> numpy.ndarray:
    """[count, frames, 96] float32: the beginnings of `count` different pieces, the same for the same seed."""
    generator = numpy.random.Generator(numpy.random.PCG64(seed))
    return numpy.stack([log_mel(music(generator, frames * HOP))[:frames] for _ in range(count)])


def log_mel(samples: numpy.ndarray) -> numpy.ndarray:
    """[frames, 96] float32, log10(1 + 10000 * power) on Slaney bands; frame i is centred on sample 256 * i."""
    padded = numpy.pad(samples, (HOP, FRAME))
    frames = 1 + -(-len(samples) // HOP)
    windows = numpy.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP][:frames]
    power = numpy.abs(numpy.fft.rfft(windows * numpy.hanning(FRAME))) ** 2
    return numpy.log10(1 + 10000 * power @ mel_bank().T).astype(numpy.float32)


def mel_bank() -> numpy.ndarray:
    """[96, 257]: triangles linear in Hz between edges equally spaced in Slaney mel, each of unit area."""
    edges = _mel_to_hz(numpy.linspace(0, _hz_to_mel(HIGHEST_HZ), BANDS + 2))
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    hz = numpy.arange(FRAME // 2 + 1) * SAMPLE_RATE / FRAME
    triangles = numpy.minimum((hz - low) / (centre - low), (high - hz) / (high - centre))
    return numpy.maximum(triangles, 0) * 2 / (high - low)


def _hz_to_mel(hz: float) -> float:
    return hz * 3 / 200 if hz < 1000 else 15 + numpy.log(hz / 1000) * 27 / numpy.log(6.4)


def _mel_to_hz(mel: numpy.ndarray) -> numpy.ndarray:
    return numpy.where(mel < 15, mel * 200 / 3, 1000 * numpy.exp((mel - 15) * numpy.log(6.4) / 27))


def music(generator: numpy.random.Generator, samples: int) -> numpy.ndarray:
    """A piece of notes, drums and noise in the range -1 ... 1, of random key, tempo, timbre and balance."""
    beat = int(SAMPLE_RATE * 60 / generator.uniform(70, 170))
    layers = [_notes(generator, samples, beat), _drums(generator, samples, beat), _hiss(generator, samples)]
    mix = sum(generator.uniform(0, 1) * layer for layer in layers)
    return generator.uniform(0.1, 0.9) * mix / (numpy.abs(mix).max() + 1e-9)


def _notes(generator: numpy.random.Generator, samples: int, beat: int) -> numpy.ndarray:
    tonic = generator.uniform(55, 220)
    brightness = generator.uniform(0.5, 2.5)
    decay = generator.uniform(0.5, 8)
    line = numpy.zeros(samples)
    for start in range(0, samples, beat // int(generator.integers(1, 5))):
        semitones = generator.choice(SCALE_DEGREES) + 12 * generator.integers(0, 3)
        _mix_in(line, start, _note(tonic * 2 ** (semitones / 12), brightness, decay, 2 * beat))
    return line


def _note(hz: float, brightness: float, decay: float, samples: int) -> numpy.ndarray:
    """A decaying harmonic tone; `brightness` is how fast its partials fade, `decay` is in 1 / s."""
    seconds = numpy.arange(samples) / SAMPLE_RATE
    partials = numpy.arange(1, min(24, int(0.9 * HIGHEST_HZ / hz)) + 1)[:, None]
    waves = numpy.sin(2 * numpy.pi * hz * partials * seconds) / partials**brightness
    return waves.sum(axis=0) * numpy.exp(-decay * seconds)


def _drums(generator: numpy.random.Generator, samples: int, beat: int) -> numpy.ndarray:
    line = numpy.zeros(samples)
    for number, start in enumerate(range(0, samples, beat)):
        _mix_in(line, start, _kick() if number % 2 == 0 else _burst(generator, 0.12))
        _mix_in(line, start + beat // 2, 0.4 * _burst(generator, 0.03))
    return line


def _kick() -> numpy.ndarray:
    seconds = numpy.arange(SAMPLE_RATE // 5) / SAMPLE_RATE
    return numpy.sin(2 * numpy.pi * (50 * seconds - 4 * numpy.exp(-30 * seconds))) * numpy.exp(-15 * seconds)


def _burst(generator: numpy.random.Generator, seconds: float) -> numpy.ndarray:
    """Noise that fades within `seconds`."""
    samples = int(seconds * SAMPLE_RATE)
    return generator.standard_normal(samples) * numpy.exp(-numpy.linspace(0, 5, samples))


def _hiss(generator: numpy.random.Generator, samples: int) -> numpy.ndarray:
    return generator.uniform(0.001, 0.2) * generator.standard_normal(samples)


def _mix_in(line: numpy.ndarray, start: int, sound: numpy.ndarray) -> None:
    end = min(len(line), start + len(sound))
    line[start:end] += sound[: max(0, end - start)]
