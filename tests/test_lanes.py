"""The rules of the suite itself: its lanes, and that test modules stand alone."""

import ast
from pathlib import Path

import pytest

from tests.support import xdist_schedule
from tests.support.lanes import FastLaneLimit

TESTS = Path(__file__).parent
MODULES = sorted(TESTS.rglob("test_*.py"))
REAL = {
    "alsa_room",
    "browser",
    "companion_app",
    "dask_cluster",
    "debian",
    "home_assistant",
    "hushd_process",
    "kill_points",
    "killed",
    "label_studio",
    "mosquitto",
    "ntfy",
    "page_home",
    "pulse_audio_room",
}
"""Modules of tests/support that start something real or kill processes."""

SOURCE = """
import time
import pytest

def busy():
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass

@pytest.fixture(scope="session")
def shared():
    busy()

@pytest.fixture
def own():
    busy()

def test_quick(shared): pass
def test_sleeping(): time.sleep(0.3)
@pytest.mark.slow
def test_marked(own): pass
def test_busy(): busy()
def test_with_a_busy_fixture(own): pass
"""


def imported(module: Path) -> set[str]:
    """Return the modules that a test module imports, also inside functions, by their whole names."""
    names = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_imports_a_test_module(module: Path) -> None:
    parts = {name for name in imported(module) if name.startswith("tests.")}
    assert [name for name in parts if any(part.startswith("test_") for part in name.split("."))] == []


def test_no_support_module_imports_a_test_module() -> None:
    for module in (TESTS / "support").glob("*.py"):
        assert [name for name in imported(module) if ".test_" in name] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_a_module_that_starts_something_real_has_the_marker(module: Path) -> None:
    real = {name for name in imported(module) for part in REAL if name == f"tests.support.{part}"}
    assert not real or "pytest.mark.real" in module.read_text() or module.name in NOT_STARTED, real


NOT_STARTED = {"test_installing.py"}
"""Copies a checkout as a machine's tests do, and starts no machine."""


def test_the_schedule_names_modules_that_are_there() -> None:
    stems = {module.stem for module in MODULES}
    assert stems >= {*xdist_schedule.LONGEST, *xdist_schedule.TOGETHER}


def test_the_limit_fails_busy_tests_of_the_fast_lane_only(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SOURCE)
    run = pytester.inline_run("-p", "no:cov", plugins=[FastLaneLimit(limit_s=0.2)])
    passed, _, failed = run.listoutcomes()
    assert {report.nodeid.partition("::")[2] for report in failed} == {"test_busy", "test_with_a_busy_fixture"}
    assert {report.when for report in failed} == {"teardown"}
    assert len(passed) == 5
