"""Kill -9 at any step of a verb that changes the data folder or the folder of models: both are whole, and it can be
done again.
"""

import json
import shutil
from pathlib import Path

import pytest

from edge.errors import ModelError
from tests.support import loudness_model
from tests.support.command_line import run
from tests.support.kill_points import act, die_all
from tests.support.small_store import sound
from training.data.manifest import read_manifest
from training.data.tagger_scores import load_tagger_scores
from training.labels.store import LabelStore
from training.release.history import PROMOTE, current_model, promote, read_history

pytestmark = pytest.mark.real

POINTS = 10


def contents(folder: Path) -> dict[str, bytes]:
    """Of all but temporary files."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".part")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files if not path.name.startswith(".")}


def test_collect_is_done_or_can_be_done_again(tiny_data: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    shutil.copytree(tiny_data, before / "data")
    for number in range(3):
        sound(tmp_path / "more" / "none" / f"{number}.wav", number, seconds=1.5)
    run("import", "folder", tmp_path / "more", "--store", before / "store", "--jobs", "1")
    die_all("collect", tmp_path, POINTS)
    whole = contents(tmp_path / "whole" / "data")
    assert len(whole) == len(contents(before / "data")) + 3
    for point in range(POINTS):
        place = tmp_path / str(point)
        clips = read_manifest(place / "data")
        assert all((place / "data" / "clips" / clip.file).is_file() for clip in clips)
        load_tagger_scores(place / "data", clips)  # has scores of all of them
        with LabelStore(place / "store") as store:
            assert store.damage() == []
        act("collect", place)
        assert {name: raw for name, raw in contents(place / "data").items() if name != "teacher_scores.npz"} == {
            name: raw for name, raw in whole.items() if name != "teacher_scores.npz"
        }
        load_tagger_scores(place / "data", read_manifest(place / "data"))


@pytest.mark.parametrize("verb", ["promote", "rollback"])
def test_the_device_finds_a_model_and_the_way_back_stays(tmp_path: Path, verb: str) -> None:
    models = tmp_path / "before" / "models"
    for name in ("a-1", "a-2", "a-3"):
        (models / name).mkdir(parents=True)
        loudness_model.write(models / name / "model.onnx", loudness_model.metadata(model_id=name))
    (models / "current").write_text("a-1\n")
    promote(models, "a-2", anyway="a test")
    die_all(verb, tmp_path, POINTS)
    after = "a-3" if verb == PROMOTE else "a-1"
    for point in range(POINTS):
        models = tmp_path / str(point) / "models"
        current = current_model(models)
        assert current in ("a-2", after)
        assert read_history(models)[0].model_id == "a-2"
        if current == "a-2":
            act(verb, tmp_path / str(point))
        elif verb == PROMOTE:
            with pytest.raises(ModelError, match="is current already"):
                act(verb, tmp_path / str(point))
        assert current_model(models) == after
        assert json.loads((models / "history.jsonl").read_text().splitlines()[-1])["model_id"] == after
