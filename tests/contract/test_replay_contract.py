"""The contract of ``hushd replay --jsonl`` with other programs: keys, their order, types and exit codes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edge.cli import main
from edge.records import EventKind
from tests.support.recordings import hiss

LABELS = ["crying", "fussing", "soothed-crying", "none"]
SCORES = {"type": str, "end_s": float, "label": str, "probabilities": dict}
EVENT = {"type": str, "kind": str, "episode_id": str, "label": str, "onset_s": float, "at_s": float,
         "confidence": float, "why": str}  # fmt: skip
FILE = {"file": str}


Answer = tuple[int, list[dict[str, Any]], list[str]]
"""Exit code, the objects on stdout, the lines on stderr."""
Replay = Callable[..., Answer]


@pytest.fixture
def replay(folder: Path, model: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Replay:
    """Run ``hushd replay ... --jsonl`` in the folder; the output includes anything that libraries print."""
    monkeypatch.chdir(folder)

    def run(*arguments: str | Path) -> Answer:
        code = main(["replay", *map(str, arguments), "--jsonl", "--model", str(model)])
        out, err = capfd.readouterr()
        return code, [json.loads(line) for line in out.splitlines()], err.splitlines()

    return run


def shape(fields: dict[str, Any]) -> dict[str, type]:
    return {key: type(value) for key, value in fields.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a loud sound from second 8 to 20, as a 48 kHz stereo FLAC and an 8 kHz WAV."""
    loud = np.concatenate([hiss(8, 0.001), hiss(12, 0.2), hiss(32, 0.001)])
    soundfile.write(tmp_path / "cry.flac", np.stack([np.repeat(loud, 3)] * 2, axis=1), 48_000)
    soundfile.write(tmp_path / "cry.wav", loud[::2], 8_000)
    return tmp_path


def test_scores_and_events_in_stream_order(replay: Replay) -> None:
    code, lines, complaints = replay("cry.flac", "--scores")
    assert (code, complaints) == (0, [])
    scores = [line for line in lines if line["type"] == "scores"]
    events = [line for line in lines if line["type"] == "event"]
    assert [shape(line) for line in scores] == [SCORES] * len(scores)
    assert [shape(line) for line in events] == [EVENT] * len(events)
    assert [list(line) for line in (scores[0], events[0])] == [list(SCORES), list(EVENT)]
    assert [line["end_s"] for line in scores] == [float(second) for second in range(5, 53)]  # one a hop
    times = [line["end_s"] if line["type"] == "scores" else line["at_s"] for line in lines]
    assert times == sorted(times)


def test_scores_are_probabilities_of_the_four_labels(replay: Replay) -> None:
    _, lines, _ = replay("cry.wav", "--scores")
    scores = [line for line in lines if line["type"] == "scores"]
    assert {line["label"] for line in scores} == {"crying", "none"}
    for line in scores:
        assert list(line["probabilities"]) == LABELS
        assert sum(line["probabilities"].values()) == pytest.approx(1, abs=1e-3)
        assert line["label"] == max(LABELS, key=line["probabilities"].__getitem__)


def test_events_alone_without_scores(replay: Replay) -> None:
    _, lines, _ = replay("cry.wav")
    assert [line["kind"] for line in lines] == ["cry_started", "cry_ended"]
    started, ended = lines
    assert started["episode_id"] == ended["episode_id"]
    assert started["onset_s"] < started["at_s"] < ended["at_s"]
    assert started["label"] == "crying"
    assert 0 <= started["confidence"] <= 1
    assert re.search(r"\w", started["why"])


def test_the_kinds_are_these_and_the_first_three_ring() -> None:
    assert {kind.value: kind.rings for kind in EventKind} == {
        "cry_started": True, "cry_reminder": True, "cry_resumed": True,
        "cry_soothed": False, "cry_ended": False, "soothing_long": False,
    }  # fmt: skip


def test_several_files_differ_by_the_path_as_given(replay: Replay, folder: Path) -> None:
    code, lines, _ = replay("./cry.wav", folder / "cry.flac", "--scores")
    assert code == 0
    half = len(lines) // 2
    assert [line["file"] for line in lines] == ["./cry.wav"] * half + [f"{folder}/cry.flac"] * half
    assert {tuple(shape(line)) for line in lines} == {tuple(SCORES | FILE), tuple(EVENT | FILE)}
    assert [line["end_s"] for line in lines if line["type"] == "scores"].count(5.0) == 2


def test_an_unreadable_file_is_exit_2_and_the_others_are_replayed(replay: Replay) -> None:
    code, lines, complaints = replay("gone.wav", "cry.wav")
    assert code == 2
    assert complaints == ["hushd: cannot read gone.wav: No such file or directory"]
    assert [line["file"] for line in lines] == ["cry.wav", "cry.wav"]


def test_any_rate_channels_and_format_give_the_same_events(replay: Replay) -> None:
    """The container and the rate of a recording do not change the events."""
    (_, flac, _), (_, wav, _) = (replay(name) for name in ("cry.flac", "cry.wav"))
    assert [(event["kind"], event["at_s"]) for event in flac] == [(event["kind"], event["at_s"]) for event in wav]
