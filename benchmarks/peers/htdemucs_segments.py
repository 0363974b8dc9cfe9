"""Runs HTDemucs over and over on one segment and prints JSON: wall and processor seconds a run, peak memory in MB.

usage: htdemucs_segments.py session|plain-session|pytorch GRAPH THREADS RUNS

session   the graph on ONNX Runtime's default session, random input
plain-session
          the same of the graph as it is without converters/hidden_shapes.py, which other exports are
pytorch   Demucs's own apply_model with the seeded network, a segment of noise
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

RATE, STRIDE_SHARE = 44100, 0.75


def session_run(graph, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    inputs = {i.name: random.normal(0, 0.3, i.shape).astype(np.float32) for i in session.get_inputs()}
    return lambda: session.run(None, inputs)


def plain_session_run(graph, threads):
    import onnx

    model = onnx.load(graph)
    for node in model.graph.node:
        if node.op_type == "Reshape":
            node.input[1] = node.input[1].removesuffix("_hidden")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plain.onnx"
        onnx.save(model, path)
        del model
        return session_run(str(path), threads)


def pytorch_run(_graph, threads):
    import demucs_peer

    demucs_peer.set_threads(threads)
    (network,) = demucs_peer.networks(4)
    frames = int(STRIDE_SHARE * demucs_peer.segment_seconds() * RATE)  # apply_model cuts longer ones in two
    samples = np.random.default_rng(1).normal(0, 0.3, (2, frames)).astype(np.float32)
    return lambda: demucs_peer.separate(network, samples)


RUNS = {"session": session_run, "plain-session": plain_session_run, "pytorch": pytorch_run}


def measured(run):
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return [time.perf_counter() - wall, time.process_time() - cpu]


def main():
    peer, graph, threads, runs = sys.argv[1:]
    run = RUNS[peer](graph, int(threads))
    seconds = [measured(run) for _ in range(int(runs))]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


main()
