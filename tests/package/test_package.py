"""The README and the installed package as a user meets them: every command and snippet of the README runs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
MUSIC = ROOT / "examples/music"
# Commands that are run elsewhere: the tests themselves, and what downloads or waits for input.
NOT_HERE = ("./run test", "vivace model pull")


def snippets(language):
    """The fenced blocks of a language in the README."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def shell_lines():
    """Every shell line of the README, comments dropped, in order."""
    lines = [re.sub(r"\s+#.*", "", line).strip() for block in snippets("sh") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#") and not line.startswith(NOT_HERE)]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix of an installation made by the front door."""
    prefix = tmp_path_factory.mktemp("installation") / "prefix"
    subprocess.run([ROOT / "run", "install", prefix], check=True, cwd=ROOT)
    return prefix


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a music library where the README's users have theirs."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(MUSIC, folder / "Music")
    return folder


def test_readme_has_its_two_commands():
    text = "\n".join(block for block in snippets("sh"))
    assert "./run embed examples/music" in text
    assert "./run test" in text


def test_every_command_of_the_readme_works(installed, home):
    environment = dict(os.environ, HOME=str(home), PATH=f"{installed / 'bin'}:{os.environ['PATH']}")
    environment.pop("VIVACE_MODELS", None)
    for line in shell_lines():
        folder = ROOT if line.startswith("./run") else home
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


def test_snippet_of_the_readme_builds_against_the_installed_package(installed, tmp_path):
    (snippet,) = snippets("cpp")
    source = tmp_path / "snippet.cpp"
    source.write_text(snippet)
    build = tmp_path / "build"
    configure = ["cmake", "-S", ROOT / "tests/package/consumer", "-B", build, "-G", "Ninja",
                 f"-DCMAKE_PREFIX_PATH={installed}", f"-DREADME_SNIPPET={source}"]
    subprocess.run(configure, check=True, capture_output=True)
    subprocess.run(["cmake", "--build", build], check=True, capture_output=True)
    environment = {key: value for key, value in os.environ.items() if key != "VIVACE_MODELS"}
    environment["VIVACE_MODELS"] = str(installed / "share/vivace/models")
    done = subprocess.run([build / "consumer", MUSIC / "Coherence.mp3"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    tags = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
    assert len(tags) == 50 and float(tags["electronic"]) > 0.3


def test_set_up_is_complete():
    done = subprocess.run([ROOT / "scripts/setup", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "nothing is missing" in done.stdout


def test_second_start_does_not_build_again():
    done = subprocess.run([ROOT / "run", "--version"], cwd="/", capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("vivace 0.1.0"), done.stderr
    again = subprocess.run(["bash", "-x", ROOT / "run", "--version"], cwd="/", capture_output=True, text=True)
    assert "--build" not in again.stderr
