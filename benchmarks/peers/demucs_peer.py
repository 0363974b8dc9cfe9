"""HTDemucs by its own code (package demucs 4.1.0), with the networks of converters/htdemucs_export.py."""

import sys
from fractions import Fraction
from pathlib import Path

import torch
from demucs.apply import BagOfModels, apply_model

import audio

sys.path.insert(0, str(audio.ROOT / "converters"))

import htdemucs
import htdemucs_export

OVERLAP = 0.25


def networks(stems, count=1):
    """The networks of a seeded model, as `converters/htdemucs.py --seeded` makes them."""
    names = htdemucs.STEMS[stems]
    return [htdemucs_export.seeded_network(names, htdemucs.SEED + index) for index in range(count)]


def bag(members, weights):
    """Several networks as one for `separate`."""
    return BagOfModels(members, weights)


def save_checkpoint(network, path):
    """Writes a network as Demucs publishes its own, in full precision."""
    args, kwargs = network._init_args_kwargs
    package = {"klass": type(network), "args": args, "kwargs": kwargs, "state": network.state_dict()}
    torch.save(package, path)
    return path


def separate(network, samples):
    """[2, frames] at 44.1 kHz -> [stems, 2, frames], as demucs.api.Separator.separate_tensor does without shifts."""
    mix = torch.from_numpy(samples).clone()
    reference = mix.mean(0)
    mean, deviation = reference.mean(), reference.std() + 1e-8
    normalised = (mix - mean) / deviation
    stems = apply_model(network, normalised[None], shifts=0, split=True, overlap=OVERLAP)[0]
    return (stems * deviation + mean).numpy()


def segment_seconds():
    """Seconds that the network sees at a time."""
    return float(Fraction(htdemucs_export.SEGMENT))


def set_threads(count):
    """Of PyTorch."""
    torch.set_num_threads(count)


def checkpoints(members, folder):
    """Writes each of several networks and returns the paths."""
    folder = Path(folder)
    return [save_checkpoint(member, folder / f"network-{index}.th") for index, member in enumerate(members)]
