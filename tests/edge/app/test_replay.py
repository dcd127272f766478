"""Replay: the printed lines for programs and for people."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from edge.app.replay import json_lines, readable_lines, replay
from edge.detection.pipeline import Pipeline
from edge.errors import AudioError
from edge.records import SAMPLE_RATE
from tests.support.fakes import crying_between, pipeline

NewPipeline = Callable[[], Pipeline]
Printed = pytest.CaptureFixture[str]


def recording(path: Path, seconds: float) -> str:
    samples = np.random.default_rng(0).normal(0, 0.001, round(seconds * SAMPLE_RATE))
    soundfile.write(path, samples.astype(np.float32), SAMPLE_RATE)
    return str(path)


@pytest.fixture
def replayed_recordings() -> NewPipeline:
    return lambda: pipeline(crying_between(10, 20))


def test_events_are_json_objects(tmp_path: Path, capsys: Printed, replayed_recordings: NewPipeline) -> None:
    file = recording(tmp_path / "a.wav", 20)
    assert replay([file], replayed_recordings, json_lines(name_files=False, with_scores=False)) == 0
    (event,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (event["type"], event["kind"], event["at_s"]) == ("event", "cry_started", 12.0)
    assert set(event) == {"type", "kind", "episode_id", "label", "onset_s", "at_s", "confidence", "why"}


def test_scores_come_once_a_hop_in_order_with_events(
    tmp_path: Path, capsys: Printed, replayed_recordings: NewPipeline
) -> None:
    file = recording(tmp_path / "a.wav", 13)
    replay([file], replayed_recordings, json_lines(name_files=False, with_scores=True))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("end_s", line.get("at_s")) for line in lines] == [5, 6, 7, 8, 9, 10, 11, 12, 12, 13]
    assert lines[0] == {
        "type": "scores", "end_s": 5.0, "label": "none",
        "probabilities": {"crying": 0.01, "fussing": 0.01, "soothed-crying": 0.01, "none": 0.97},
    }  # fmt: skip


def test_several_files_are_separate_recordings_named_as_given(
    tmp_path: Path, capsys: Printed, monkeypatch: pytest.MonkeyPatch, replayed_recordings: NewPipeline
) -> None:
    monkeypatch.chdir(tmp_path)
    recording(tmp_path / "a.wav", 15)
    replay(["./a.wav", "a.wav"], replayed_recordings, json_lines(name_files=True, with_scores=False))
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first.pop("file"), second.pop("file")) == ("./a.wav", "a.wav")
    assert first == second


def test_an_unreadable_file_is_one_line_and_the_others_are_replayed(
    tmp_path: Path, capsys: Printed, replayed_recordings: NewPipeline
) -> None:
    good, gone = recording(tmp_path / "a.wav", 15), str(tmp_path / "two\nlines.wav")
    code = replay([gone, good], replayed_recordings, json_lines(name_files=True, with_scores=False))
    assert code == AudioError.exit_code == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["file"] == good
    assert err == f"hushd: cannot read {tmp_path}/two lines.wav: No such file or directory\n"


def test_the_lines_for_people_have_times_and_words(
    tmp_path: Path, capsys: Printed, replayed_recordings: NewPipeline
) -> None:
    file = recording(tmp_path / "a.wav", 12)
    replay([file], replayed_recordings, readable_lines(name_files=True, with_scores=True))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{file}  0:00:05  none             crying 0.01  fussing 0.01  soothed-crying 0.01  none 0.97"
    assert lines[-1].startswith(f"{file}  0:00:12  RING  cry started: crying for ")
