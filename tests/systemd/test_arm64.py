"""An emulated ARM64 machine: it installs from wheels only and detects the same events.

It takes about ten minutes, so it runs with HUSHD_TEST_ARM64=1 only. Its speed does not predict a Raspberry Pi's.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.debian import emulated_arm64, missing

pytestmark = [
    pytest.mark.real,
    pytest.mark.root,
    pytest.mark.skipif(os.environ.get("HUSHD_TEST_ARM64") != "1", reason="slow: set HUSHD_TEST_ARM64=1"),
    pytest.mark.skipif(bool(reason := missing("qemu-aarch64-static")), reason=reason),
    pytest.mark.timeout(3600),
]


def test_it_installs_from_wheels_and_detects_the_same(tmp_path: Path) -> None:
    hushd, scene = [sys.executable, "-m", "edge"], tmp_path / "scene.wav"
    subprocess.run([*hushd, "demo", "--write", scene], check=True)
    here = subprocess.run([*hushd, "replay", "--jsonl", scene], check=True, capture_output=True, text=True).stdout
    with emulated_arm64() as machine:
        assert machine.run("uname", "-m") == "aarch64\n"
        machine.run("/root/hushd/systemd/install", "--no-start", timeout_s=2400)
        (machine.root / "root" / "scene.wav").write_bytes(scene.read_bytes())
        there = machine.run("hushd", "replay", "--jsonl", "/root/scene.wav", timeout_s=900)
    assert events(there) == events(here)
    assert [event["kind"] for event in events(here)][:1] == ["cry_started"]


def events(output: str) -> list[dict[str, object]]:
    """Return events and times, without parts that differ by run and processor.

    Warnings of ONNX Runtime about the emulated processor are dropped, too.
    """
    objects = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return [{**heard, "episode_id": None, "confidence": round(heard["confidence"], 2)} for heard in objects]
