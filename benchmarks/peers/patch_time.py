"""ONNX Runtime's best time for a patch on one thread, nothing around it. Prints JSON: core-seconds a patch and more.

usage: patch_time.py MODEL_FOLDER
"""

import json
import sys
import time
import tomllib
from pathlib import Path

import numpy as np

from python_peer import session

PATCHES_A_RUN = (1, 4, 8, 16, 32)
REPEATS = 7
SECONDS = 4.0  # of measuring for a batch size, at most


def mel(manifest, patches):
    """Seeded input for a run: [batch, frames, bands], or a stretch [frames, bands] where the graph cuts the patches."""
    patch, bands = manifest["patch"], manifest["front_end"]["bands"]
    if patch["cut_by"] == "graph":
        shape = (patch["frames"] + patch["hop"] * (patches - 1), bands)
    else:
        shape = (patches, patch["frames"], bands)
    return np.random.default_rng(1).uniform(0, 5, shape).astype(np.float32)


def best_seconds(run):
    """Processor time of the shortest of a few calls, after one that does not count."""
    run()
    end, times = time.perf_counter() + SECONDS, []
    while len(times) < REPEATS and (not times or time.perf_counter() < end):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def main():
    folder = Path(sys.argv[1])
    manifest = tomllib.loads((folder / "model.toml").read_text())
    graph = session(folder / next(file["path"] for file in manifest["files"] if file["role"] == "graph"))
    tensors = manifest["tensors"]
    outputs = [tensors[role] for role in ("embeddings", "activations") if role in tensors]
    fixed = manifest["patch"]["fixed_batch"]
    figures = {}
    for patches in (fixed,) if fixed else PATCHES_A_RUN:
        feed = {tensors["input"]: mel(manifest, patches)}
        figures[patches] = best_seconds(lambda: graph.run(outputs, feed)) / patches  # noqa: B023
    patches = min(figures, key=figures.get)
    print(
        json.dumps(
            {
                "seconds_per_patch": figures[patches],
                "patches_per_run": patches,
                "all": {str(k): round(v, 6) for k, v in figures.items()},
            }
        )
    )


if __name__ == "__main__":
    main()
