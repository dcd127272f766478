"""The order in which pytest-xdist's workers get test files: a file stays whole, and the longest begin.

Without ``--numprocesses``, pytest has one process and its usual order.
"""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "test_speaker": "machines",  # one machine at a time: the other worker would only wait for it
    "test_bare_machine": "machines",
    "test_arm64": "machines",
    "test_label_studio_loop": "Label Studio",  # installed once
    "test_label_studio_page": "Label Studio",
}
LONGEST = (
    "test_speaker",
    "test_retraining",
    "test_in_home_assistant",
    "test_label_studio_loop",
    "test_virtual_room",
    "test_page_browser",
    "test_parallel",
    "test_running",
    "test_workshop",
    "test_phone",
    "test_label_commands_killed",
    "test_label_noise_command",
    "test_model_cost",
)
"""Those that take more than half a minute, so that no worker is left with one of them at the end."""


class Schedule(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Gives a worker one file after the other, or files that belong together."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        """The order is that of the collection."""
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER.get(PurePath(file).stem, file)


def longest_first(items: list[pytest.Item]) -> None:
    """Sort the collected tests."""
    items.sort(key=lambda item: _rank(item.path.stem, LONGEST))


def _rank(name: str, names: Sequence[str]) -> int:
    return names.index(name) if name in names else len(names)
