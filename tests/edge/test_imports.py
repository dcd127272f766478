"""Imports: the daemon runs on a small board and must not load training libraries."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.recordings import quiet_then_loud

WORKSHOP = {"torch", "librosa", "scipy", "pandas", "sklearn", "matplotlib", "onnx", "numba", "joblib"}

PROGRAM = """
import json, sys
from edge.cli import main

try:
    code = main(sys.argv[1:])
finally:
    print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
sys.exit(code)
"""


def packages_loaded_by(*arguments: str | Path) -> set[str]:
    """Return the packages that ``hushd ARGUMENTS`` has loaded."""
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout.splitlines()[-1]))


@pytest.mark.slow
def test_running_loads_no_training_library(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 5.5, 0)
    loaded = packages_loaded_by("run", "--source", recording, "--model", model, "--broker", "mqtt://localhost:1")
    assert {"edge", "onnxruntime", "paho"} <= loaded
    assert not loaded & WORKSHOP
    assert not loaded & {"training", "amqtt"}


def test_replay_loads_neither_broker_nor_sound_card(tmp_path: Path, model: Path) -> None:
    loaded = packages_loaded_by("replay", quiet_then_loud(tmp_path / "a.wav", 6, 0), "--model", model)
    assert "onnxruntime" in loaded
    assert not loaded & (WORKSHOP | {"paho", "sounddevice", "amqtt"})
