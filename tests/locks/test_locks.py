"""The locks fit pyproject.toml, on each kind of machine; they have exact versions and no address of an index."""

import tomllib
from collections.abc import Iterable

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support import pins

_PYPROJECT = tomllib.loads((pins.LOCKS.parent / "pyproject.toml").read_text())
_EXTRAS: dict[str, list[str]] = _PYPROJECT["project"]["optional-dependencies"]
_EXTRAS_OF = {"device": (), "phone": ("phone",), "demo": ("demo",), "workshop": tuple(_EXTRAS)}
_MACHINES = [
    {"python_version": python, "python_full_version": f"{python}.2", "platform_machine": processor}
    | {"sys_platform": "linux", "implementation_name": "cpython", "platform_python_implementation": "CPython"}
    for python in ("3.11", "3.12", "3.13")
    for processor in ("x86_64", "aarch64")
]


def required(extras: Iterable[str]) -> list[Requirement]:
    """Return what pyproject.toml asks for, with its build's requirements."""
    lines = [*_PYPROJECT["build-system"]["requires"], *_PYPROJECT["project"]["dependencies"]]
    return [Requirement(line) for line in (*lines, *(line for extra in extras for line in _EXTRAS[extra]))]


@pytest.mark.parametrize("lock", pins.ALL)
def test_every_line_is_an_exact_version_without_an_address(lock: str) -> None:
    text = (pins.LOCKS / f"{lock}.txt").read_text()
    assert text.startswith("# Written by scripts/lock from pyproject.toml.\n")
    assert list(pins.parse(text))
    assert "://" not in text


@pytest.mark.parametrize(
    "line", ["numpy>=2", "numpy==2.*", "torch==2.13.0+cpu", "--index-url https://a.example/simple"]
)
def test_anything_else_is_no_pin(line: str) -> None:
    with pytest.raises(ValueError, match="is not a pin"):
        list(pins.parse(f"# comment\n{line}\n"))


@pytest.mark.parametrize("machine", _MACHINES, ids=lambda machine: "-".join(list(machine.values())[1:3]))
@pytest.mark.parametrize("lock", pins.ALL)
def test_a_lock_has_one_admitted_version_of_each_requirement(lock: str, machine: dict[str, str]) -> None:
    locked: dict[str, list[str]] = {}
    for pin in pins.read(lock):
        if pin.applies(machine):
            locked.setdefault(pin.name, []).append(pin.version)
    assert {name: versions for name, versions in locked.items() if len(versions) > 1} == {}
    for requirement in required(_EXTRAS_OF[lock]):
        (version,) = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), f"{requirement}: run scripts/lock"


@pytest.mark.parametrize("lock", pins.BY_HASH)
def test_what_a_speaker_gets_has_hashes_and_is_what_the_tests_run_with(lock: str) -> None:
    locked = pins.read(lock)
    assert [pin.name for pin in locked if not pin.hashes] == []
    tested = {(pin.name, pin.version) for pin in pins.read("workshop")}
    assert {(pin.name, pin.version) for pin in locked} <= tested


def test_the_workshop_leaves_to_pytorch_what_differs_by_machine() -> None:
    names = {pin.name for pin in pins.read("workshop")}
    assert "torch" in names
    assert [name for name in names if name.startswith(("nvidia-", "cuda-")) or name == "triton"] == []
