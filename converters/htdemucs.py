#!/usr/bin/env python3
"""Exports HTDemucs, which separates music into four or six stems, to a model folder.

    python converters/htdemucs.py --checkpoint 955717e8-8726e21a.th --name htdemucs -o models
    python converters/htdemucs.py --checkpoint A.th --checkpoint B.th --weights 1,0,0,0 --weights 0,1,1,1 --name NAME …
    python converters/htdemucs.py --seeded [--stems 6] [--bag 4] -o models

The network (S. Rouard, F. Massa and A. Défossez, "Hybrid Transformers for Music Source Separation", 2023) is run and
traced by its original code, so this script needs an environment of its own, with Python 3.10 or newer and the packages
`demucs` 4.1.0, `torch` 2.1 or newer (the build for CPUs suffices), `onnx` and `onnxruntime`; about 4 GB of memory.

--checkpoint takes files in Demucs's own format, one a network. Several make a bag, whose results are averaged with
--weights, one list of numbers a network and one number a stem; without it all count the same. A checkpoint is read
without running code from it. --seeded makes a network of the published architecture and size whose weights mean
nothing, for tests and measurements.

--form spectrum, the default, leaves the Fourier transforms to the program: the graph takes the waveform and its
spectrum, and gives spectra and waveforms of the stems that are to be added up. --form waveform has them inside, as
convolutions: for other programs, it takes longer and more memory.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from model_folder import ModelFile, write_model_folder

STEMS = {
    4: ["drums", "bass", "other", "vocals"],
    6: ["drums", "bass", "other", "vocals", "guitar", "piano"],
}
SEED = 20240601
FORMS = ("spectrum", "waveform")
LARGEST_WEIGHT = 1e6


def graph_role(index: int) -> str:
    """The role of the file of a bag's network, from 0."""
    return "graph" if index == 0 else f"graph-{index + 1}"


def graph_path(index: int) -> str:
    """Its path inside the folder."""
    return "model.onnx" if index == 0 else f"model-{index + 1}.onnx"


def identity_weights(networks: int, stems: int) -> list[list[float]]:
    """Weights with which network i alone makes stem i, and the last one all further stems."""
    return [[float(min(stem, networks - 1) == network) for stem in range(stems)] for network in range(networks)]


def manifest(name: str, stems: list[str], weights: list[list[float]], facts: dict) -> dict:
    """The manifest without its files. `weights` holds a row a network; a single network needs none. `facts` are the
    keys that tell where the weights come from."""
    bag = [{"role": graph_role(index), "weights": row} for index, row in enumerate(weights)]
    return {
        "name": name,
        "task": "separate",
        "family": "htdemucs",
        **facts,
        "audio": {"sample_rate": 44100, "resampler": "soxr-hq"},
        "separation": {"stems": stems},
        **({"bag": bag} if len(bag) > 1 else {}),
    }


def write_model(parent: Path, name: str, stems: list[str], graphs: list[bytes], weights, facts: dict) -> Path:
    """Writes the model folder below `parent` and returns its path."""
    files = [ModelFile(graph_role(index), graph_path(index), graph) for index, graph in enumerate(graphs)]
    return write_model_folder(parent, manifest(name, stems, weights, facts), files)


def seeded_facts() -> dict:
    """What the manifest says of a seeded model."""
    return {
        "version": "1",
        "description": "HTDemucs at its true size; its weights are seeded and mean nothing",
        "licence": "MIT",
        "licence_url": "https://github.com/adefossez/demucs/blob/main/LICENSE",
        "source": f"architecture of the Python package demucs 4.1.0, seed {SEED}",
    }


def checkpoint_facts(checkpoints: list[Path], licence: str) -> dict:
    """What the manifest says of a model made from checkpoints."""
    return {
        "version": "1",
        "description": "HTDemucs: stems of music",
        "licence": licence,
        "source": "Demucs checkpoint " + ", ".join(path.name for path in checkpoints),
    }


def seeded_name(stems: int, bag: int, form: str) -> str:
    """The name of a seeded model."""
    parts = ["htdemucs", "6s" if stems == 6 else "", "ft" if bag > 1 else "", "waveform" if form == "waveform" else ""]
    return "-".join([*filter(None, parts), "seeded"])


def convert_seeded(parent: Path, stems: int = 4, bag: int = 1, form: str = "spectrum", name: str | None = None) -> Path:
    """Writes a seeded model. Network i of a bag has the seed SEED + i, and makes stem i alone."""
    import htdemucs_export as export  # needs PyTorch, which only this script's own environment has

    graphs = [export.exported(export.seeded_network(STEMS[stems], SEED + index), form) for index in range(bag)]
    weights = identity_weights(bag, stems)
    return write_model(parent, name or seeded_name(stems, bag, form), STEMS[stems], graphs, weights, seeded_facts())


def convert_checkpoints(
    parent: Path, name: str, checkpoints: list[Path], weights: list[list[float]], licence: str, form: str = "spectrum"
) -> Path:
    """Writes a model of checkpoints. No `weights`: all count the same."""
    import htdemucs_export as export

    stems, graphs = None, []
    for path in checkpoints:
        network = export.read_checkpoint(path)
        stems = stems or network.sources
        if network.sources != stems:
            raise ValueError(f"{path}: separates {', '.join(network.sources)}, the first one {', '.join(stems)}")
        graphs.append(export.exported(network, form))
    weights = weights or [[1.0] * len(stems) for _ in checkpoints]
    check_weights(weights, len(checkpoints), len(stems))
    return write_model(parent, name, list(stems), graphs, weights, checkpoint_facts(checkpoints, licence))


def check_weights(weights: list[list[float]], networks: int, stems: int) -> None:
    """Refuses weights that do not fit, or leave a stem without a network."""
    if len(weights) != networks:
        raise ValueError(f"--weights was given {len(weights)} times; it must be {networks}, once a checkpoint")
    for row in weights:
        if len(row) != stems:
            raise ValueError(
                f"--weights {','.join(map(str, row))} has {len(row)} numbers; it must be {stems}, one a stem"
            )
    if any(sum(column) == 0 for column in zip(*weights)):
        raise ValueError("--weights gives a stem no weight in any network")


def weight_row(text: str) -> list[float]:
    """One --weights. Raises ValueError."""
    row = [float(part) for part in text.split(",")]
    if not all(0 <= weight <= LARGEST_WEIGHT for weight in row):
        raise ValueError(f"weights must be 0 to {LARGEST_WEIGHT:g}")
    return row


def argument_parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", type=Path, action="append", default=[], help="a file of Demucs; repeatable")
    source.add_argument("--seeded", action="store_true", help="weights that mean nothing")
    parser.add_argument("--weights", type=weight_row, action="append", default=[], help="of a checkpoint, one a stem")
    parser.add_argument("--stems", type=int, choices=STEMS, help="with --seeded: how many (default 4)")
    parser.add_argument(
        "--bag", type=int, choices=range(1, 17), metavar="N", help="with --seeded: networks (default 1)"
    )
    parser.add_argument("--form", choices=FORMS, default="spectrum", help="where the Fourier transforms are done")
    parser.add_argument("--name", help="of the model; needed with --checkpoint")
    parser.add_argument("--licence", help="of the checkpoint's weights, an SPDX expression")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder in which the model folder is made")
    return parser


def check_arguments(arguments: argparse.Namespace, fail: Callable[[str], None]) -> None:
    """Calls `fail` with what is wrong with a combination of arguments."""
    if arguments.name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", arguments.name):
        fail(f"--name {arguments.name}: a name has letters, digits, '-', '_' and '.'")
    if arguments.seeded:
        for option in ("weights", "licence"):
            if getattr(arguments, option):
                fail(f"--{option} is for --checkpoint")
        return
    if arguments.stems or arguments.bag:
        fail("--stems and --bag are for --seeded; a checkpoint says its stems itself")
    if not arguments.name:
        fail("--checkpoint needs --name")
    if arguments.weights and len(arguments.weights) != len(arguments.checkpoint):
        fail("--weights must be given once for each --checkpoint")


def convert(arguments: argparse.Namespace) -> Path:
    """Does what the command line asks for."""
    if arguments.seeded:
        return convert_seeded(
            arguments.output, arguments.stems or 4, arguments.bag or 1, arguments.form, arguments.name
        )
    licence = arguments.licence or "LicenseRef-unknown"
    return convert_checkpoints(
        arguments.output, arguments.name, arguments.checkpoint, arguments.weights, licence, arguments.form
    )


def main() -> None:
    parser = argument_parser()
    arguments = parser.parse_args()
    check_arguments(arguments, parser.error)
    try:
        print(convert(arguments))
    except ImportError as error:
        parser.exit(1, f"{parser.prog}: {error}; this script needs demucs 4.1.0, torch, onnx and onnxruntime\n")
    except (ValueError, OSError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


if __name__ == "__main__":
    main()
