"""``python -m training`` as typed: from a data folder to a model for the device, or one error line."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import label_schema
from edge.detection.classifier import Classifier
from label_schema.__main__ import main as guideline_command
from tests.support.command_line import run
from tests.support.tiny_data import SOUNDS
from training.cli.main import main
from training.data.manifest import clips_digest, read_manifest
from training.model.operating_points import MEAN_SENSITIVITIES
from training.storage.paths import REPOSITORY

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after ``train --rehearse``."""
    place = tmp_path_factory.mktemp("workshop")
    done = rehearse("train tiny --steps 3", tiny_data, place)
    assert done.returncode == 0, done.stderr
    assert str(place / "models" / "tiny") in done.stdout
    return place


def rehearse(verb: str, data: Path, place: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command with ``--rehearse``."""
    where = ["--data", str(data), "--work", str(place / "work"), "--models", str(place / "models"), "--jobs", "2"]
    command = [sys.executable, "-m", "training", *verb.split(), "--rehearse", *where]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_models_are_combined(tiny_data: Path, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(place / "models" / "tiny", place / "models" / "other")
    done = rehearse("combine both tiny other", tiny_data, place)
    assert done.returncode == 0, done.stderr
    made = place / "models" / "both"
    model = Classifier.load(made / "model.onnx", label_schema.load()).card
    assert model.model_id == "both"
    assert model.operating_points["normal"].cry_threshold == MEAN_SENSITIVITIES["normal"].cry
    card = (made / "card.md").read_text()
    assert "mean of | tiny (`" in card
    assert "`python -m training ensemble both tiny other`" in card
    run("lineage", made / "model.onnx")
    assert "mean of        other, file " in capsys.readouterr().out
    again = rehearse("combine more tiny both", tiny_data, place)
    assert again.returncode == 65
    both = place / "models" / "both" / "model.onnx"
    assert again.stderr == f"training: {both} is not a single float32 net: combine only models that `train` made\n"


@pytest.mark.parametrize(
    ("members", "line"),
    [
        ("tiny", "training: a mean needs two or more different models, got tiny"),
        ("tiny tiny", "training: a mean needs two or more different models, got tiny tiny"),
        ("tiny none", "training: model none not found; models in {models}: "),
    ],
)
def test_what_cannot_be_combined(tiny_data: Path, place: Path, members: str, line: str) -> None:
    done = rehearse(f"combine both {members}", tiny_data, place)
    assert done.returncode == 65
    assert done.stderr.startswith(line.format(models=place / "models"))


def test_the_device_accepts_the_model(tiny_data: Path, place: Path) -> None:
    card = Classifier.load(place / "models" / "tiny" / "model.onnx", label_schema.load()).card
    assert card.model_id == "tiny"
    assert card.licence == "Apache-2.0"
    used = [clip for clip in read_manifest(tiny_data) if clip.split == "train"]
    assert card.training_data == clips_digest(used)
    assert set(card.operating_points) == {"low", "normal", "high"}
    for point in card.operating_points.values():
        assert 0 <= point.missed_per_100 <= 100
        assert point.false_alerts_per_night >= 0


def test_the_card_has_sources_and_metrics(place: Path) -> None:
    card = (place / "models" / "tiny" / "card.md").read_text()
    assert card.startswith("# tiny\n")
    assert "`python -m training train tiny --rehearse --steps 3 --seed 1`" in card
    sources = re.findall(r"^\| (\S+) \| CC0 \| (\d+) \|$", card, re.MULTILINE)
    made_of = [sound.source for sound in SOUNDS if "train" in sound.splits]
    assert {source: int(count) for source, count in sources} == {name: made_of.count(name) for name in made_of}
    for name in ("low", "normal", "high"):
        assert f"| {name} | " in card
    assert "weak" in card


def test_the_report_and_its_figures_agree(place: Path) -> None:
    report = place / "work" / "report" / "tiny"
    figures = json.loads(
        (report / "figures.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON")
    )
    page = (report / "report.html").read_text()
    assert figures["split"] == "test"
    assert figures["criers"] == 1
    assert figures["none_hours"] == pytest.approx(1 / 60)
    assert sum(map(sum, figures["confusion"])) == figures["clips"]
    assert 0 <= figures["auc"] <= 1
    assert page.count("<svg") == 3
    for row in figures["rows"]:
        assert row["question"] in page
    assert {row["source"] for row in figures["sources"]} == {
        sound.source for sound in SOUNDS if "test" in sound.splits
    } | {"mixture"}


CLIPS = "file,source,group,kind,source_label,licence,duration_s,split\na.ogg,esc,esc:1,infant,cry,CC0,5.0,tset\n"


@pytest.mark.parametrize(
    ("command", "code", "line"),
    [
        ("train x --data {folder}/none", 66, "no training data at {folder}/none (manifest.csv not found)"),
        ("train x", 66, "no training data at /nowhere (manifest.csv not found)"),
        ("evaluate model.onnx", 66, "no training data at /nowhere (manifest.csv not found)"),
        ("train x --data {folder}", 66, "{folder}/manifest.csv:2: not a clip row (split 'tset' is not one of"),
        (
            "train x --data {folder}/half",
            66,
            "{folder}/half/teacher_scores.npz not found: the data folder is incomplete",
        ),
        ("evaluate {folder}/none.onnx --data {tiny}", 65, "model {folder}/none.onnx not found"),
    ],
)
def test_an_impossible_command_is_one_error_line(
    tiny_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    code: int,
    line: str,
) -> None:
    (tmp_path / "manifest.csv").write_text(CLIPS)
    shutil.copytree(tiny_data, tmp_path / "half", ignore=shutil.ignore_patterns("teacher_scores.npz"))
    names = {"folder": tmp_path, "tiny": tiny_data}
    monkeypatch.setenv("HUSHD_DATA", "/nowhere")
    options = ["--work", str(tmp_path / "work"), "--jobs", "1"]
    monkeypatch.setattr(sys, "argv", ["training", *command.format(**names).split(), *options])
    assert main() == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[-1].startswith(f"training: {line.format(**names)}")


def test_output_that_is_closed_ends_it_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setattr(sys, "argv", ["training", "why", "cry-9"])
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main() == 0
        assert guideline_command(["diff", "1", "2"]) == 0
