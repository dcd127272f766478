"""The name of a model that ships or has shipped is refused before any work, and its file stays."""

import shutil
import sys
from pathlib import Path

import pytest

from edge.errors import ModelError
from tests.support import loudness_model
from tests.support.checkout import PARAMS
from training.cli.main import main
from training.release.guard import refuse_shipped
from training.release.history import promote


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cry-1, which has shipped, cry-2, which ships, and cry-3 and loud, which were never promoted."""
    folder = tmp_path_factory.mktemp("models")
    for name in ("cry-1", "cry-2", "cry-3", "loud"):
        (folder / name).mkdir()
        loudness_model.write(folder / name / "model.onnx", loudness_model.metadata(model_id=name))
    (folder / "current").write_text("cry-1\n")
    promote(folder, "cry-2", anyway="a test")
    return folder


def test_a_shipped_model_is_not_replaced(models: Path, tmp_path: Path) -> None:
    for name in ("cry-1", "cry-2"):
        with pytest.raises(
            ModelError, match=rf"{name} ships, or has shipped.*such as cry-4 .*`model: cry-4` in params"
        ):
            refuse_shipped(models, name)
    refuse_shipped(models, "cry-3")
    refuse_shipped(tmp_path, "cry-2")  # another folder of models has no history
    (tmp_path / "current").write_text("loud\n")
    with pytest.raises(ModelError, match="such as loud-2 "):
        refuse_shipped(tmp_path, "loud")


def test_the_next_name_is_above_every_former_one(tmp_path: Path) -> None:
    """A model that shipped keeps its number after its files have left the tree, and gaps are not filled."""
    for name in ("cry-1", "cry-7"):
        (tmp_path / name).mkdir()
        loudness_model.write(tmp_path / name / "model.onnx", loudness_model.metadata(model_id=name))
    (tmp_path / "current").write_text("cry-1\n")
    promote(tmp_path, "cry-7", anyway="a test")
    shutil.rmtree(tmp_path / "cry-1")
    for name in ("cry-1", "cry-7"):
        with pytest.raises(ModelError, match="such as cry-8 "):
            refuse_shipped(tmp_path, name)


@pytest.mark.parametrize("verb", ["train cry-2", "stage bank", "stage measure"])
def test_it_is_one_line_before_any_work(
    tiny_data: Path,
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verb: str,
) -> None:
    (tmp_path / "params.yaml").write_text(PARAMS.format(data=tiny_data).replace("model: tiny", "model: cry-2"))
    before = (models / "cry-2" / "model.onnx").read_bytes()
    places = ["--params", tmp_path / "params.yaml", "--models", models, "--work", tmp_path / "work"]
    monkeypatch.setattr(sys, "argv", ["training", *verb.split(), *map(str, places)])
    assert main() == ModelError.exit_code
    assert capsys.readouterr().err.startswith(
        "training: cry-2 ships, or has shipped, and stays as it is: name the next"
    )
    assert (models / "cry-2" / "model.onnx").read_bytes() == before
    assert not (tmp_path / "work").exists()
