"""What tests in several folders need."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import lanes, loudness_model, xdist_schedule

pytest_plugins = ["pytester"]
lanes.register_profiles()


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI"):
        config.pluginmanager.register(lanes.FastLaneLimit())


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> xdist_schedule.Schedule:
    return xdist_schedule.Schedule(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # this process is one of several
        xdist_schedule.longest_first(items)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fitting model.onnx that hears crying in whatever is loud."""
    return loudness_model.write(tmp_path_factory.mktemp("model") / "model.onnx", loudness_model.metadata())
