"""Runs HTDemucs over and over on one segment and prints JSON: wall and processor seconds a run, peak memory in MB.

usage: htdemucs_segments.py session|pytorch GRAPH THREADS RUNS

session   the graph on ONNX Runtime's default session, random input
pytorch   Demucs's own apply_model with the seeded network, a segment of noise
"""

import json
import resource
import sys
import time

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


def pytorch_run(_graph, threads):
    import demucs_peer

    demucs_peer.set_threads(threads)
    (network,) = demucs_peer.networks(4)
    frames = int(STRIDE_SHARE * demucs_peer.segment_seconds() * RATE)  # apply_model cuts longer ones in two
    samples = np.random.default_rng(1).normal(0, 0.3, (2, frames)).astype(np.float32)
    return lambda: demucs_peer.separate(network, samples)


def measured(run):
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return [time.perf_counter() - wall, time.process_time() - cpu]


def main():
    peer, graph, threads, runs = sys.argv[1:]
    run = {"session": session_run, "pytorch": pytorch_run}[peer](graph, int(threads))
    seconds = [measured(run) for _ in range(int(runs))]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"seconds": seconds, "peak_mb": peak}))


main()
