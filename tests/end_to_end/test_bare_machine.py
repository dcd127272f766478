"""The first start: a copy of the repository on a Debian 12 with only python3 and apt."""

import os
from collections.abc import Iterator

import pytest

from tests.support.debian import Machine, booted, missing

pytestmark = [
    pytest.mark.real,
    pytest.mark.root,
    pytest.mark.skipif(bool(reason := missing()), reason=reason),
    pytest.mark.timeout(900),  # the first time on a computer, a base system is downloaded
]


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with booted() as machine:
        yield machine


def test_scripts_run_plays_the_demo_without_a_microphone(machine: Machine) -> None:
    told = machine.run("/root/hushd/scripts/run", timeout_s=600)
    rings = [line for line in told.splitlines() if "  RING  " in line]
    assert len(rings) == 1, told
    assert "cry started" in rings[0]
    assert "cry soothed" in told
    assert "cry ended" in told


def test_scripts_run_is_quick_the_second_time(machine: Machine) -> None:
    before = os.times()
    told = machine.run("/root/hushd/scripts/run", "--help")
    after = os.times()
    assert "usage: hushd demo" in told
    assert "== making" not in told
    assert "== installing" not in told
    # Processor time, which does not depend on the load of the machine.
    assert after.children_user - before.children_user + after.children_system - before.children_system < 5
