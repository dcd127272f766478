"""``release`` and ``errors`` as typed, at the smallest size, on models that take loud sound for crying."""

import csv
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from edge.detection.classifier import OperatingPoint
from tests.support import loudness_model
from training.cli.main import main
from training.release.record import Record

pytestmark = pytest.mark.slow

SMALL = ("--episodes", "1", "--hours", "0.5", "--jobs", "1")


def deaf(model_id: str) -> dict[str, Any]:
    """The metadata of a model without detections: no window exceeds its thresholds."""
    point = asdict(OperatingPoint(1.0, 1.0, 0.0, 100.0))
    return loudness_model.metadata(model_id=model_id, operating_points={"normal": point})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models ``deaf``, which is current, and ``loud``."""
    place = tmp_path_factory.mktemp("release")
    for name, said in (("loud", loudness_model.metadata(model_id="loud")), ("deaf", deaf("deaf"))):
        (place / "models" / name).mkdir(parents=True)
        loudness_model.write(place / "models" / name / "model.onnx", said)
    (place / "models" / "current").write_text("deaf\n")
    return place


@pytest.fixture
def typed(tiny_data: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that runs a command on the tiny data at the smallest size and returns its exit code."""

    def run(*words: str, small: bool = True) -> int:
        where = ("--data", tiny_data, "--work", place / "work", *SMALL) if small else ()
        monkeypatch.setattr(sys, "argv", ["training", *words, "--models", str(place / "models"), *map(str, where)])
        return main()

    return run


def test_a_candidate_that_rings_for_everything_is_refused(
    typed: Any, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("release", "loud") == 1
    told = capsys.readouterr()
    assert "# loud against deaf: is refused" in told.out
    assert "| soothed from the start, rang |" in told.out
    assert "loud is refused: " in told.err.splitlines()[-1]
    record = Record.read(place / "models" / "loud")
    assert (record.candidate.model_id, record.current.model_id, record.decision.passed) == ("loud", "deaf", False)
    assert {figure.name: figure.difference.old for figure in record.figures}["false alerts in 8 h"] == 0
    assert (place / "models" / "loud" / "release.md").read_text() in told.out
    json.loads(
        (place / "models" / "loud" / "release.json").read_text(),
        parse_constant=lambda name: pytest.fail(f"{name} is no JSON"),
    )


def test_kept_scores_are_used_again(typed: Any, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One graph under two cards runs once; a second comparison reads the kept scores."""
    typed("release", "loud")
    heard = {path: path.stat().st_mtime_ns for path in (place / "work").rglob("*.f64")}
    assert len({path.name.rpartition("-")[2] for path in heard if path.parent.parent.name == "test-set"}) == 1
    first = capsys.readouterr().out.split("Judged")[0]
    typed("release", "loud")
    assert capsys.readouterr().out.split("Judged")[0] == first
    assert {path: path.stat().st_mtime_ns for path in (place / "work").rglob("*.f64")} == heard


def test_a_refused_candidate_ships_only_with_a_reason(
    typed: Any, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("release", "loud")
    assert typed("promote", "loud", small=False) == 65
    assert "--anyway REASON" in capsys.readouterr().err
    assert typed("promote", "loud", "--anyway", "a deaf one is worse", small=False) == 0
    assert capsys.readouterr().out == "current: loud, was deaf, anyway: a deaf one is worse\n"
    assert typed("release", "loud") == 1
    assert "loud is the current model" in capsys.readouterr().err
    assert typed("rollback", small=False) == 0
    assert capsys.readouterr().out == "current: deaf, was loud\n"
    assert (place / "models" / "current").read_text() == "deaf\n"


def test_errors_by_slice(typed: Any, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("errors", "loud") == 0
    told = capsys.readouterr().out
    assert "slices failed anywhere" in told
    for remedy in ("relabel", "collect", "augment"):
        assert f"   {remedy}" in told
    out = place / "work" / "report" / "loud" / "errors-test"
    found = json.loads((out / "errors.json").read_text())
    assert {each["family"] for each in found["slices"]} <= {"misses", "false alarms"}
    assert all(each["failed"] <= each["share"]["acts"] for each in found["slices"])
    page = (out / "errors.html").read_text()
    assert page.count("<tr") == 2 + len(found["slices"])
    assert "python -m training error-analysis loud --relabel" in page


def test_a_slice_is_queued_for_relabeling(typed: Any, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", str(place / "labels"))
    assert typed("errors", "loud", "--relabel", "confuser=animal", *store) == 0
    queue = Path(capsys.readouterr().out.splitlines()[-1].removeprefix("queue: "))
    rows = list(csv.DictReader(queue.read_text().splitlines()))
    assert {row["source"] for row in rows} == {"esc"}
    assert len(rows) == 3  # one for each split
    assert {row["was"] for row in rows} == {"none, by its source"}
    assert all((place / "labels" / "clips" / row["clip"][:2]).is_dir() for row in rows)
    assert typed("errors", "loud", "--relabel", "age=4 years", *store) == 64
    assert "no night event has age=4 years" in capsys.readouterr().err


def test_the_effect_between_two_models(typed: Any, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("errors", "--effect", "deaf", "loud", "--slice", "confuser=cat") == 0
    told = capsys.readouterr().out
    assert "failures, deaf -> loud:" in told
    assert "| crying found | all |" in told
    assert (place / "work" / "report" / "loud" / "errors-test" / "effect-since-deaf.json").exists()


def test_no_such_model(typed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("errors", "dumb") == 65
    assert "model dumb not found; models in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("release", "loud", "--against", "nobody"), "model nobody not found"),
        (("errors", "--effect", "deaf", "nobody"), "model nobody not found"),
        (("errors", "deaf", "--relabel", "cats"), "a slice is TRAIT=VALUE"),
    ],
)
def test_an_invalid_slice_is_refused_before_any_run(
    typed: Any, words: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(*words) in (64, 65)
    told = capsys.readouterr().err
    assert complaint in told
    assert "listen to" not in told
