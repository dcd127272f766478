"""An empty environment gets exactly a lock's packages; pip refuses a file with another hash or without one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.utils import canonicalize_name

from tests.support import pins
from tests.support.debian import REPOSITORY, copy_checkout

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (REPOSITORY / ".git").exists(), reason="needs a git checkout: what is installed is what git would commit"
    ),
]

_MACHINE = {name: str(value) for name, value in default_environment().items()}
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, with an empty virtual environment beside it."""
    folder = tmp_path_factory.mktemp("speaker")
    copy_checkout(folder / "hushd")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    return folder / "hushd"


def install(checkout: Path, lock: str) -> "subprocess.CompletedProcess[str]":
    """Install a lock and the project as systemd/install does."""
    script = 'source "$1/scripts/setup" && install_locked "$1/../venv" "$2" "$1"'
    return run("bash", "-c", script, "bash", checkout, lock)


def run(*command: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a command that sees no module of the environment that tests."""
    return subprocess.run(command, cwd="/", env=_ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("hashes", "refused"),
    [(f" --hash=sha256:{'0' * 64}", "DO NOT MATCH THE HASHES"), ("", "Hashes are required in --require-hashes mode")],
)
def test_a_file_with_another_hash_or_without_one_is_refused(checkout: Path, hashes: str, refused: str) -> None:
    (small,) = (pin for pin in pins.read("device") if pin.name == "packaging")
    (checkout / "locks" / "altered.txt").write_text(f"{small.name}=={small.version}{hashes}\n")
    done = install(checkout, "altered")
    assert done.returncode != 0
    assert refused in done.stderr


def test_an_empty_environment_gets_what_the_locks_say(checkout: Path) -> None:
    python = checkout.parent / "venv" / "bin" / "python"
    for lock in ("device", "phone"):  # as a speaker that gets the companion later
        done = install(checkout, lock)
        assert done.returncode == 0, done.stderr
        listed = json.loads(run(python, "-m", "pip", "list", "--format=json").stdout)
        installed: dict[str, str] = {canonicalize_name(entry["name"]): entry["version"] for entry in listed}
        locked = {pin.name: pin.version for pin in pins.read(lock) if pin.applies(_MACHINE)}
        assert installed.keys() == locked.keys() | {"pip", "hushd"}
        assert installed.items() >= locked.items()
        fits = run(python, "-m", "pip", "check")
        assert fits.returncode == 0, fits.stdout
    imported = run(python, "-I", "-c", "import edge.cli; print(edge.cli.__file__)")
    assert Path(imported.stdout.strip()).is_relative_to(python.parents[1]), imported.stderr
