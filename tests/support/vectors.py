"""How near vectors are to each other."""

import numpy


def cosine(a, b):
    """Cosine of vectors along the last axis, computed in double precision."""
    a, b = numpy.asarray(a, numpy.float64), numpy.asarray(b, numpy.float64)
    return (a * b).sum(-1) / numpy.sqrt((a * a).sum(-1) * (b * b).sum(-1))


def largest_difference(a, b):
    """The largest absolute difference of two arrays, which must have the same shape."""
    assert numpy.shape(a) == numpy.shape(b)
    return numpy.abs(numpy.subtract(a, b)).max(initial=0)
