"""The pipeline as Python users write it: soundfile and soxr, librosa's mel spectrogram, ONNX Runtime on batches."""

import librosa
import numpy as np
import onnxruntime
import soundfile
import soxr

# Model kind -> (frames a patch, frames from one patch to the next, patches a run).
PATCHES = {"musicnn": (187, 93, 4), "effnet": (128, 62, 16)}


def load(path):
    """The file as mono float32 samples at 16 kHz, resampled by soxr HQ."""
    samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    return soxr.resample(samples.mean(axis=1), rate, 16000, "HQ")


def log_mel(samples):
    """[frames, 96]: librosa's version of the models' front end."""
    mel = librosa.feature.melspectrogram(
        y=samples,
        sr=16000,
        n_fft=512,
        hop_length=256,
        n_mels=96,
        fmin=0,
        fmax=8000,
        norm="slaney",
        power=2,
        pad_mode="constant",
    )
    return np.log10(1 + 10000 * mel).T.astype(np.float32)


def session(graph):
    """An ONNX Runtime session on one thread of the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


class Predictor:
    """An ONNX graph [batch, frames, 96] -> embeddings [batch, dimension], fed with patches of a whole file."""

    def __init__(self, kind, graph):
        self._frames, self._hop, self._batch = PATCHES[kind]
        self._session = session(graph)
        self._input = self._session.get_inputs()[0].name

    def __call__(self, samples):
        """[rows, dimension]."""
        mel = log_mel(samples)
        starts = range(0, len(mel) - self._frames + 1, self._hop)
        patches = np.stack([mel[s : s + self._frames] for s in starts])
        batches = [patches[i : i + self._batch] for i in range(0, len(patches), self._batch)]
        return np.concatenate([self._session.run(["embeddings"], {self._input: b})[0] for b in batches])
