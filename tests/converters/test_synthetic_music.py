"""The made-up music and its spectrograms, against values from the definition."""

import numpy
import pytest

from synthetic_music import log_mel, log_mel_clips, mel_bank


def one_frame(samples):
    """The log-mel values of exactly 512 samples: the second frame starts on the first of them."""
    return log_mel(samples)[1]


# Computed independently in double precision from the definition of the front end.
@pytest.mark.parametrize(
    "band, fft_bin, weight",
    [(0, 1, 0.03199922), (1, 1, 0.00015857), (1, 2, 0.03184065), (48, 54, 0.00853795), (48, 55, 0.01734058)],
)
def test_mel_weight(band, fft_bin, weight):
    assert mel_bank()[band, fft_bin] == pytest.approx(weight, abs=1e-7)


def test_sine_of_1000_hz():
    values = one_frame(0.5 * numpy.sin(2 * numpy.pi * 1000 * numpy.arange(512) / 16000))
    assert values[31:34] == pytest.approx([6.057390, 5.666999, 4.542593], abs=1e-4)
    assert values.sum() == pytest.approx(21.985137, abs=1e-3)


def test_impulse():
    values = one_frame(numpy.eye(512)[256])
    assert values[[0, 31, 48, 95]] == pytest.approx([2.506486, 2.500817, 2.520723, 2.506298], abs=1e-4)
    assert values.sum() == pytest.approx(240.616550, abs=1e-3)


@pytest.mark.parametrize("samples, frames", [(32256, 127), (32257, 128), (32513, 129), (96001, 377)])
def test_number_of_frames(samples, frames):
    assert log_mel(numpy.zeros(samples)).shape == (frames, 96)


def test_same_seed_gives_the_same_pieces():
    clips = log_mel_clips(2, 128, seed=3)
    assert clips.shape == (2, 128, 96)
    assert numpy.array_equal(clips, log_mel_clips(2, 128, seed=3))
    assert not numpy.array_equal(clips[0], clips[1])
