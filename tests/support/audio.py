"""Makes audio files: melodies from tests/goldens/signals.py, put into any container by ffmpeg; and finds real music."""

import struct
import subprocess
from pathlib import Path

import signals
from program import ROOT

RATE = 16000

# Debian's package singularity-music, which set-up for the tests installs.
MUSIC_LIBRARY = Path("/usr/share/games/singularity/music")


def example_music():
    """Pieces of real music, 20 s each, in OGG, MP3 and M4A."""
    return sorted(path for path in (ROOT / "examples/music").iterdir() if path.suffix != ".md")


def whole_tracks(*names):
    """Real tracks of some minutes, by their names."""
    tracks = [MUSIC_LIBRARY / f"{name}.ogg" for name in names]
    missing = [str(track) for track in tracks if not track.is_file()]
    assert not missing, f"{missing}: not there; run scripts/setup --tests"
    return tracks


class Melody:
    """Mono music at 16 kHz, cut into tracks that differ from each other."""

    def __init__(self, seconds):
        (self.samples,) = signals.notes(RATE, 1, int(seconds * RATE))

    def write(self, path, seconds, start=0.0):
        """Writes a WAV file of the melody from `start` on."""
        first = int(start * RATE)
        part = self.samples[first : first + round(seconds * RATE)]
        assert len(part) == round(seconds * RATE), "the melody is shorter than that"
        signals.write_wav(path, RATE, [part])
        return path


def ffmpeg(source, target, *options, before=()):
    """Converts an audio file; the extension of the target names its format. `before` are options of the source."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *before, "-i", source, *options, target], check=True)
    return target


def repeated(source, target, times):
    """A file that plays another one some times over."""
    return ffmpeg(source, target, "-c", "copy", before=["-stream_loop", str(times - 1)])


def write_silence(path, seconds):
    """Writes a WAV file of digital silence."""
    signals.write_wav(path, RATE, [[0] * int(seconds * RATE)])
    return path


def wav_header(channels, data_bytes, sample_format=1, bits=16):
    """The header of a WAV file, true or not. Sample format 1 is PCM, 3 is floating point."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", sample_format, channels, RATE, RATE * frame, frame, bits)
    sizes = struct.pack("<I", 36 + data_bytes), struct.pack("<I", len(form)), struct.pack("<I", data_bytes)
    return b"".join([b"RIFF", sizes[0], b"WAVEfmt ", sizes[1], form, b"data", sizes[2]])


def write_wav_that_claims(path, melody, data_bytes):
    """Writes a WAV file of four seconds whose header has any size."""
    path.write_bytes(wav_header(1, data_bytes) + struct.pack(f"<{4 * RATE}h", *melody.samples[: 4 * RATE]))
    return path


def cut_short(source, target, share):
    """Copies the first `share` of the bytes of a file."""
    content = source.read_bytes()
    target.write_bytes(content[: int(len(content) * share)])
    return target
