"""A model of before a change of the guideline is still heard, by the workshop alone."""

from pathlib import Path

import pytest

import label_schema
from edge.detection.classifier import Classifier
from edge.errors import ModelError
from tests.support import loudness_model
from training.model.load import open_model


def test_an_older_guideline_s_model_is_heard_here_and_refused_by_the_device(tmp_path: Path) -> None:
    before, path = label_schema.load(1), tmp_path / "model.onnx"
    told = loudness_model.metadata(schema_version=1, schema_digest=before.digest, labels=before.names)
    loudness_model.write(path, told)
    assert open_model(path).card.labels == before.names
    with pytest.raises(ModelError, match="guideline v1"):
        Classifier.load(path, label_schema.load())


@pytest.mark.parametrize("version", [99, "two"])
def test_an_unknown_guideline_is_one_line(tmp_path: Path, version: object) -> None:
    path = tmp_path / "model.onnx"
    loudness_model.write(path, loudness_model.metadata(schema_version=version))
    with pytest.raises(ModelError):
        open_model(path)
