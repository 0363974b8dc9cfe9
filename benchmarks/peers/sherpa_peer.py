"""The program of sherpa-onnx (the wheel sherpa-onnx-bin) that separates by Spleeter. Standard library only."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = Path(os.environ.get("PEERS_SEPARATE", ROOT / ".deps/peers-separate"))


def sherpa_command(file, folder, threads):
    """The command line that separates the 16-bit WAV `file` into `folder`/STEM.wav. Prints its own time."""
    stems = ("vocals", "accompaniment")
    networks = [f"--spleeter-{stem}={PEERS}/sherpa/{stem}.onnx" for stem in stems]
    outputs = [f"--output-{stem}-wav={folder}/{stem}.wav" for stem in stems]
    program = f"{PEERS}/bin/sherpa-onnx-offline-source-separation"
    return [program, f"--num-threads={threads}", f"--input-wav={file}", *networks, *outputs]
