"""`vivace model`, `vivace doctor` and what all commands share: help and version."""

import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from program import EFFNET, MODELS, MUSICNN, NOTHING_COULD_RUN, SOME_FAILED, USAGE, convert, environment, vivace

OFFICIAL = "discogs-effnet"


@pytest.fixture
def own_models(tmp_path):
    """A folder with one model, and the environment in which it is searched first."""
    folder = tmp_path / "models"
    shutil.copytree(MODELS / MUSICNN, folder / MUSICNN)
    return folder, environment(folder)


@pytest.fixture(scope="module")
def published_head(tmp_path_factory):
    """A classifier head as its publisher offers it: graph and metadata."""
    folder = tmp_path_factory.mktemp("published")
    convert("classifier_head.py", "--task", "danceability", "--raw", folder)
    return next(folder.glob("*.onnx")), next(folder.glob("*.json"))


def listed(text):
    """Name -> the other words of its line."""
    return {line.split()[0]: line.split()[1:] for line in text.splitlines()}


def installed(env):
    return [name for name, words in listed(vivace("model", "list", env=env).stdout).items() if words[0] != "to"]


def models_in(folder):
    """The models in a folder of models, which has a hidden one for work in progress besides."""
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]


def test_list_shows_installed_models_and_those_to_pull():
    models = listed(vivace("model", "list").stdout)
    assert models[MUSICNN][:2] == ["installed", "ISC"]
    assert models[OFFICIAL][:3] == ["to", "pull", "CC-BY-NC-SA-4.0"]
    assert models["danceability-discogs-effnet"][:2] == ["to", "pull"]


def test_list_gives_long_names_a_column_of_their_own():
    assert "mtg_jamendo_moodtheme-discogs-effnet" in listed(vivace("model", "list").stdout)


def test_list_shows_a_broken_model_with_the_reason(own_models):
    folder, env = own_models
    (folder / "broken").mkdir()
    (folder / "broken" / "model.toml").write_text("format = 99\n")
    models = listed(vivace("model", "list", env=env, status=SOME_FAILED).stdout)
    assert models["broken"][0] == "broken" and "format" in models["broken"]
    assert models[MUSICNN][0] == "installed"


def test_show_prints_folder_and_manifest():
    folder, *manifest = vivace("model", "show", MUSICNN).stdout.splitlines()
    assert folder == f"# {MODELS / MUSICNN}"
    assert 'licence = "ISC"' in manifest and "sample_rate = 16000" in manifest


def test_show_takes_the_path_of_a_model():
    assert vivace("model", "show", MODELS / EFFNET).stdout == vivace("model", "show", EFFNET).stdout


@pytest.mark.parametrize("action", ["show", "pull"])
def test_unknown_names_are_refused_with_those_known(action):
    message = vivace("model", action, "nonesuch", status=NOTHING_COULD_RUN).stderr
    assert "'nonesuch'" in message
    assert (MUSICNN if action == "show" else OFFICIAL) in message


def test_verify_says_of_every_model_that_it_is_whole(own_models):
    _, env = own_models
    names = set(installed(env))
    assert set(vivace("model", "verify", env=env).stdout.splitlines()) == {f"{name}: whole" for name in names}


def test_verify_names_the_damaged_file_and_goes_on(own_models):
    folder, env = own_models
    shutil.copytree(folder / MUSICNN, folder / "copy")
    manifest = folder / "copy" / "model.toml"
    manifest.write_text(manifest.read_text("utf-8").replace(f'name = "{MUSICNN}"', 'name = "copy"'), "utf-8")
    with (folder / "copy" / "model.onnx").open("r+b") as graph:
        graph.write(b"oops")
    done = vivace("model", "verify", "copy", MUSICNN, env=env, status=SOME_FAILED)
    assert f"{folder / 'copy' / 'model.onnx'}: has SHA-256" in done.stderr
    assert done.stdout == f"{MUSICNN}: whole\n"


def test_pull_shows_the_licence_and_waits_for_consent(own_models):
    folder, env = own_models
    message = vivace("model", "pull", OFFICIAL, env=env, status=USAGE).stderr
    assert all(words in message for words in ("CC-BY-NC-SA-4.0", "https://creativecommons.org", "--accept-licence"))
    assert models_in(folder) == [MUSICNN]


@pytest.fixture
def mirror(tmp_path):
    """The folder of a web server on this machine, and the variable that makes it the source of models."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield folder, {"VIVACE_MODEL_BASE_URL": f"http://127.0.0.1:{server.server_port}"}
        server.shutdown()


def test_pull_refuses_a_download_that_is_not_the_graph_of_the_catalog(own_models, mirror, published_head):
    """The right number of bytes, but others."""
    folder, _ = own_models
    place, source = mirror
    name, stem = "danceability-discogs-effnet", "danceability-discogs-effnet-1"
    served = place / "classification-heads" / "danceability"
    served.mkdir(parents=True)
    shutil.copy(published_head[1], served / f"{stem}.json")
    (served / f"{stem}.onnx").write_bytes(bytes(514101))
    env = environment(folder, **source)
    message = vivace("model", "pull", name, "--accept-licence", env=env, status=NOTHING_COULD_RUN).stderr
    assert f"{stem}.onnx" in message and "SHA-256" in message
    assert models_in(folder) == [MUSICNN]


def test_pull_names_the_address_of_what_is_not_there(own_models, mirror):
    folder, _ = own_models
    _, source = mirror
    env = environment(folder, **source)
    message = vivace("model", "pull", OFFICIAL, "--accept-licence", env=env, status=NOTHING_COULD_RUN).stderr
    assert source["VIVACE_MODEL_BASE_URL"] in message and "404" in message
    assert models_in(folder) == [MUSICNN]


def test_pull_of_what_is_installed_needs_neither_network_nor_consent(own_models, published_head):
    folder, env = own_models
    name = "danceability-discogs-effnet"
    vivace("model", "import", *published_head, "--name", name, env=env)
    said = vivace("model", "pull", name, env=env | {"VIVACE_MODEL_BASE_URL": "http://127.0.0.1:1"}).stderr
    assert f"installed {name}" in said and str(folder / name) in said


def test_import_installs_and_says_where(own_models, published_head):
    folder, env = own_models
    said = vivace("model", "import", *published_head, "--name", "dance", env=env).stderr
    assert "installed dance" in said and str(folder / "dance") in said
    assert "dance" in installed(env)
    vivace("model", "verify", "dance", env=env)


def test_import_refuses_metadata_that_does_not_fit_with_the_reason(own_models, published_head, tmp_path):
    folder, env = own_models
    graph, metadata = published_head
    fields = json.loads(metadata.read_text("utf-8")) | {"classes": ["one", "two", "three"]}
    (tmp_path / "three.json").write_text(json.dumps(fields))
    message = vivace("model", "import", graph, tmp_path / "three.json", env=env, status=NOTHING_COULD_RUN).stderr
    assert "3" in message and "2" in message and "classes" in message
    assert models_in(folder) == [MUSICNN]


def test_import_names_the_file_that_is_missing(own_models, published_head, tmp_path):
    _, env = own_models
    for pair in ((tmp_path / "no.onnx", published_head[1]), (published_head[0], tmp_path / "no.json")):
        message = vivace("model", "import", *pair, env=env, status=NOTHING_COULD_RUN).stderr
        assert f"{tmp_path}/no." in message


def test_doctor_tells_people_what_it_found():
    lines = listed(vivace("doctor").stdout)
    for topic in ("cpu", "instruction", "cores", "memory", "onnxruntime", "ffmpeg", "models"):
        assert len(lines[topic]) >= 1, topic
    assert lines["onnxruntime/cpu"] == ["accepted:", "fp32,", "int8"]
    assert lines["onnxruntime/cuda"][0] in ("accepted", "declined:")


def test_doctor_as_json_has_the_facts_by_name():
    facts = json.loads(vivace("doctor", "--json").stdout)
    assert {"vivace", "machine", "onnxruntime", "candidates", "store", "ffmpeg"} <= facts.keys()
    assert 1 <= facts["machine"]["usable_cores"] <= facts["machine"]["logical_cpus"]
    assert "CPUExecutionProvider" in facts["onnxruntime"]["providers"]
    assert {candidate["name"] for candidate in facts["candidates"]} >= {"onnxruntime/cpu", "onnxruntime/cuda"}
    assert all(candidate["accepted"] or candidate["reason"] for candidate in facts["candidates"])
    assert facts["store"]["search_path"][0] == str(MODELS)
    assert {MUSICNN, EFFNET} <= set(facts["store"]["models"])


def test_provider_that_is_not_there_is_refused_with_the_reason(song):
    candidates = json.loads(vivace("doctor", "--json").stdout)["candidates"]
    (cuda,) = [candidate for candidate in candidates if candidate["name"] == "onnxruntime/cuda"]
    if cuda["accepted"]:
        pytest.skip("CUDA is there")
    message = vivace("embed", song, "--provider", "cuda", status=NOTHING_COULD_RUN).stderr
    assert cuda["reason"] in message and "--provider auto" in message


@pytest.mark.parametrize("option, value", [("--provider", "abacus"), ("--backend", "abacus")])
def test_unknown_provider_or_backend_is_refused_with_those_known(song, option, value):
    message = vivace("embed", song, option, value, status=NOTHING_COULD_RUN).stderr
    assert "'abacus'" in message and "onnxruntime/cpu" in message


def test_version_is_name_and_number():
    name, number = vivace("--version").stdout.split()
    assert name == "vivace"
    assert number == json.loads(vivace("doctor", "--json").stdout)["vivace"]


def test_help_names_the_commands_and_their_options():
    commands = vivace("--help").stdout
    assert all(f"\n  {command} " in commands for command in ("embed", "model", "doctor"))
    options = vivace("embed", "--help").stdout
    assert all(option in options for option in ("--from", "--rows", "--top", "--stream", "--skip-existing"))


@pytest.mark.parametrize("arguments", [[], ["dance"], ["embed", "--speed", "2"], ["model"]], ids=" ".join)
def test_wrong_usage_is_told_with_a_hint_at_the_help(arguments):
    assert "--help" in vivace(*arguments, status=USAGE).stderr
