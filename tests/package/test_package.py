"""The README and the installed package as a user meets them: every command and snippet of the README runs."""

import os
import re
import shutil
import subprocess

import pytest

from outputs import read_output
from program import EFFNET, MUSICNN, ROOT, embed, environment
from vectors import largest_difference

README = (ROOT / "README.md").read_text("utf-8")
EMBED = (ROOT / "docs/embed.md").read_text("utf-8")
BACKENDS = (ROOT / "docs/backends.md").read_text("utf-8")
BENCH = (ROOT / "docs/bench.md").read_text("utf-8")
FEATURES = (ROOT / "docs/features.md").read_text("utf-8")
SEPARATE = (ROOT / "docs/separate.md").read_text("utf-8")
LIBRARY = (ROOT / "docs/library.md").read_text("utf-8")
ENGINE = (ROOT / "docs/engine.md").read_text("utf-8")
PLUGIN = ROOT / ".deps/openvino-provider/lib/libonnxruntime_providers_openvino_plugin.so"
MUSIC = ROOT / "examples/music"
TRACK = MUSIC / "Coherence.mp3"
SAME = 1e-5


def snippets(language, text=README):
    """The fenced blocks of a language in a text."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def shell_lines():
    """Every shell line of the README but the one that runs these tests, comments dropped, in order."""
    lines = [re.sub(r"\s+#.*", "", line).strip() for block in snippets("sh") for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "./run test"))]


def outputs_of(line):
    """Names of the files that a shell line writes records to."""
    return re.findall(r"(?:-o|>) (\S+)", line)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The home of a user with some music, who has installed vivace by the front door."""
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(MUSIC, folder / "Music")
    subprocess.run([ROOT / "run", "install"], check=True, cwd=ROOT, env=user_environment(folder))
    return folder


@pytest.fixture(scope="module")
def installed(home):
    """The prefix of the installation."""
    return home / ".local"


def user_environment(home):
    """The environment of a user who has set nothing but the path that installing asks for."""
    set_for_tests = ("VIVACE_MODELS", "XDG_DATA_HOME", "XDG_CACHE_HOME")
    inherited = {key: value for key, value in environment().items() if key not in set_for_tests}
    return inherited | {"HOME": str(home), "PATH": f"{home / '.local/bin'}:{os.environ['PATH']}"}


def shell(commands, home, folder):
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=folder, env=user_environment(home), capture_output=True, text=True
    )
    assert done.returncode == 0, f"{commands}\n{done.stdout}\n{done.stderr}"
    return done


def test_readme_has_its_two_commands():
    text = "\n".join(snippets("sh"))
    assert "./run embed examples/music" in text
    assert "./run test" in text


def test_every_command_of_the_readme_works_and_writes_what_it_says(home):
    written = set()
    for line in shell_lines():
        shell(line, home, ROOT if line.startswith("./run") else home)
        for name in outputs_of(line):
            assert (home / name).stat().st_size > 0, line
            if "vivace embed" not in line:
                continue
            written.add(name)
            records = read_output(home / name)
            assert len(records) == (1 if "*.mp3" in line else 3), line
            assert {record["status"] for record in records} == {"ok"}
    assert {name.rsplit(".")[-1] for name in written} >= {"csv", "db", "jsonl", "parquet"}


def test_output_that_the_readme_shows_is_that_of_its_command(home):
    (block,) = re.findall(r"^```(?:console)?\n(\$ .*?)^```", README, re.MULTILINE | re.DOTALL)
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    *shown, summary = [line for line in block.splitlines() if not line.startswith("$ ")]
    untuned = "rm -rf ~/.cache/vivace/tuned"  # tuning may have taken a lower precision
    done = shell("\n".join([untuned, *commands]), home, home)
    assert done.stdout.splitlines() == shown
    assert [text.split(" in ")[0] for text in (done.stderr, summary)] == ["3 tracks, 0 failed, 0.02 h of audio"] * 2


def test_commands_and_scripts_of_the_page_on_embedding_work(home, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "tags.cpp").write_text(snippets("cpp")[0])
    commands = re.findall(r"^    ((?:vivace|find|echo|g\+\+|\./tags) .*)$", EMBED, re.MULTILINE)
    assert len(commands) >= 12
    others = [f"vivace embed examples/music -o tracks.{extension}" for extension in ("npy", "parquet")]
    for command in commands + others:
        shell(command, home, tmp_path)
    scripts = snippets("python", EMBED)
    assert len(scripts) == 3
    for script in scripts:
        shell(f"{ROOT / '.deps/venv/bin/python'} - <<'SCRIPT'\n{script}\nSCRIPT", home, tmp_path)


def test_commands_of_the_page_on_backends_work(home, tmp_path):
    for folder in ("examples", ".deps"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (settings,) = snippets("toml", BACKENDS)
    (tmp_path / "vivace.toml").write_text(settings)
    commands = re.findall(r"^    (vivace .*)$", BACKENDS.replace("\\\n", ""), re.MULTILINE)
    assert len(commands) >= 11
    for command in commands:
        shell(f"PLUGIN={PLUGIN}; {command}", home, tmp_path)


def test_commands_of_the_page_on_measuring_work(home, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    commands = re.findall(r"^    (vivace bench .*)$", BENCH, re.MULTILINE)
    assert len(commands) >= 12
    measuring = [command for command in commands if command.startswith("vivace bench run")]
    for command in measuring:
        shell(command, home, tmp_path)
    for name in ("new", "newer", "more", "result", "small", "large"):
        shutil.copy(tmp_path / "base.json", tmp_path / f"{name}.json")
    for command in commands:
        if command not in measuring:
            shell(command, home, tmp_path)
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_commands_of_the_pages_on_features_and_libraries_work(home, tmp_path):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    shutil.copy(TRACK, tmp_path / "new.flac")
    pages = (FEATURES + LIBRARY).replace('"some song"', TRACK.stem)
    commands = re.findall(r"^    (vivace .*)$", pages, re.MULTILINE)
    assert len(commands) >= 23
    for command in commands:
        shell(command, home, tmp_path)


def test_commands_of_the_page_on_separating_work(home, tmp_path):
    shutil.copy(TRACK, tmp_path / "song.flac")
    commands = re.findall(r"^    (vivace .*)$", SEPARATE, re.MULTILINE)
    assert len(commands) >= 6
    for command in commands:
        shell(command, home, tmp_path)
    assert (tmp_path / "stems/song/no_vocals.flac").is_file()


@pytest.fixture(scope="module")
def programs(installed, tmp_path_factory):
    """The folder of programs that were built against the installed package alone."""
    build = tmp_path_factory.mktemp("consumer")
    names = ["snippet", "engine_snippet", "isolation_snippet", "log_snippet", "separate_snippet"]
    for name, snippet in zip(names, snippets("cpp") + snippets("cpp", ENGINE) + snippets("cpp", SEPARATE), strict=True):
        (build / f"{name}.cpp").write_text(snippet)
    options = [f"-DCMAKE_PREFIX_PATH={installed}", f"-DSNIPPETS={build}"]
    configure = ["cmake", "-S", ROOT / "tests/package/consumer", "-B", build, "-G", "Ninja", *options]
    for command in (configure, ["cmake", "--build", build]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return build


def run_against(installed, *command):
    """The output lines of a program that finds the models beside the installed library."""
    env = {key: value for key, value in environment().items() if key not in ("VIVACE_MODELS", "XDG_DATA_HOME")}
    env["HOME"] = "/nonexistent"
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_snippet_of_the_readme_prints_the_tags_of_the_command(installed, programs):
    lines = run_against(installed, programs / "snippet", TRACK)
    printed = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}
    (record,) = embed(TRACK)
    assert len(printed) == 50 and printed.keys() == record["tags"].keys()
    assert all(abs(printed[name] - value) < 0.00051 for name, value in record["tags"].items())


@pytest.mark.parametrize("number, program", [(0, "engine_snippet"), (1, "isolation_snippet")])
def test_snippets_of_the_engine_print_what_its_page_says(installed, programs, number, program):
    graph = installed / "share/vivace/models" / EFFNET / "model.onnx"
    shown = snippets("console", ENGINE)[number]
    assert run_against(installed, programs / program, graph) == shown.splitlines()


def test_snippet_on_the_log_runs(installed, programs):
    assert run_against(installed, programs / "log_snippet") == []


def test_snippet_of_the_page_on_separating_runs(installed, programs):
    names = [line.split()[0] for line in run_against(installed, programs / "separate_snippet", TRACK)]
    assert names == ["vocals", "accompaniment"]


@pytest.mark.parametrize("model", [MUSICNN, EFFNET])
def test_library_gives_the_numbers_of_the_command(installed, programs, model):
    embedding, tags = run_against(installed, programs / "print_embedding", model, TRACK)
    (record,) = embed(TRACK, "-m", model)
    assert largest_difference([float(value) for value in embedding.split()], record["embedding"]) <= SAME
    assert largest_difference([float(value) for value in tags.split()], list(record["tags"].values())) <= SAME
