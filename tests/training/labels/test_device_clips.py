"""Clips shared by a device are imported with its events as attributes and without labels."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.protocol.messages import EventWriter, StreamClock
from edge.records import Event, EventKind
from tests.support.command_line import run
from tests.support.small_store import START, sound
from training.labels.device_clips import device_clips
from training.labels.records import LabelError
from training.labels.store import LabelStore


def shared(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clips.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def line(file: str, **more: object) -> str:
    """Return a line as the device writes it."""
    event = Event(EventKind.CRY_STARTED, "e1", "crying", 61.0, 70.0, 0.93, "crying for 6 s, nobody is heard soothing")
    return json.dumps({**json.loads(EventWriter("nursery").write(event, StreamClock(START))), "file": file, **more})


def test_a_shared_folder(tmp_path: Path) -> None:
    folder = shared(tmp_path / "shared", line("a.flac", verdict="false_alarm"), "", line("b.flac"))
    sound(folder / "a.flac", seed=1)
    sound(folder / "b.flac", seed=2)
    at = ("--store", tmp_path / "store", "--jobs", "1")
    for _ in range(2):  # the second import changes nothing
        run("import", "device", folder, *at)
    with LabelStore(tmp_path / "store") as store:
        clips = store.clips().values()
        assert {(clip.source, clip.group) for clip in clips} == {("device:nursery", "device:nursery")}
        told = sorted(clip.attributes.get("verdict", "") for clip in clips)
        assert told == ["", "false_alarm"]
        assert {clip.attributes["said"] for clip in clips} == {"crying"}
        assert store.labels() == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"file": "a.flac"', r"clips.jsonl:1: is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("3", "is not a JSON object"),
        ("", "clips.jsonl: the table has no clips"),
        (line("a.flac", v=2), "schema version v=2; supported: 1"),
        (line("../a.flac"), "file must be the name of a file beside the table, not '../a.flac'"),
        (line("a.flac", device="x, y"), "device must be a device name .*, not 'x, y'"),
        (line("a.flac", verdict=3), "verdict must be text, not 3"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(LabelError, match=problem) as raised:
        device_clips(shared(tmp_path, text))
    assert "\n" not in str(raised.value)


def test_a_missing_file_refuses_the_folder(tmp_path: Path) -> None:
    folder = shared(tmp_path / "shared", line("a.flac"), line("b.flac"))
    sound(folder / "a.flac", seed=1)
    with pytest.raises(LabelError, match=r"clips.jsonl:2: cannot read .*b.flac: No such file"):
        run("import", "device", folder, "--store", tmp_path / "store", "--jobs", "1")
    with LabelStore(tmp_path / "store") as store:
        assert store.clips() == {}
    with pytest.raises(LabelError, match=r"nowhere/clips.jsonl cannot be read: No such file"):
        device_clips(tmp_path / "nowhere")


@given(st.binary(max_size=80))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_read_or_refused(tmp_path: Path, junk: bytes) -> None:
    (tmp_path / "clips.jsonl").write_bytes(junk)
    with pytest.raises(LabelError):
        device_clips(tmp_path)
