"""A visitor's first minutes: a copy of the repository on a Debian 12 that has nothing but python3 and apt."""

import time
from collections.abc import Iterator

import pytest

from tests.systemd.debian import Machine, booted, missing

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(bool(reason := missing()), reason=reason),
    pytest.mark.timeout(900),  # the first time on a computer, a base system is downloaded
]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with booted() as machine:
        yield machine


def test_scripts_run_plays_the_demo_where_there_is_no_microphone(machine: Machine) -> None:
    told = machine.run("/root/hushd/scripts/run", timeout_s=600)
    rings = [line for line in told.splitlines() if "  RING  " in line]
    assert len(rings) == 1, told
    assert "cry started" in rings[0]
    assert "cry soothed" in told
    assert "cry ended" in told


def test_scripts_run_is_quick_the_second_time(machine: Machine) -> None:
    start_s = time.monotonic()
    assert "usage: hushd demo" in machine.run("/root/hushd/scripts/run", "--help")
    assert time.monotonic() - start_s < 10
