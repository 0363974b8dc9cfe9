"""Measures files with one peer on one thread, loading it once, and prints a JSON line a file: path, fields, seconds.

usage: analyze_batch.py librosa|essentia|essentia-extractor FILES…

librosa     soundfile, pyloudnorm, and librosa's spectral features, MFCC, both chromas, onsets, tempo and beats with one
            transform shared by all that take a spectrum
essentia    the algorithms one by one: loudness, spectral frames, MFCC, HPCP and key, onsets, beats, danceability
essentia-extractor
            MusicExtractor, which does these and more in one call
"""

import importlib
import json
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

FEATURES = {
    "librosa": ("librosa_features", "features"),
    "essentia": ("essentia_features", "features"),
    "essentia-extractor": ("essentia_features", "extracted"),
}


def main():
    peer, *files = sys.argv[1:]
    module, function = FEATURES[peer]
    features = getattr(importlib.import_module(module), function)
    for path in files:
        start = time.perf_counter()
        found = features(path)
        seconds = time.perf_counter() - start
        print(json.dumps({"path": path, "fields": len(found), "seconds": round(seconds, 3)}), flush=True)


if __name__ == "__main__":
    main()
