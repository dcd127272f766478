"""Loading of a model under its own guideline."""

from pathlib import Path

import pytest

import label_schema
from edge.detection.classifier import Classifier
from edge.errors import ModelError
from tests.support import loudness_model
from training.model.load import open_model


def test_an_older_guidelines_model_loads_here_and_not_on_the_device(tmp_path: Path) -> None:
    before, path = label_schema.load(1), tmp_path / "model.onnx"
    metadata = loudness_model.metadata(schema_version=1, schema_digest=before.digest, labels=before.names)
    loudness_model.write(path, metadata)
    assert open_model(path).card.labels == before.names
    with pytest.raises(ModelError, match="guideline v1"):
        Classifier.load(path, label_schema.load())


@pytest.mark.parametrize("version", [99, "two"])
def test_an_unknown_guideline_is_one_line(tmp_path: Path, version: object) -> None:
    path = tmp_path / "model.onnx"
    loudness_model.write(path, loudness_model.metadata(schema_version=version))
    with pytest.raises(ModelError):
        open_model(path)
