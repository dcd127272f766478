"""The workshop runs on synthesized clips: the real ones are not part of the repository."""

import shutil
from pathlib import Path

import pytest

from tests.support import tiny_data as tiny
from tests.support.make_once import folder_once
from training.data.workspace import read_workspace
from training.synthesis.feature_shards import make_shards


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete data folder; read it, never change it."""
    return folder_once(tmp_path_factory, "tiny_data", tiny.make)


@pytest.fixture(scope="session")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workshop's folder for what can be made again."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def shards(tiny_data: Path, work: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two shards of training scenes, made once for all workers and copied to this one's folder."""

    def make(folder: Path) -> list[Path]:
        return make_shards(read_workspace(tiny_data, folder), "train", 2, seed=1)

    made = folder_once(tmp_path_factory, "scenes", make)
    shutil.copytree(made / "scenes", work / "scenes", dirs_exist_ok=True)
    return make(work)
