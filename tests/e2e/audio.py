"""Makes audio files: melodies from tests/goldens/signals.py, put into any container by ffmpeg."""

import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "goldens"))

import signals  # noqa: E402

RATE = 16000


class Melody:
    """Mono music at 16 kHz, cut into tracks that differ from each other."""

    def __init__(self, seconds):
        (self.samples,) = signals.notes(RATE, 1, int(seconds * RATE))

    def write(self, path, seconds, start=0.0):
        """Writes a WAV file of the melody from `start` on."""
        first = int(start * RATE)
        part = self.samples[first : first + int(seconds * RATE)]
        assert len(part) == int(seconds * RATE), "the melody is shorter than that"
        signals.write_wav(path, RATE, [part])
        return path


def ffmpeg(source, target, *options, before=()):
    """Converts an audio file; the extension of the target names its format. `before` are options of the source."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *before, "-i", source, *options, target], check=True)
    return target


def write_silence(path, seconds):
    signals.write_wav(path, RATE, [[0] * int(seconds * RATE)])
    return path


def wav_header(channels, data_bytes, sample_format=1, bits=16):
    """The header of a WAV file, true or not. Sample format 1 is PCM, 3 is floating point."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", sample_format, channels, RATE, RATE * frame, frame, bits)
    return b"".join([b"RIFF", struct.pack("<I", 36 + data_bytes), b"WAVEfmt ", struct.pack("<I", len(form)), form,
                     b"data", struct.pack("<I", data_bytes)])


def cut_short(source, target, share):
    """Copies the first `share` of the bytes of a file."""
    content = source.read_bytes()
    target.write_bytes(content[: int(len(content) * share)])
    return target
