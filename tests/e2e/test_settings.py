"""Settings from the command line, the environment and a file: in this order the first that names one wins."""

import json

import pytest

from program import MTT_MUSICNN, USAGE, embed, environment, vivace


def tags_of(*arguments, **options):
    (record,) = embed(*arguments, **options)
    return len(record["tags"])


def write_settings(folder, text, name="vivace.toml"):
    """A file of settings; `text` goes below [embed]."""
    (folder / name).write_text(f"[embed]\n{text}\n")
    return folder / name


def test_settings_come_from_a_file_in_the_current_folder(song, tmp_path):
    write_settings(tmp_path, f'top = 2\nmodel = "{MTT_MUSICNN}"')
    (record,) = embed(song, cwd=tmp_path)
    assert (record["model"], len(record["tags"])) == (MTT_MUSICNN, 2)


def test_settings_come_from_a_named_file(song, tmp_path):
    settings = write_settings(tmp_path, "top = 2", "mine.toml")
    (line,) = vivace("--config", settings, "embed", song, "--json").stdout.splitlines()
    assert len(json.loads(line)["tags"]) == 2


def test_settings_come_from_the_environment(song):
    (record,) = embed(song, env=environment(VIVACE_TOP="3", VIVACE_ROWS="true", VIVACE_MODEL=MTT_MUSICNN))
    assert (record["model"], len(record["tags"])) == (MTT_MUSICNN, 3)
    assert len(record["embeddings"]) == record["rows"]


def test_quiet_can_be_set_in_the_environment(song):
    assert vivace("embed", song, "--json").stderr != ""
    assert vivace("embed", song, "--json", env=environment(VIVACE_QUIET="1")).stderr == ""


@pytest.mark.parametrize("named", [False, True], ids=["current folder", "--config"])
def test_environment_overrules_the_file(song, tmp_path, named):
    settings = write_settings(tmp_path, "top = 2\nrows = true", "mine.toml" if named else "vivace.toml")
    chosen = ["--config", settings] if named else []
    done = vivace(*chosen, "embed", song, "--json", cwd=tmp_path, env=environment(VIVACE_TOP="3"))
    record = json.loads(done.stdout)
    assert len(record["tags"]) == 3
    assert len(record["embeddings"]) == record["rows"]


@pytest.mark.parametrize("variables", [{}, {"VIVACE_TOP": "3"}], ids=["file", "file and environment"])
def test_command_line_overrules_all(song, tmp_path, variables):
    write_settings(tmp_path, "top = 2")
    assert tags_of(song, "--top", "4", cwd=tmp_path, env=environment(**variables)) == 4


def test_unknown_setting_in_a_file_is_refused(song, tmp_path):
    write_settings(tmp_path, "speed = 2")
    assert "speed" in vivace("embed", song, cwd=tmp_path, status=USAGE).stderr


def test_impossible_value_in_the_environment_is_refused(song):
    message = vivace("embed", song, env=environment(VIVACE_THREADS="many"), status=USAGE).stderr
    assert "threads" in message.lower() and "many" in message
