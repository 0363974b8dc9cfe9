"""How good what `vivace tune` takes is: its choice among all settings, each measured up to 40 times in turn.

    .deps/venv/bin/python benchmarks/tuning.py [MODEL…] [--repeats N] [--goal throughput|latency]

Prints, for each repeat, the speed of the setting that was taken as a share of the best one's, both as the exhaustive
measurement found them.
"""

import argparse
import json
import os
import subprocess

PROGRAM = os.environ.get("VIVACE_BIN", "build/release/bin/vivace")
SETTING = ["backend", "provider", "precision", "layout", "threads", "workers", "batch"]


def tune(model, goal, *options):
    command = [PROGRAM, "tune", model, "--for", goal, "--no-keep", "--quiet", "--json", *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def speed(trial, goal):
    return trial["rows_per_s"] if goal == "throughput" else 1 / trial["latency_s"]


def share_of_best(model, goal, budget):
    taken = tune(model, goal, "--budget", budget)["best"]
    trials = [t for t in tune(model, goal, "--budget", "1h", "--exhaustive")["trials"] if t["turns"]]
    best = max(speed(trial, goal) for trial in trials)
    same = next(t for t in trials if all(t[key] == taken[key] for key in SETTING))
    return speed(same, goal) / best, taken, len(trials)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["msd-musicnn", "discogs-effnet-seeded"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--goal", choices=["throughput", "latency"], default="throughput")
    parser.add_argument("--budget", default="30s")
    options = parser.parse_args()
    for model in options.models:
        for _ in range(options.repeats):
            share, taken, settings = share_of_best(model, options.goal, options.budget)
            described = " ".join(f"{key}={taken[key]}" for key in SETTING)
            print(f"{model}: {100 * share:.1f} % of the best of {settings} settings: {described}", flush=True)


if __name__ == "__main__":
    main()
