"""Night runs: scores of the deployed pipeline, kept on disk, and the command's report."""

import dataclasses
import json
import sys
from pathlib import Path

import onnx
import pytest

import label_schema
from edge.detection.classifier import Classifier
from edge.detection.decision import Decision
from edge.detection.decision_settings import DecisionSettings
from edge.detection.pipeline import Pipeline
from edge.records import AudioBlock, Event
from tests.support.tiny_model import CARD, POINT, model_bytes
from training.cli import main as workshop
from training.data.workspace import read_workspace
from training.evaluation.nights.runner import NIGHT_H, NightRunConfig, graph_digest, recipes, run_nights
from training.model.onnx_export import write_model
from training.model.operating_points import run_decision
from training.synthesis import nights
from training.synthesis.feature_shards import open_library

pytestmark = pytest.mark.slow

HOURS = 0.1


@pytest.fixture(scope="module")
def config(tiny_data: Path, model: Path, tmp_path_factory: pytest.TempPathFactory) -> NightRunConfig:
    work = tmp_path_factory.mktemp("nights")
    return NightRunConfig(read_workspace(tiny_data, work), model)


def test_nights_make_up_the_hours() -> None:
    planned = recipes("test", 5.0, seed=7)
    assert [recipe.seconds / 3_600 for recipe in planned] == [NIGHT_H, NIGHT_H, 1.0]
    assert [recipe.number for recipe in planned] == [0, 1, 2]


def test_events_from_kept_scores_are_the_pipelines_own(config: NightRunConfig) -> None:
    """The device's pipeline, block by block, gives the same events as the decision on the kept scores."""
    (recipe,) = recipes("test", HOURS, seed=3)
    (night,) = run_nights(config, [recipe])
    classifier = Classifier.load(config.model, label_schema.load())
    chosen = classifier.card.operating_points["normal"].thresholds
    pipeline = Pipeline(classifier, Decision(DecisionSettings(), chosen))
    library = open_library(config.workspace, "test")
    events, position = [], 0
    for samples, _ in nights.compose_night(recipe, library):
        for start in range(0, len(samples), 1_600):
            block = AudioBlock(samples[start : start + 1_600], position + start)
            events += [said for said in pipeline.push(block) if isinstance(said, Event)]
        position += len(samples)
    replayed = run_decision(night.scores, chosen)
    assert [(event.kind, event.at_s) for event in replayed] == [(event.kind, event.at_s) for event in events]
    assert events


def test_kept_nights_are_not_run_again(config: NightRunConfig) -> None:
    planned = recipes("test", HOURS, seed=3)
    first = run_nights(config, planned)
    kept = {path: path.stat().st_mtime_ns for path in config.workspace.work.rglob("*.f64")}
    assert run_nights(config, planned) == first
    assert {path: path.stat().st_mtime_ns for path in config.workspace.work.rglob("*.f64")} == kept
    (only,) = kept
    only.unlink()
    assert run_nights(config, planned) == first


def test_scores_outlive_another_card(tmp_path: Path) -> None:
    """Operating points are chosen from kept scores, so a new card must not expire them."""
    model, again = tmp_path / "model.onnx", tmp_path / "again.onnx"
    model.write_bytes(model_bytes())
    write_model(onnx.load(model), dataclasses.replace(CARD, operating_points={"normal": POINT}), again)
    assert again.read_bytes() != model.read_bytes()
    assert graph_digest(again) == graph_digest(model)
    other = onnx.load(model)
    other.graph.initializer[0].raw_data = bytes(len(other.graph.initializer[0].raw_data))
    write_model(other, CARD, tmp_path / "other.onnx")
    assert graph_digest(tmp_path / "other.onnx") != graph_digest(model)


def test_the_command(
    tiny_data: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", tiny_data, "--work", tmp_path, "--hours", 0.5, "--jobs", 1, "--out", tmp_path / "out"]
    monkeypatch.setattr(sys, "argv", ["training", "nights", str(model), *map(str, options)])
    assert workshop.main() == 0
    printed = capsys.readouterr().out
    assert "| crying found | >= 98 |" in printed
    assert "YAMNet" not in printed
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert figures["split"] == "test"
    assert sum(figures["acts"].values()) == figures["rows"]["hushd, normal"][7]["value"]["acts"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("<svg") == 3


def test_too_few_hours_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["training", "nights", "--hours", "0.1"])
    with pytest.raises(SystemExit):
        workshop.main()
    assert "at least 0.5 hours" in capsys.readouterr().err
