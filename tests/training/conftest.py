"""The workshop runs on synthesized clips: the real ones are not part of the repository."""

from pathlib import Path

import pytest

from tests.support import tiny_data as tiny
from training.data.workspace import read_workspace
from training.synthesis.feature_shards import make_shards


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete data folder; read it, never change it."""
    return tiny.make(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workshop's folder for what can be made again."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def shards(tiny_data: Path, work: Path) -> list[Path]:
    """Two shards of training scenes."""
    return make_shards(read_workspace(tiny_data, work), "train", 2, seed=1)
