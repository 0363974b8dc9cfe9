"""Test music: free tracks (CC BY-SA 3.0, Debian's package singularity-music), cut and converted by ffmpeg into .deps.

Every file is made once, under a temporary name, and is the same for the same ffmpeg.
"""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MUSIC = Path("/usr/share/games/singularity/music")

# Ending of a test file -> ffmpeg's options.
LOSSLESS = {
    "44k.wav": ["-ar", "44100", "-c:a", "pcm_s16le"],
    "48k.wav": ["-ar", "48000", "-c:a", "pcm_s24le"],
    "22k-mono.wav": ["-ar", "22050", "-ac", "1", "-c:a", "pcm_s16le"],
    "44k.flac": ["-ar", "44100", "-sample_fmt", "s16"],
}
LOSSY = {
    "44k.mp3": ["-ar", "44100", "-b:a", "256k"],
    "44k.m4a": ["-ar", "44100", "-c:a", "aac", "-b:a", "192k"],
}


def tracks():
    """The free tracks, in order of their names."""
    found = sorted(MUSIC.glob("*.ogg"))
    if not found:
        raise SystemExit(f"{MUSIC}: no music here; scripts/setup-peers installs it")
    return found


def make(path, options):
    """Makes `path` by ffmpeg with `options` (input and output ones) unless it is there, and returns it."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"partial-{path.name}")
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, options), str(partial)], check=True)
        partial.rename(path)
    return path


def excerpt(track, start, seconds, ending):
    """`seconds` of `track` from `start` on in the format of `ending`, a key of LOSSLESS or LOSSY."""
    path = ROOT / ".deps/parity-music" / f"{track.stem}-{start}-{seconds}-{ending}".replace(" ", "-")
    options = ["-ss", start, "-i", track, "-t", seconds, "-map", "0:a:0", "-map_metadata", "-1"]
    return make(path, [*options, *(LOSSLESS | LOSSY)[ending]])


def bench_track(index, seconds=240):
    """The `index`-th MP3 (256 kbit/s, 44.1 kHz, stereo) for measurements; tracks that are too short start again."""
    source = tracks()[index % len(tracks())]
    start = 60 * (index // len(tracks()))
    path = ROOT / ".deps/bench-music" / f"{index:03}-{seconds}s.mp3"
    looped = ["-stream_loop", "-1", "-ss", start, "-i", source, "-t", seconds]
    return make(path, [*looped, "-map", "0:a:0", "-map_metadata", "-1", "-ar", "44100", "-b:a", "256k"])


def long_file(hours=3):
    """One MP3 of `hours`, 64 kbit/s: the first bench track over and over."""
    folder = ROOT / ".deps/bench-music"
    small = make(folder / "000-64k.mp3", ["-i", bench_track(0), "-map_metadata", "-1", "-b:a", "64k"])
    return make(folder / f"{hours}h.mp3", ["-stream_loop", hours * 15 - 1, "-i", small, "-c", "copy"])


def short_tracks(count, seconds=5):
    """`count` names of short MP3 files: hard links to twenty different ones."""
    originals = [bench_track(index, seconds) for index in range(20)]
    folder = ROOT / ".deps/bench-music/short"
    folder.mkdir(exist_ok=True)
    names = [folder / f"{index:05}-{seconds}s.mp3" for index in range(count)]
    for index, name in enumerate(names):
        if not name.exists():
            os.link(originals[index % len(originals)], name)
    return names
