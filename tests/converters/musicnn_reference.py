"""MusiCNN in double precision with nothing but numpy: every layer as published, no channel left out, nothing folded."""

import numpy
from numpy.lib.stride_tricks import sliding_window_view


class Reference:
    """`tensor(name)` gives a checkpoint tensor."""

    def __init__(self, tensor):
        self._tensor = lambda name: tensor(name).astype(numpy.float64)

    def run(self, patch):
        """[frames, 96] -> (embeddings [200], activations [50])."""
        image = self._normalise(patch[..., None].astype(numpy.float64), 0)[..., 0]
        front = numpy.concatenate([self._image_maximum(image, index) for index in range(5)], axis=1)
        first = self._over_time(front, 5)
        second = self._over_time(first, 6) + first
        third = self._over_time(second, 7) + second
        features = numpy.concatenate([front, first, second, third], axis=1)
        summary = numpy.stack([features.max(axis=0), features.mean(axis=0)], axis=-1).reshape(-1)
        embeddings = self._dense(self._normalise(summary, 9), 0)
        logits = self._dense(self._normalise(numpy.maximum(embeddings, 0), 10), 1)
        return embeddings, 1 / (1 + numpy.exp(-logits))

    def _image_maximum(self, image, index):
        """[frames, channels]: convolution `index` of the image, its maximum over the bands."""
        kernel = self._tensor(_name("conv2d", index) + "/kernel")[:, :, 0, :]
        windows = sliding_window_view(_pad_time(image, len(kernel)), kernel.shape[:2])
        convolved = numpy.tensordot(windows, kernel, axes=[(2, 3), (0, 1)])
        return self._activate(convolved, index).max(axis=1)

    def _over_time(self, features, index):
        kernel = self._tensor(_name("conv2d", index) + "/kernel")[:, :, 0, :]
        windows = sliding_window_view(_pad_time(features, len(kernel)), len(kernel), axis=0)
        return self._activate(numpy.einsum("fct,tco->fo", windows, kernel, optimize=True), index)

    def _activate(self, convolved, index):
        biased = convolved + self._tensor(_name("conv2d", index) + "/bias")
        return self._normalise(numpy.maximum(biased, 0), index + 1)

    def _normalise(self, values, index):
        layer = _name("batch_normalization", index)
        centred = values - self._tensor(layer + "/moving_mean")
        deviation = numpy.sqrt(self._tensor(layer + "/moving_variance") + 1e-3)
        return self._tensor(layer + "/gamma") * centred / deviation + self._tensor(layer + "/beta")

    def _dense(self, values, index):
        layer = _name("dense", index)
        return values @ self._tensor(layer + "/kernel") + self._tensor(layer + "/bias")


def _name(kind, index):
    return f"{kind}_{index}" if index else kind


def _pad_time(values, taps):
    """Zeros before and after, so that the number of frames stays; an even kernel has one more after."""
    before = (taps - 1) // 2
    return numpy.pad(values, [(before, taps - 1 - before), (0, 0)])
