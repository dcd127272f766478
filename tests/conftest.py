"""What tests in several folders need."""

from pathlib import Path

import pytest

from tests import loudness_model


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fitting model.onnx that hears crying in whatever is loud."""
    return loudness_model.write(tmp_path_factory.mktemp("model") / "model.onnx", loudness_model.metadata())
