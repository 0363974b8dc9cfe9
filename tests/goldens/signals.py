"""The test signals behind the goldens: 16-bit samples from formulas, the same to the bit wherever they are made.

All arithmetic is on integers (`//` and `>>` round towards minus infinity, signed values fit 64 bits, the hash wraps at
32 bits), except `two_tones`, whose sines are rounded to 16 bits; no sample of it lies within 1e-6 of a rounding tie, so
every libm gives the same file.
A signal is a list of channels of equal length, each a list of int in [-32768, 32767]. Needs the standard library only.

    signals.py FOLDER      writes NAME.wav for each of SIGNALS
"""

import array
import math
import sys
import wave
from pathlib import Path

MASK = 0xFFFFFFFF
SCALE = [110000, 130813, 146832, 164814, 195998, 220000, 261626, 293665, 329628, 391995, 440000, 523251]  # mHz


def scrambled(i):
    """A 32-bit hash of `i` >= 0: white noise in `i`."""
    h = (i * 2654435761) & MASK
    h = ((h ^ (h >> 15)) * 2246822519) & MASK
    h = ((h ^ (h >> 13)) * 3266489917) & MASK
    return h ^ (h >> 16)


def two_tones(samples=264600):
    """Mono at 44 100 Hz: 440 Hz and 3333 Hz with peaks of 0.3 and 0.2; music for a resampler."""
    turn = 2 * math.pi / 44100
    return [[round(two_tones_exact(i, turn)) for i in range(samples)]]


def two_tones_exact(i, turn):
    """Sample `i` of `two_tones` before rounding, in steps of 1/32768; `turn` is 2 pi by the sample rate."""
    return 32768 * (0.3 * math.sin(turn * 440 * i) + 0.2 * math.sin(turn * 3333 * i + 1))


def noise(samples):
    """Mono white noise, peak 1/4."""
    return [[(scrambled(i) >> 18) - 8192 for i in range(samples)]]


def triangle(phase):
    """Triangle wave of a 32-bit phase, in [-16384, 16383]."""
    ramp = phase >> 16
    return (ramp if ramp < 32768 else 65535 - ramp) - 16384


def saw(phase):
    """Saw tooth of a 32-bit phase, in [-16384, 16383]."""
    return (phase >> 17) - 16384


def fading_notes(samples, rate, length, seed, shape, octave):
    """A new note of SCALE every `length` samples, chosen by `scrambled(seed + note)`, fading linearly to nothing."""
    voice = []
    for i in range(samples):
        note, age = divmod(i, length)
        pitch = SCALE[scrambled(seed + note) % len(SCALE)]
        step = (pitch << (32 + octave)) // (1000 * rate)
        envelope = 65536 - 65536 * age // length
        voice.append((shape((step * age) & MASK) * envelope) >> 16)
    return voice


def drum(samples, period, length):
    """A burst of white noise of `length` samples every `period` samples, fading linearly."""
    beats = []
    for i in range(samples):
        age = i % period
        envelope = max(0, 65536 - 65536 * age // length)
        beats.append((((scrambled(i) >> 17) - 16384) * envelope) >> 16)
    return beats


def notes(rate, channels, samples):
    """A melody, a bass and a drum at 120 beats a minute; `channels` 1 or 2, the second with another balance."""
    melody = fading_notes(samples, rate, rate // 4, 1, triangle, 1)
    bass = fading_notes(samples, rate, rate, 1000, saw, 0)
    beats = drum(samples, rate // 2, rate // 8)
    balance = [(10, 5, 8), (5, 9, 6)][:channels]
    return [[(a * m + b * s + c * d) >> 4 for m, s, d in zip(melody, bass, beats)] for a, b, c in balance]


def write_wav(path, rate, signal):
    """Writes a 16-bit PCM WAV file."""
    interleaved = array.array("h", (sample for frame in zip(*signal) for sample in frame))
    if sys.byteorder == "big":
        interleaved.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(signal))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(interleaved.tobytes())


# Name of a golden -> its sample rate in Hz and its signal.
SIGNALS = {
    "two-tones": (44100, two_tones),
    "notes-44100-stereo": (44100, lambda: notes(44100, 2, 882000)),
    "notes-48000-stereo": (48000, lambda: notes(48000, 2, 288000)),
    "notes-22050-mono": (22050, lambda: notes(22050, 1, 132300)),
}


def write_signal(name, path):
    """Writes the WAV file of a golden."""
    rate, make = SIGNALS[name]
    write_wav(path, rate, make())


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in SIGNALS:
        write_signal(name, folder / f"{name}.wav")


if __name__ == "__main__":
    main()
