"""Runs one peer over files, one thread, as its users do, and prints a JSON line a file: path, rows, seconds.

usage: batch.py essentia|python musicnn|effnet GRAPH FILES…

Essentia wants a frozen TensorFlow graph (converters/frozen_graph.py), the Python pipeline an ONNX graph that takes
patches.
"""

import importlib
import json
import os
import sys
import time

for variable in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ[variable] = "1"

MODULES = {"essentia": "essentia_peer", "python": "python_peer"}


def main():
    peer_name, kind, graph, *files = sys.argv[1:]
    peer = importlib.import_module(MODULES[peer_name])
    predict = peer.Predictor(kind, graph)
    for path in files:
        start = time.perf_counter()
        rows = predict(peer.load(path))
        rows.mean(axis=0)  # the embedding of the track, which users want: measured, not printed
        seconds = time.perf_counter() - start
        print(json.dumps({"path": path, "rows": len(rows), "seconds": round(seconds, 4)}), flush=True)


if __name__ == "__main__":
    main()
