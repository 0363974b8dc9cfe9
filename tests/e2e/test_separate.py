"""`vivace separate`: stems of real music, written as asked for, whole or not at all, and not twice."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from audio import ffmpeg, repeated, write_silence
from program import ALL_GOOD, NOTHING_COULD_RUN, ROOT, SOME_FAILED, SPLEETER, USAGE, peak_megabytes, started, vivace

MUSIC = ROOT / "examples/music"
SONG = MUSIC / "Coherence.mp3"  # 48 kHz
STEMS = ["accompaniment", "vocals"]


def samples_of(path):
    """What ffmpeg decodes, [frames, 2]."""
    command = ["ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-ac", "2", "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, "<f4").reshape(-1, 2)


def probe(path, entries):
    command = ["ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", path]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def separate(*arguments, **options):
    return vivace("separate", *arguments, **options).stderr


def modified(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*.flac")}


@pytest.fixture(scope="module")
def mix(tmp_path_factory):
    """A minute of real music in stereo at 44.1 kHz, in floating point."""
    path = tmp_path_factory.mktemp("mix") / "mix.wav"
    return ffmpeg(SONG, path, "-ar", "44100", "-c:a", "pcm_f32le", before=["-stream_loop", "2"])


@pytest.fixture(scope="module")
def stems(mix, tmp_path_factory):
    """The stems of the mix in floating point, all that it has: the average of the mask above 11 kHz."""
    folder = tmp_path_factory.mktemp("stems")
    separate(mix, "-o", folder, "--format", "wavf32", "--upper-band", "average")
    return {name: samples_of(folder / f"mix/{name}.wav") for name in STEMS}


def test_stems_make_up_the_mix(mix, stems):
    whole = samples_of(mix)
    assert np.abs(sum(stems.values()) - whole).max() <= 1e-6 * np.abs(whole).max()
    for stem in stems.values():
        assert 1e-4 < np.sqrt(np.mean(stem**2)) < np.sqrt(np.mean(whole**2))


def test_folder_is_separated_once(tmp_path):
    music = tmp_path / "my music"
    shutil.copytree(MUSIC, music / "album")
    said = separate(music, "-o", music / "stems")
    names = [path.stem for path in music.glob("album/*") if path.suffix != ".md"]
    assert files_below(music / "stems") == sorted(
        ["stems.db", *(f"album/{name}/{stem}.flac" for name in names for stem in STEMS)]
    )
    assert f"{len(names)} tracks done, 0 failed" in said
    first = modified(music)
    assert "0 tracks done" in separate(music, "-o", music / "stems")  # the stems themselves are no tracks
    assert modified(music) == first


def test_stems_are_no_tracks_whatever_their_folder_is_called(tmp_path):
    (tmp_path / "music/stems [new]").mkdir(parents=True)
    ffmpeg(SONG, tmp_path / "music/song.wav", "-t", "2")
    (tmp_path / "link").symlink_to(tmp_path / "music")
    for folder in ("music/stems [new]", "link/*"):
        for _ in range(2):
            assert "1 tracks: " in separate(tmp_path / "music", "-o", tmp_path / folder)
        shutil.rmtree(tmp_path / folder)


def test_only_the_folder_of_the_stems_is_left_out(tmp_path):
    for name in ("a/song.wav", "b/stems/song.wav"):
        (tmp_path / name).parent.mkdir(parents=True)
        ffmpeg(SONG, tmp_path / name, "-t", "2")
    assert "2 tracks done" in separate(tmp_path / "a", tmp_path / "b", "-o", tmp_path / "a/stems")


def test_stems_among_the_tracks_are_refused_unless_they_are_excluded(tmp_path):
    ffmpeg(SONG, tmp_path / "song.wav", "-t", "2")
    assert "--exclude" in separate(tmp_path, "-o", tmp_path, status=USAGE)
    options = ["--names", "{track}.stems/{stem}.{ext}", "--exclude", "*.stems"]
    assert "1 tracks done" in separate(tmp_path, "-o", tmp_path, *options)
    assert "0 tracks done" in separate(tmp_path, "-o", tmp_path, *options)


def test_missing_and_changed_stems_are_made_again(tmp_path):
    separate(MUSIC, "-o", tmp_path)
    undisturbed = {path: path.read_bytes() for path in tmp_path.rglob("*.flac")}
    lost, changed, *_ = sorted(undisturbed)
    other = sorted(undisturbed)[-1]
    lost.unlink()
    other.write_bytes(b"no stem any more")
    assert "2 tracks done" in separate(MUSIC, "-o", tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.flac")} == undisturbed
    assert "3 tracks done" in separate(MUSIC, "-o", tmp_path, "--overwrite")
    assert "3 tracks done" in separate(MUSIC, "-o", tmp_path, "--format", "flac24")


@pytest.mark.parametrize(
    "format, codec, extension",
    [
        ("wav16", "pcm_s16le", "wav"),
        ("wav24", "pcm_s24le", "wav"),
        ("wavf32", "pcm_f32le", "wav"),
        ("flac", "flac", "flac"),
        ("flac24", "flac", "flac"),
        ("mp3", "mp3", "mp3"),
        ("ogg", "vorbis", "ogg"),
    ],
)
def test_formats_hold_the_same(mix, stems, tmp_path, format, codec, extension):
    separate(mix, "-o", tmp_path, "--format", format, "--upper-band", "average", "--clip", "none")
    stem = tmp_path / f"mix/vocals.{extension}"
    assert probe(stem, "stream=codec_name,sample_rate,channels") == f"{codec},44100,2"
    decoded = samples_of(stem)
    assert len(decoded) == len(stems["vocals"])
    error = np.sqrt(np.mean((decoded - stems["vocals"]) ** 2))
    assert error <= (0.02 if extension in ("mp3", "ogg") else 2**-15)


def test_names_that_are_no_text_are_known_again(tmp_path):
    music = tmp_path / "music"
    music.mkdir()
    ffmpeg(SONG, music / "a.wav", "-t", "2")
    (music / "a.wav").rename(os.fsdecode(os.fsencode(music) + b"/\xff\xfe.wav"))
    assert "1 tracks done" in separate(music, "-o", tmp_path / "stems")
    assert "0 tracks done" in separate(music, "-o", tmp_path / "stems")
    names = os.fsdecode(b"{stem} \xff.{ext}")
    assert "1 tracks done" in separate(music, "-o", tmp_path / "others", "--names", names)
    assert "0 tracks done" in separate(music, "-o", tmp_path / "others", "--names", names)
    assert (tmp_path / "others" / os.fsdecode(b"vocals \xff.flac")).is_file()


@pytest.mark.parametrize("options, told", [(["--subtract"], "two stems"), (["--bit-rate", "128"], "--bit-rate")])
def test_options_that_would_do_nothing_are_refused(tmp_path, options, told):
    assert told in separate(SONG, "-o", tmp_path, *options, status=USAGE)


def test_tags_are_kept(tmp_path):
    song = ffmpeg(SONG, tmp_path / "song.mp3", "-c", "copy", "-metadata", "title=Größe", "-metadata", "artist=A & B")
    separate(song, "-o", tmp_path / "stems")
    assert probe(tmp_path / "stems/song/vocals.flac", "format_tags=artist,title") == "A & B,Größe (vocals)"
    separate(song, "-o", tmp_path / "stems", "--no-tags")
    assert probe(tmp_path / "stems/song/vocals.flac", "format_tags=artist,title") == ""


def test_tags_that_are_wrong_for_stems_are_left_out(tmp_path):
    of_the_mix = ["-metadata", "REPLAYGAIN_TRACK_GAIN=-9.0 dB", "-metadata", "iTunSMPB= 00000000 00000210"]
    ffmpeg(SONG, tmp_path / "song.mp3", "-c", "copy", "-metadata", "title=Song", *of_the_mix)
    separate(tmp_path / "song.mp3", "-o", tmp_path)
    assert probe(tmp_path / "song/vocals.flac", "format_tags") == "Song (vocals)"
    separate(MUSIC / "Media Threat.m4a", "-o", tmp_path, "--stems", "vocals")
    assert "M4A" not in probe(tmp_path / "Media Threat/vocals.flac", "format_tags")


def test_stems_come_at_the_rate_of_the_source(tmp_path):
    separate(SONG, "-o", tmp_path, "--rate", "source")
    stem = tmp_path / "Coherence/vocals.flac"
    assert probe(stem, "stream=sample_rate") == "48000"
    assert abs(len(samples_of(stem)) - len(samples_of(SONG))) <= 1


def test_names_follow_a_pattern(tmp_path):
    separate(SONG, "-o", tmp_path, "--names", "{stem}/{name} by {model} of {trackext}.{ext}")
    assert f"vocals/Coherence by {SPLEETER} of mp3.flac" in files_below(tmp_path)


@pytest.mark.parametrize("names", ["{track}.{ext}", "../{stem}.{ext}", "{album}/{stem}.{ext}", "/tmp/{stem}", "{stem"])
def test_patterns_of_no_use_are_refused(tmp_path, names):
    assert "names" in separate(SONG, "-o", tmp_path, "--names", names, status=USAGE)


def test_tracks_that_would_have_the_same_stems_are_refused(tmp_path):
    (tmp_path / "music").mkdir()
    for extension in ("wav", "flac"):
        ffmpeg(SONG, tmp_path / f"music/song.{extension}")
    refused = separate(tmp_path / "music", "-o", tmp_path / "stems", status=USAGE)
    assert "{trackext}" in refused
    separate(tmp_path / "music", "-o", tmp_path / "stems", "--names", "{track}.{trackext}/{stem}.{ext}")


def test_tracks_are_not_written_over(tmp_path):
    (tmp_path / "music").mkdir()
    song = ffmpeg(SONG, tmp_path / "music/song.wav", "-t", "2")
    (tmp_path / "link").symlink_to(tmp_path / "music")
    before = song.read_bytes()
    for folder in (tmp_path / "music", tmp_path / "link"):
        options = ["-o", folder, "--names", "{track}.{ext}", "--stems", "vocals", "--format", "wav16"]
        assert "written over" in separate(song, *options, status=USAGE)
    assert song.read_bytes() == before


def test_stems_of_another_track_are_not_written_over(tmp_path):
    (tmp_path / "music").mkdir()
    for name in ("song", "song_no"):
        ffmpeg(SONG, tmp_path / f"music/{name}.wav", "-t", "2")
    options = ["--two-stems", "vocals", "--names", "{name}_{stem}.{ext}"]
    assert "same files" in separate(tmp_path / "music", "-o", tmp_path / "stems", *options, status=USAGE)


def test_stems_of_an_earlier_run_are_not_written_over(tmp_path):
    for album in ("a", "b"):
        (tmp_path / album).mkdir()
    songs = [ffmpeg(SONG, tmp_path / album / "song.wav", "-t", length) for album, length in (("a", "2"), ("b", "3"))]
    separate(songs[0], "-o", tmp_path / "stems")
    first = modified(tmp_path)
    assert "written over" in separate(songs[1], "-o", tmp_path / "stems", status=USAGE)
    assert modified(tmp_path) == first
    songs[0].unlink()
    assert "1 tracks done" in separate(songs[1], "-o", tmp_path / "stems")


def test_only_some_stems(tmp_path):
    separate(SONG, "-o", tmp_path / "one", "--stems", "vocals")
    assert files_below(tmp_path / "one") == ["Coherence/vocals.flac", "stems.db"]
    separate(SONG, "-o", tmp_path / "two", "--two-stems", "vocals", "--subtract")
    assert files_below(tmp_path / "two") == ["Coherence/no_vocals.flac", "Coherence/vocals.flac", "stems.db"]
    assert "accompaniment" in separate(SONG, "-o", tmp_path / "x", "--stems", "drums", status=USAGE)


def test_rescaling_keeps_the_levels_of_stems_to_each_other(tmp_path):
    loud = ffmpeg(SONG, tmp_path / "loud.wav", "-ar", "44100", "-af", "volume=4", "-c:a", "pcm_f32le")
    separate(loud, "-o", tmp_path / "float", "--format", "wavf32", "--upper-band", "average")
    separate(loud, "-o", tmp_path / "flac", "--format", "flac24", "--upper-band", "average")
    peaks = []
    for stem in STEMS:
        free = samples_of(tmp_path / f"float/loud/{stem}.wav")
        scaled = samples_of(tmp_path / f"flac/loud/{stem}.flac")
        peaks.append(np.abs(free).max())
        assert np.abs(scaled).max() <= 1
        gains = scaled[np.abs(free) > 0.1] / free[np.abs(free) > 0.1]
        assert gains.max() - gains.min() < 1e-4
    assert max(peaks) > 1
    with closing(sqlite3.connect(tmp_path / "flac/stems.db")) as database:
        ((gain,),) = database.execute('SELECT "stems.gain_db" FROM features_stems')
    assert 10 ** (gain / 20) == pytest.approx(1 / (1.01 * max(peaks)), rel=1e-3)


def test_clamped_stems_stay_within_full_scale(tmp_path):
    loud = ffmpeg(SONG, tmp_path / "loud.wav", "-ar", "44100", "-af", "volume=4", "-c:a", "pcm_f32le")
    separate(loud, "-o", tmp_path, "--format", "wavf32", "--clip", "clamp")
    assert np.abs(samples_of(tmp_path / "loud/accompaniment.wav")).max() == 1


def odd_files(folder, melody):
    (folder / "odd").mkdir()
    source = melody.write(folder / "melody.wav", 3)
    write_silence(folder / "odd/silence.wav", 2)
    shutil.copy(source, folder / "odd/mono 16 kHz.wav")
    ffmpeg(source, folder / "odd/eight kilohertz.flac", "-ar", "8000")
    ffmpeg(source, folder / "odd/high rate.flac", "-ar", "96000", "-ac", "2")
    ffmpeg(source, folder / "odd/surround.flac", "-af", "pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0")
    ffmpeg(source, folder / "odd/one sample.wav", "-af", "atrim=end_sample=1")
    (folder / "odd/broken.mp3").write_bytes(b"no music" * 100)
    return folder / "odd"


def test_odd_files_come_out_as_long_as_they_are(melody, tmp_path):
    folder = odd_files(tmp_path, melody)
    said = separate(folder, "-o", tmp_path / "stems", status=SOME_FAILED)
    assert "broken.mp3" in said and "6 tracks done, 1 failed" in said
    for file in folder.iterdir():
        if file.suffix == ".mp3":
            continue
        for stem in STEMS:
            samples = samples_of(tmp_path / f"stems/{file.stem}/{stem}.flac")
            assert len(samples) == pytest.approx(44100 * float(probe(file, "stream=duration")), abs=2), file.name
            assert np.isfinite(samples).all()
    assert not samples_of(tmp_path / "stems/silence/vocals.flac").any()
    assert "0 tracks done" in separate(folder, "-o", tmp_path / "stems")


def test_not_a_number_is_a_failure_of_the_track(tmp_path):
    samples = np.zeros((44100, 2), "<f4")
    samples[22050, 1] = np.nan
    raw = tmp_path / "raw"
    raw.write_bytes(samples.tobytes())
    ffmpeg(raw, tmp_path / "nan.wav", "-c:a", "pcm_f32le", before=["-f", "f32le", "-ar", "44100", "-ac", "2"])
    said = separate(tmp_path / "nan.wav", "-o", tmp_path / "stems", status=SOME_FAILED)
    assert "nan.wav" in said and "22050" in said
    assert files_below(tmp_path / "stems") == ["stems.db"]


def test_killed_at_any_time_no_part_is_taken_for_a_stem(mix, tmp_path):
    undisturbed = tmp_path / "undisturbed"
    begin = time.monotonic()
    separate(mix, "-o", undisturbed)
    whole_s = time.monotonic() - begin
    expected = {path.name: path.read_bytes() for path in undisturbed.rglob("*.flac")}
    for i in range(6):
        folder = tmp_path / str(i)
        with started("separate", mix, "-o", folder, "--quiet") as process:
            time.sleep(random.Random(i).uniform(0.05, whole_s))
            process.send_signal(signal.SIGKILL)
            process.wait()
        for path in folder.rglob("*.flac"):
            assert path.read_bytes() == expected[path.name]
        separate(mix, "-o", folder)
        assert {path.name: path.read_bytes() for path in folder.rglob("*.flac")} == expected
        assert not list(folder.rglob("*.partial"))


def test_memory_does_not_grow_with_the_track(mix, tmp_path):
    long = repeated(mix, tmp_path / "long.wav", 5)
    options = ["--threads", "1", "--quiet"]
    short_mb = peak_megabytes("separate", mix, "-o", tmp_path / "a", *options)
    long_mb = peak_megabytes("separate", long, "-o", tmp_path / "b", *options)
    assert long_mb <= 1.05 * short_mb


def test_parts_of_a_job_make_up_the_whole(tmp_path):
    for part in range(2):
        separate(MUSIC, "-o", tmp_path, "--shard", f"{part}/2", status=ALL_GOOD)
    assert len(list(tmp_path.rglob("*.flac"))) == 6


def test_full_disk_ends_the_run_and_fails_no_track(tmp_path):
    small_files = ["sh", "-c", 'trap "" XFSZ; ulimit -f 600; exec "$@"', "sh"]  # what a full disk looks like
    said = separate(MUSIC, "-o", tmp_path, "--tracks", "2", prefix=small_files, status=NOTHING_COULD_RUN)
    assert "File too large" in said
    assert files_below(tmp_path) == ["stems.db"]
    assert "3 tracks done" in separate(MUSIC, "-o", tmp_path)


def test_failures_say_what_cannot_be_written(tmp_path):
    (tmp_path / "Coherence").write_text("no folder")
    said = separate(SONG, "-o", tmp_path, status=SOME_FAILED)
    assert f"{SONG}: {tmp_path / 'Coherence'}: the folder cannot be made" in said
    low = ffmpeg(SONG, tmp_path / "low.wav", "-ar", "11025")
    options = ["--rate", "source", "--format", "ogg", "--bit-rate", "500"]
    assert "11025 Hz and 2 channels at 500 kbit/s" in separate(low, "-o", tmp_path, *options, status=SOME_FAILED)


def test_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert "cannot be made" in separate(SONG, "-o", tmp_path / "file/stems", status=NOTHING_COULD_RUN)


def test_models_for_other_tasks_are_refused(tmp_path):
    assert "separates nothing" in separate(SONG, "-o", tmp_path, "-m", "msd-musicnn", status=USAGE)
    assert "vivace separate" in vivace("embed", SONG, "-m", SPLEETER, status=USAGE).stderr


def test_the_model_shows_its_licence():
    shown = vivace("model", "show", SPLEETER).stdout
    assert 'licence = "MIT"' in shown and Path(shown.split("\n")[0].removeprefix("# ")).is_dir()
