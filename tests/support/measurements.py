"""Results as `vivace bench run` writes them, of made-up measurements."""

import json
import math
import random


def made_up_run(name, seed=1, median_s=1e-3, requests=2000, lag_s=0, **others):
    """One caller with log-normal service times, as an object of the JSON."""
    noise = random.Random(seed)
    now, intended, sent, done = 0, [], [], []
    for _ in range(requests):
        lag = round(noise.expovariate(1) * lag_s * 1e9)
        service = round(median_s * math.exp(0.2 * noise.gauss(0, 1)) * 1e9)
        intended.append(now)
        sent.append(now + lag)
        done.append(now + lag + service)
        now = done[-1]
    load = dict.fromkeys(["rate_hz", "streams", "frame_rate_hz", "latency_bound_s", "seed"], 0)
    return {
        "name": name,
        "target": "model net.onnx",
        "settings": {"batch": "1", "precision": "fp32"},
        "load": load | {"kind": "closed", "concurrency": 1},
        "load_model_s": 0.2,
        "first_s": 0.01,
        "warm_up_s": 0.5,
        "duration_s": now / 1e9,
        "slice_ends_s": [],
        "stage_s": {"infer": 0.8 * now / 1e9, "queue": 0.1 * now / 1e9},
        "cpu_s": now / 1e9,
        "peak_resident_bytes": 120_000_000,
        "audio_s": 0,
        "found": {},
        "problems": [],
        "notes": [],
        "samples": {
            "intended_ns": intended,
            "sent_ns": sent,
            "done_ns": done,
            "items": [1] * requests,
            "stream": [0] * requests,
            "failed": [],
        },
    } | others


def write_result(path, runs, **environment):
    """Writes a result file; returns its path."""
    usual = {
        "time": "2026-01-02T03:04:05Z",
        "host": "host",
        "cpu": "Made-up CPU",
        "instruction_sets": ["avx2"],
        "cores": 2,
        "governor": "performance",
        "memory_bytes": 8_000_000_000,
        "kernel": "6.1",
        "vivace_version": "0.1.0",
        "git_revision": "abc",
        "libraries": {"onnxruntime": "1.31.1"},
        "model_sha256": "ff",
        "input_sha256": "ee",
        "command": ["bench", "run", "net.onnx"],
    }
    result = {"schema": "vivace-bench", "schema_version": 1, "environment": usual | environment, "runs": runs}
    path.write_text(json.dumps(result), "utf-8")
    return path
