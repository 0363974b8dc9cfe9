"""Essentia (the wheel essentia-tensorflow) behind a few plain functions."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import essentia
import numpy as np

essentia.log.infoActive = False
essentia.log.warningActive = False

import essentia.standard as standard  # noqa: E402

LINEAR, SINC_MEDIUM = 4, 1  # libsamplerate's converters, as MonoLoader's resampleQuality names them

# Model kind -> (algorithm, tensor with the embeddings, tensor with the activations).
MODELS = {
    "musicnn": (standard.TensorflowPredictMusiCNN, "model/dense/BiasAdd", "model/Sigmoid"),
    "effnet": (standard.TensorflowPredictEffnetDiscogs, "PartitionedCall:1", "PartitionedCall:0"),
}


def load(path, quality=LINEAR):
    """The file as mono float32 samples at 16 kHz."""
    return standard.MonoLoader(filename=str(path), sampleRate=16000, resampleQuality=quality)()


def frames(samples, algorithm, size, hop):
    """[frames, bands]: `algorithm` on each frame, the first one centred on the first sample."""
    cut = standard.FrameGenerator(samples, frameSize=size, hopSize=hop, startFromZero=False)
    return np.array([algorithm(frame) for frame in cut])


def musicnn_mel(samples):
    """[frames, 96]: the log-mel frames of MusiCNN and Discogs-EffNet."""
    return frames(samples, standard.TensorflowInputMusiCNN(), 512, 256)


def vggish_mel(samples):
    """[frames, 64]: the log-mel frames of VGGish."""
    return frames(samples, standard.TensorflowInputVGGish(), 400, 160)


class Predictor:
    """A frozen graph behind Essentia's composite algorithm, with one of its outputs, as Essentia's examples use it."""

    def __init__(self, kind, graph, output="embeddings"):
        """`kind` is a key of MODELS, `graph` a frozen graph, `output` "embeddings" or "activations"."""
        algorithm, embeddings, activations = MODELS[kind]
        tensor = embeddings if output == "embeddings" else activations
        self._predict = algorithm(graphFilename=str(graph), output=tensor)

    def __call__(self, samples):
        """[rows, width]; no rows for a signal shorter than a patch."""
        return np.array(self._predict(samples))
