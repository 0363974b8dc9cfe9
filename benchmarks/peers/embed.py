#!/usr/bin/env python3
"""Measures `vivace embed` beside Essentia and the usual Python pipeline: same files, same machine, same run.

    benchmarks/peers/embed.py [--tracks N] [--repeats N] [--models musicnn,effnet] [--peers vivace,essentia,…]
                              [--quick] [--cold] [--limit] [--memory] [--all] [-o FOLDER]

Always: all tracks (MP3, 240 s, audio.py) by one worker on one core, then by two workers: one vivace process with two
threads, two processes of a peer with one thread each. Repeats are interleaved; tables show medians and the range.
--cold    from the start of the process to its first vector, one core: a clip of 20 s, vivace and its peers; one of
          30 s, vivace, all its files in the page cache
--limit   vivace's core-seconds a track beside ffmpeg's decoding plus ONNX Runtime's best time for the patches
--memory  vivace's peak for a file of three hours, and its growth over a thousand short files
--all     the three of them

Peers: `essentia` and `python` run the network as it was published; `python-rewritten` runs the graph of vivace's
converter in the form that takes patches, to tell what the graph gains from what the program gains. A pass of Essentia
gives embeddings only, tags cost it a second one; vivace's pass gives both.

Writes embed.json (every run) and embed.md (the tables) to FOLDER, default build/benchmarks. The tables give the floor
(floors.py) beside each figure that has one, and whether it is met or MISSED; the exit status does not depend on it.
Figures hold for one machine, and are worth reading only when nothing else runs on it. Needs scripts/setup,
scripts/setup-peers and a built program; itself it needs the standard library only.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import audio
import process
import vivace_program as vivace
from embed_tables import Run, cold_table, limit_table, memory_table, scaling_table, speed_table, warm_table

HERE = Path(__file__).resolve().parent
PEER_PYTHON = audio.ROOT / ".deps/peers/bin/python"
OURS = audio.ROOT / ".deps/models"
THEIRS = audio.ROOT / ".deps/peer-models"
START_REPEATS = 5
SHORT_FILES, WARM_FILES = 1000, 100

# Model kind -> vivace's model folder.
FOLDERS = {"musicnn": OURS / "msd-musicnn", "effnet": OURS / "discogs-effnet-seeded"}

# Peer -> (program of batch.py, model kind -> graph).
PEERS = {
    "essentia": ("essentia", {"musicnn": THEIRS / "msd-musicnn.pb", "effnet": THEIRS / "discogs-effnet-seeded.pb"}),
    "python": (
        "python",
        {"musicnn": THEIRS / "msd-musicnn-published.onnx", "effnet": FOLDERS["effnet"] / "model.onnx"},
    ),
    "python-rewritten": ("python", {"musicnn": THEIRS / "host/msd-musicnn/model.onnx"}),
}


def commands(peer, model, files, workers):
    """The processes that embed `files` with `workers` workers, or none if the peer does not have the model."""
    if peer == "vivace":
        return [vivace.embed_command(FOLDERS[model], files, "--threads", str(workers))]
    program, graphs = PEERS[peer]
    if model not in graphs:
        return []
    shares = [files[i::workers] for i in range(workers)]
    return [[PEER_PYTHON, HERE / "batch.py", program, model, graphs[model], *share] for share in shares if share]


def measured(peer, model, files, workers, core):
    """One Run: a single worker is pinned to `core`, several are left to the scheduler. None without the model."""
    wanted = commands(peer, model, files, workers)
    if not wanted:
        return None
    wanted = [process.pinned(command, core) for command in wanted] if workers == 1 else wanted
    return Run(peer, model, workers, len(files), process.run(*wanted))


def speed_runs(options, files):
    """All runs of the comparison, peers interleaved within a repeat."""
    runs = []
    for repeat in range(options.repeats):
        for model in options.models:
            for workers in (1, 2):
                for peer in options.peers:
                    say(f"repeat {repeat + 1}: {model}, {workers} worker(s), {peer}")
                    runs.append(measured(peer, model, files, workers, options.core))
    return [run for run in runs if run]


def cold_runs(options):
    """Runs over one clip of 20 s."""
    clip = [audio.bench_track(0, 20)]
    runs = []
    for _ in range(START_REPEATS):
        for model in options.models:
            runs += [measured(peer, model, clip, 1, options.core) for peer in options.peers]
    return [run for run in runs if run]


def warm_runs(options):
    """vivace's runs over one clip of 30 s, after one that puts all files that it reads into the page cache."""
    clip = [audio.bench_track(0, 30)]
    runs = []
    for model in options.models:
        same = [measured("vivace", model, clip, 1, options.core) for _ in range(1 + START_REPEATS)]
        runs += same[1:]
    return runs


def limit_figures(options, files):
    """For each model and repeat: core-seconds a track of vivace, of ffmpeg's decoding, of the patches."""
    figures = []
    for _ in range(options.repeats):
        decode = sum(decode_cost(path, options.core).cpu for path in files) / len(files)
        for model in options.models:
            ours = measured("vivace", model, files, 1, options.core)
            rows = [json.loads(line)["rows"] for line in ours.cost.output[0].splitlines()]
            command = [PEER_PYTHON, HERE / "patch_time.py", FOLDERS[model]]
            patch = json.loads(process.run(process.pinned(command, options.core)).output[0])
            inference = statistics.mean(rows) * patch["seconds_per_patch"]
            seconds = ours.cost.cpu / len(files)
            figures.append(
                {
                    "model": model,
                    "vivace": seconds,
                    "decode": decode,
                    "inference": inference,
                    "ratio": seconds / (decode + inference),
                    **patch,
                }
            )
    return figures


def decode_cost(path, core):
    """What ffmpeg needs to decode a file to float samples that go nowhere."""
    read = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path, "-map", "0:a:0"]
    return process.run(process.pinned([*read, "-f", "f32le", "-y", "/dev/null"], core))


def memory_figures(options):
    """For each model: the peaks for a track and for a long file, and resident memory while short files go by."""
    track, long_file, short_files = audio.bench_track(0), audio.long_file(), audio.short_tracks(SHORT_FILES)
    figures = []
    for model in options.models:
        peaks = {
            key: measured("vivace", model, [path], 1, options.core).cost.peak_mb
            for key, path in (("track_peak_mb", track), ("three_hours_peak_mb", long_file))
        }
        memory = process.memory_by_line(vivace.embed_command(FOLDERS[model], short_files, "--threads", "2"))
        figures.append({"model": model, **peaks, "lines": len(memory), **growth(memory)})
    return figures


def growth(memory):
    """Resident MB after the first tracks and at the end; None where the program wrote too few lines while it ran."""
    if len(memory) <= WARM_FILES:
        return {"warm_mb": None, "end_mb": None}
    return {"warm_mb": memory[WARM_FILES - 1], "end_mb": memory[-1]}


def machine():
    """What the figures hold for."""
    described = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":")[1].strip() for line in described if line.startswith("model name")]
    ffmpeg = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout.split()[2]
    packages = (audio.ROOT / ".deps/peers/installed.txt").read_text().split()
    return {
        "cpu": names[0],
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "ffmpeg": ffmpeg,
        "python": platform.python_version(),
        "packages": packages,
    }


def say(text):
    print(text, file=sys.stderr, flush=True)


def parsed_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--models", type=lambda text: text.split(","), default=list(FOLDERS))
    parser.add_argument("--peers", type=lambda text: text.split(","), default=["vivace", *PEERS])
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="for single workers")
    parser.add_argument("--quick", action="store_true", help="two tracks, one repeat")
    parser.add_argument("-o", "--output", type=Path, default=audio.ROOT / "build/benchmarks")
    for section in ("cold", "limit", "memory", "all"):
        parser.add_argument(f"--{section}", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.tracks, options.repeats = 2, 1
    return options


def sections(options, files):
    """The parts of the measurement: (key in the JSON file, title, what measures it, what makes the tables)."""
    wanted = [
        (
            "speed",
            f"{options.tracks} tracks of 240 s, {options.repeats} repeats",
            lambda: speed_runs(options, files),
            lambda runs: f"{speed_table(runs)}\n\n{scaling_table(runs)}",
        )
    ]
    if options.cold or options.all:
        wanted.append(("cold", "Start to the first vector, 20 s", lambda: cold_runs(options), cold_table))
        wanted.append(("warm", "Start to the first vector, 30 s, warm", lambda: warm_runs(options), warm_table))
    if options.limit or options.all:
        title = "Against the limit, core-seconds a track"
        wanted.append(("limit", title, lambda: limit_figures(options, files), limit_table))
    if options.memory or options.all:
        wanted.append(("memory", "Memory", lambda: memory_figures(options), memory_table))
    return wanted


def main():
    options = parsed_options()
    files = [audio.bench_track(index) for index in range(options.tracks)]
    result, text = {"machine": machine()}, ""
    for key, title, measure, table in sections(options, files):
        say(title)
        figures = measure()
        result[key] = [figure.record() if isinstance(figure, Run) else figure for figure in figures]
        result["machine"]["load_at_end"] = os.getloadavg()[0]
        text += f"## {title}\n\n{table(figures)}\n\n"
        write(options.output, result, text)
    print(text, end="")


def write(folder, result, text):
    """Leaves what was measured so far in both files."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "embed.json").write_text(json.dumps(result, indent=1) + "\n")
    (folder / "embed.md").write_text(text)


if __name__ == "__main__":
    main()
