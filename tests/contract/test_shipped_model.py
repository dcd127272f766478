"""The shipped model's scores, so that every change of them fails here."""

import json

import pytest

from edge.detection import model_loading
from edge.errors import ModelError
from tests.support.golden_scores import FOLDER, differences, golden_file, scores, tolerance
from training.storage.paths import REPOSITORY


@pytest.fixture(scope="module")
def shipped() -> tuple[str, list[dict[str, float]]]:
    try:
        model_loading.shipped_model()
    except ModelError as error:
        pytest.skip(f"no model to try: {error}")
    return scores()


def test_its_scores_are_unchanged(shipped: tuple[str, list[dict[str, float]]]) -> None:
    model_id, heard = shipped
    path = golden_file(model_id)
    assert path.is_file(), f"{model_id} has no golden scores: run python -m tests.support.golden_scores"
    assert differences(heard, json.loads(path.read_text("utf-8")), tolerance()) == []


def test_scores_are_kept_for_models_of_the_tree_only() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} <= {
        path.parent.name for path in REPOSITORY.glob("models/*/model.onnx")
    }


def test_its_id_is_its_folder(shipped: tuple[str, list[dict[str, float]]]) -> None:
    assert shipped[0] == model_loading.shipped_model().parent.name


def test_the_comparison_can_fail() -> None:
    kept = [{"crying": 0.5, "none": 0.5}]
    assert differences(kept, kept, 0.02) == []
    assert differences([], kept, 0.02) == ["0 windows, 1 are kept"]
    assert differences([{"crying": 0.53, "none": float("nan")}], kept, 0.02) == [
        "window 0: crying is 0.5300, was 0.5000",
        "window 0: none is nan, was 0.5000",
    ]
