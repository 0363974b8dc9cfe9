#!/usr/bin/env python3
"""Measures separation by Spleeter: vivace beside sherpa-onnx, its workers, and long files. Markdown tables.

Run it after scripts/setup-peers-separate, on a machine that does nothing else:

    python3 benchmarks/peers/separate_speed.py peers [--repeats N] [--threads 1,2] [--seconds 10,200]
    python3 benchmarks/peers/separate_speed.py memory
    python3 benchmarks/peers/separate_speed.py workers [--repeats N] [--workers-seconds N]
    python3 benchmarks/peers/separate_speed.py long [--hours 1,8] [--format flac]

Programs run in turn, as whole processes: from a 16-bit WAV file to WAV files of both stems, of floats by vivace and of
16 bits by sherpa-onnx. Beside wall-clock time, processor time is told, which other programs on the machine disturb
less. Loading is left out of "warm": of vivace's time what it takes where there is nothing to separate is subtracted,
and sherpa-onnx tells the time of its separation alone (without reading and writing files). "Each further second" is the
difference between the longest and the shortest file over that of their lengths. Standard library only.
"""

import argparse
import re
import statistics
import tempfile
import threading
import time
from pathlib import Path

from audio import bench_track, make
from process import Cost, finish, run, start
from sherpa_peer import sherpa_command
from vivace_program import separate_command

FOLDER = Path(tempfile.gettempdir()) / "vivace-peers"
LONG_MEMORY_S = 218
POLL_S = 0.002
SOME_AUDIO = 1 << 16  # bytes of a stem that is being written: more than a header


def wav(seconds):
    """A 16-bit WAV file of music."""
    return make(FOLDER / f"{seconds}s.wav", ["-i", bench_track(0), "-t", seconds, "-c:a", "pcm_s16le"])


def long_file(hours):
    """One MP3 of `hours`, 64 kbit/s: a bench track over and over."""
    small = make(FOLDER / "64k.mp3", ["-i", bench_track(0), "-map_metadata", "-1", "-b:a", "64k"])
    return make(FOLDER / f"{hours}h.mp3", ["-stream_loop", hours * 15 - 1, "-i", small, "-c", "copy"])


def vivace_command(file, threads, *options):
    return separate_command(
        file, FOLDER / "stems", "--format", "wavf32", "--clip", "none", "--threads", str(threads), *options
    )


def run_vivace(file, threads):
    return run(vivace_command(file, threads))


def run_sherpa(file, threads):
    """Its log goes to standard error, of which the time is read."""
    return run(["sh", "-c", 'exec "$@" 2>&1', "sh", *sherpa_command(file, FOLDER, threads)])


def own_seconds(cost):
    """What sherpa-onnx says that separating took."""
    return float(re.search(r"Elapsed seconds: ([\d.]+)", cost.output[0]).group(1))


def middle(values, digits=2):
    """The median, and the range."""
    text = f"{statistics.median(values):.{digits}f}"
    return f"{text} ({min(values):.{digits}f} … {max(values):.{digits}f})"


def ratios(ours, theirs):
    """Of two lists of figures from the same turns: the median and the range of the ratios."""
    return middle([a / b for a, b in zip(ours, theirs, strict=True)])


def line(*cells):
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def table(*names):
    line(*names)
    print("|" + "---|" * len(names))


def in_turn(jobs, repeats):
    """Name -> costs of `repeats` runs; all jobs run once before any runs again. The first turn is not counted."""
    costs = {name: [] for name in jobs}
    for turn in range(repeats + 1):
        for name, job in jobs.items():
            cost = job()
            if turn > 0:
                costs[name].append(cost)
    return costs


def compare_peers(arguments):
    """Whole processes and warm ones, at equal threads."""
    lengths = sorted(arguments.seconds)
    empty = FOLDER / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    table("threads", "what", "time", "vivace, s", "sherpa-onnx, s", "ratio")
    for threads in arguments.threads:
        jobs = {("load", 0): lambda threads=threads: run_vivace(empty, threads)}
        for seconds in lengths:
            file = wav(seconds)
            jobs["vivace", seconds] = lambda file=file, threads=threads: run_vivace(file, threads)
            jobs["sherpa", seconds] = lambda file=file, threads=threads: run_sherpa(file, threads)
        costs = in_turn(jobs, arguments.repeats)
        for kind in ("wall", "cpu"):
            times = {name: [getattr(cost, kind) for cost in each] for name, each in costs.items()}
            for seconds in lengths:
                ours, theirs = times["vivace", seconds], times["sherpa", seconds]
                line(threads, f"{seconds} s, whole", kind, middle(ours), middle(theirs), ratios(ours, theirs))
                if kind == "wall":
                    warm = [all - load for all, load in zip(ours, times["load", 0], strict=True)]
                    own = [own_seconds(cost) for cost in costs["sherpa", seconds]]
                    line(threads, f"{seconds} s, warm", kind, middle(warm), middle(own), ratios(warm, own))
            if len(lengths) > 1:
                span = lengths[-1] - lengths[0]
                slopes = [
                    [1000 * (b - a) / span for a, b in zip(times[name, lengths[0]], times[name, lengths[-1]])]
                    for name in ("vivace", "sherpa")
                ]
                texts = [f"{middle(slope, 1)} ms" for slope in slopes]
                line(threads, "each further second", kind, *texts, ratios(*slopes))


def compare_memory(arguments):
    file = wav(LONG_MEMORY_S)
    ours, theirs = run_vivace(file, 1).peak_mb, run_sherpa(file, 1).peak_mb
    table("file", "vivace, MB", "sherpa-onnx, MB", "ratio")
    line(f"{LONG_MEMORY_S} s", f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.3f}")


def compare_workers(arguments):
    """One worker and two, as whole processes and without loading."""
    empty = FOLDER / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    file = wav(arguments.workers_seconds)
    jobs = {count: lambda count=count: run_vivace(file, count) for count in (1, 2)}
    costs = in_turn(jobs | {"load": lambda: run_vivace(empty, 1)}, arguments.repeats)
    load = statistics.median(cost.wall for cost in costs.pop("load"))
    table("threads", "wall, s", "processor, s", "processors that it got", "peak MB")
    for count, each in costs.items():
        got = [cost.cpu / cost.wall for cost in each]
        peak = max(cost.peak_mb for cost in each)
        walls, cpus = [cost.wall for cost in each], [cost.cpu for cost in each]
        line(count, middle(walls), middle(cpus), middle(got), f"{peak:.0f}")
    one, two = costs[1], costs[2]
    whole = ratios([cost.wall for cost in one], [cost.wall for cost in two])
    warm = ratios([cost.wall - load for cost in one], [cost.wall - load for cost in two])
    work = ratios([cost.cpu for cost in one], [cost.cpu for cost in two])
    print(
        f"\ntwo against one: {whole} times as fast, without the {load:.2f} s of loading {warm}; "
        f"processor time of one over that of two: {work}"
    )


def first_audio(folder, begin, ended):
    """Seconds from `begin` until a stem below `folder` has some audio, or until `ended` is set."""
    while not ended.is_set():
        if any(file.stat().st_size >= SOME_AUDIO for file in folder.glob("*/*.partial")):
            break
        time.sleep(POLL_S)
    return time.perf_counter() - begin


def run_watched(file, encoding):
    """Cost of one run, `first_line` being the time to the first audio of a stem."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as name:
        found, ended = [], threading.Event()
        begin = time.perf_counter()
        options = ["--format", encoding, "--clip", "clamp", "--threads", "1"]
        process = start(separate_command(file, name, *options))
        watch = threading.Thread(target=lambda: found.append(first_audio(Path(name), begin, ended)))
        watch.start()
        process.stdout.read()
        usage = finish(process)
        ended.set()
        watch.join()
        peak = usage.ru_maxrss * 1024 / 1e6
        return Cost(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, peak, found[0], ())


def measure_long(arguments):
    table("audio", "wall, s", "processor, s", "peak MB", "first audio of a stem, s")
    for hours in arguments.hours:
        cost = run_watched(long_file(hours), arguments.format)
        line(f"{hours} h", f"{cost.wall:.0f}", f"{cost.cpu:.0f}", f"{cost.peak_mb:.1f}", f"{cost.first_line:.2f}")


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measures = {"peers": compare_peers, "memory": compare_memory, "workers": compare_workers, "long": measure_long}
    parser.add_argument("measure", choices=measures)
    parser.add_argument("--repeats", type=int, default=5, help="of each run (default 5)")
    parser.add_argument("--threads", type=numbers, default=[1, 2], help="of the peers (default 1,2)")
    parser.add_argument("--seconds", type=numbers, default=[10, 200], help="of the peers' files (default 10,200)")
    parser.add_argument("--workers-seconds", type=int, default=200, help="of the workers' file (default 200)")
    parser.add_argument("--hours", type=numbers, default=[1, 8], help="of long files (default 1,8)")
    parser.add_argument("--format", default="flac", help="of the stems of long files (default flac)")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    measures[arguments.measure](arguments)


main()
