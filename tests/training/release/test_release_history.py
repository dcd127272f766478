"""Promotion and rollback: refusals, records, and the state after a kill."""

import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from edge.errors import ModelError, StorageError
from tests.support import loudness_model
from training.evaluation.error_analysis.benchmark import Benchmark
from training.model.files import file_digest
from training.release.gate import Decision
from training.release.history import PromotionRecord, current_model, promote, read_history, rollback
from training.release.record import RECORD, ModelResult, Record, commit, now


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """a-1, which is current, and a-2 and a-3."""
    for name in ("a-1", "a-2", "a-3"):
        (tmp_path / name).mkdir()
        loudness_model.write(tmp_path / name / "model.onnx", loudness_model.metadata(model_id=name))
    (tmp_path / "current").write_text("a-1\n")
    return tmp_path


def party(models: Path, name: str) -> ModelResult:
    return ModelResult(name, file_digest(models / name / "model.onnx"), 2, "none")


def judged(models: Path, candidate: str, current: str, passed: bool = True, exam: Benchmark | None = None) -> Record:
    why = ["crying found is better"] if passed else ["fussing that rang is worse"]
    decision = Decision([], passed, why)
    record = Record(
        party(models, candidate), party(models, current), exam or Benchmark(), [], [], decision, commit(), now()
    )
    record.write(models / candidate)
    return record


def test_promotion_and_rollback(models: Path) -> None:
    judged(models, "a-2", "a-1")
    assert promote(models, "a-2").before == "a-1"
    assert (models / "current").read_text() == "a-2\n"
    judged(models, "a-3", "a-2")
    promote(models, "a-3")
    assert rollback(models).model_id == "a-2"
    assert rollback(models).model_id == "a-1"
    assert current_model(models) == "a-1"
    with pytest.raises(ModelError, match="nothing to roll back to"):
        rollback(models)
    assert [(step.action, step.model_id) for step in read_history(models)] == [
        ("promote", "a-2"),
        ("promote", "a-3"),
        ("rollback", "a-2"),
        ("rollback", "a-1"),
    ]


def test_no_record_no_promotion(models: Path) -> None:
    with pytest.raises(ModelError, match=r"a-2 has no release\.json: run `python -m training compare a-2` first"):
        promote(models, "a-2")
    assert current_model(models) == "a-1"
    assert read_history(models) == []


def test_a_record_that_refuses_is_repeated(models: Path) -> None:
    judged(models, "a-2", "a-1", passed=False)
    with pytest.raises(ModelError, match="a-2 is not promoted: fussing that rang is worse; or say --anyway REASON"):
        promote(models, "a-2")


def test_the_record_is_of_exactly_this_file(models: Path) -> None:
    judged(models, "a-2", "a-1")
    loudness_model.write(models / "a-2" / "model.onnx", loudness_model.metadata(model_id="a-2", training_data="other"))
    with pytest.raises(ModelError, match="its record is of another file"):
        promote(models, "a-2")


def test_the_record_is_against_exactly_the_current_file(models: Path) -> None:
    judged(models, "a-3", "a-2")
    with pytest.raises(ModelError, match="another file than the current a-1: run `compare` again"):
        promote(models, "a-3")


@pytest.mark.parametrize("less", [{"hours": 2.0}, {"episodes": 1}, {"split": "dev"}])
def test_a_small_exam_is_no_release(models: Path, less: dict[str, float]) -> None:
    judged(models, "a-2", "a-1", exam=replace(Benchmark(), **less))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="judged on less than 24 h and 60 episodes of the test split"):
        promote(models, "a-2")


def test_anyway_needs_no_record_and_is_kept(models: Path) -> None:
    promote(models, "a-2", anyway="the old one deafened a room")
    (step,) = read_history(models)
    assert (step.model_id, step.anyway) == ("a-2", "the old one deafened a room")
    assert current_model(models) == "a-2"


def test_a_model_that_the_device_refuses_is_not_promoted(models: Path) -> None:
    loudness_model.write(models / "a-2" / "model.onnx", loudness_model.metadata(schema_version=1))
    with pytest.raises(ModelError, match="was trained under guideline v1"):
        promote(models, "a-2", anyway="because")
    assert current_model(models) == "a-1"


@pytest.mark.parametrize(("name", "line"), [("a-9", "name one of a-1, a-2, a-3"), ("a-1", "a-1 is current already")])
def test_what_cannot_be_promoted(models: Path, name: str, line: str) -> None:
    with pytest.raises(ModelError, match=line):
        promote(models, name, anyway="because")


def test_rolling_back_wants_the_file_that_was_current(models: Path) -> None:
    promote(models, "a-2", anyway="because")
    loudness_model.write(models / "a-1" / "model.onnx", loudness_model.metadata(model_id="a-1", training_data="other"))
    with pytest.raises(ModelError, match="is not the file that was current then"):
        rollback(models)
    assert current_model(models) == "a-2"


def test_an_older_guidelines_model_does_not_come_back_alone(models: Path) -> None:
    loudness_model.write(models / "a-1" / "model.onnx", loudness_model.metadata(model_id="a-1", schema_version=1))
    promote(models, "a-2", anyway="the guideline was sharpened")
    with pytest.raises(ModelError, match=r"not rolled back: .*a-1.*under guideline v1 .* go back to the hushd of that"):
        rollback(models)
    assert current_model(models) == "a-2"


def test_rolling_back_to_a_model_that_left_the_tree_names_the_command(models: Path) -> None:
    git = ["git", "-C", str(models), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    (models / "a-1" / "notes.md").write_text("- The last change.\n")
    promote(models, "a-2", anyway="because")
    for words in ("init -q", "add .", "commit -qm models", "rm -rq a-1", "commit -qm former"):
        subprocess.run([*git, *words.split()], check=True)
    with pytest.raises(
        ModelError, match=r"^no model a-1 in .*: there is a-2, a-3; restore it with `[^`\n]+`$"
    ) as refused:
        rollback(models)
    assert current_model(models) == "a-2"
    subprocess.run(shlex.split(str(refused.value).split("`")[1]), check=True)
    assert (models / "a-1" / "notes.md").exists()
    assert rollback(models).model_id == "a-1"


def test_killed_between_the_two_writes(models: Path) -> None:
    """The line is written but the switch is missing: current stays, and rollback skips the line."""
    promote(models, "a-2", anyway="because")
    history = models / "history.jsonl"
    dangling = replace(read_history(models)[0], model_id="a-3", before="a-2")
    history.write_text(
        history.read_text() + json.dumps({name: getattr(dangling, name) for name in PromotionRecord.__slots__}) + "\n"
    )
    assert current_model(models) == "a-2"
    assert rollback(models).model_id == "a-1"
    promote(models, "a-3", anyway="again")
    assert rollback(models).model_id == "a-1"


def test_a_damaged_history_is_one_line(models: Path) -> None:
    promote(models, "a-2", anyway="because")
    (models / "history.jsonl").write_text("{}\n")
    with pytest.raises(StorageError, match=r"history\.jsonl:1 is not a valid history line"):
        rollback(models)
    assert current_model(models) == "a-2"


def test_a_damaged_record_is_one_line(models: Path) -> None:
    (models / "a-2" / RECORD).write_text('{"candidate": {}}')
    with pytest.raises(ModelError, match=r"valid release record.* write it again"):
        promote(models, "a-2")


def test_no_folder_of_models(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no folder of models"):
        rollback(tmp_path / "none")
    with pytest.raises(ModelError, match="current cannot be read"):
        rollback(tmp_path)


def test_a_record_reads_back_as_it_was_written(models: Path) -> None:
    record = judged(models, "a-2", "a-1")
    assert Record.read(models / "a-2") == record
    assert record.commit == "" or len(record.commit.rstrip("+")) == 40
