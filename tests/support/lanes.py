"""The lanes of the suite: profiles of Hypothesis, and the limit that keeps the fast lane fast.

The fast lane is every test without a marker of another lane: ``slow``, ``real`` or ``nightly`` (pyproject.toml).
"""

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

OTHER_LANES = ("slow", "real", "nightly")

SLOW_S = 5.0
"""A test that takes more processor time than this on a usual machine is marked ``slow``."""

LIMIT_S = 4 * SLOW_S
"""CI fails a test of the fast lane above this; the margin is for slow and shared processors."""

PROPERTY_FACTOR = 3
"""Times the limit for a property test: CI tries ten times the examples of the fast lane."""


def register_profiles() -> None:
    """Register the profiles of Hypothesis; ``--hypothesis-profile=dev`` chooses the quick one.

    A deadline would measure the load of the machine.
    """
    settings.register_profile("dev", settings.get_profile("default"), max_examples=10, deadline=None)
    settings.register_profile("ci", settings.get_profile("default"), max_examples=100, deadline=None, print_blob=True)
    settings.load_profile("ci")


def is_fast(item: pytest.Item) -> bool:
    """Return whether a test has no marker of another lane."""
    return not any(item.get_closest_marker(lane) for lane in OTHER_LANES)


def is_property(item: pytest.Item) -> bool:
    """Return whether Hypothesis chooses the test's arguments."""
    return hasattr(getattr(item, "function", None), "hypothesis")


def processor_s() -> float:
    """Processor seconds of this process and of its children that ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


class FastLaneLimit:
    """A pytest plugin that fails a test of the fast lane above a limit of processor time.

    Fixtures of the session are not counted: the first test that needs one makes it for all.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._start_s = 0.0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, None, None]:
        """Start the count."""
        self._start_s = processor_s()
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Leave out a fixture of the session."""
        before_s = processor_s()
        try:
            return (yield)
        finally:
            if fixturedef.scope == "session":
                self._start_s += processor_s() - before_s

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, None, None]:
        """End the count; fail where it is above the limit."""
        yield
        spent_s = processor_s() - self._start_s
        limit_s = self._limit_s * (PROPERTY_FACTOR if is_property(item) else 1)
        if spent_s > limit_s and is_fast(item):
            pytest.fail(
                f"{item.nodeid}: {spent_s:.1f} s of processor time in the fast lane, limit {limit_s:.0f} s; "
                "make it faster or mark its file with pytest.mark.slow",
                pytrace=False,
            )
