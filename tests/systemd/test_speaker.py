"""The service on a booted Debian 12 with only python3 and apt: installed, killed, hung and upgraded."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from tests.support.alsa_room import microphone
from tests.support.debian import Machine, booted, missing
from tests.support.http_sink import Sink
from tests.support.mosquitto import PASSWORD, USERNAME, Consumer, Mosquitto

_INSTALL = "/root/hushd/systemd/install"

pytestmark = [
    pytest.mark.real,
    pytest.mark.root,
    pytest.mark.skipif(bool(reason := missing("mosquitto")), reason=reason),
    pytest.mark.timeout(900),  # the first time on a computer, a base system is downloaded
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A broker with a password; the machine shares the network of the tests."""
    with Mosquitto(tmp_path_factory.mktemp("broker"), password=True) as broker:
        yield broker


@pytest.fixture(scope="module")
def speaker(broker: Mosquitto) -> Iterator[Machine]:
    """A speaker after systemd/install, in a room with a faint hiss."""
    hiss = np.random.default_rng(1).normal(0, 0.003, 16_000).astype(np.float32)
    with booted() as machine, microphone(machine, hiss):
        # A shorter watchdog than in the unit, so that the test takes less time.
        machine.write("/etc/systemd/system/hushd.service.d/test.conf", "[Service]\nWatchdogSec=10\n")
        machine.write("/etc/hushd/mqtt.password", f"{PASSWORD}\n")
        machine.write(
            "/etc/hushd/hushd.yaml",
            f"device: nursery\nbroker:\n  url: mqtt://127.0.0.1:{broker.port}\n  username: {USERNAME}\n",
        )
        machine.run("chmod", "600", "/etc/hushd/mqtt.password")
        machine.run(_INSTALL, timeout_s=600)
        yield machine


def shown(speaker: Machine, *properties: str, unit: str = "hushd") -> dict[str, str]:
    output = speaker.run("systemctl", "show", unit, *(f"--property={name}" for name in properties))
    return dict(line.split("=", 1) for line in output.splitlines())


def stopping_s(speaker: Machine, unit: str) -> float:
    """Return the duration of the last stop in seconds, by systemd's clock."""
    began, ended = "ActiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic"
    at_us = {name: int(value) for name, value in shown(speaker, began, ended, unit=unit).items()}
    assert 0 < at_us[began] <= at_us[ended]
    return (at_us[ended] - at_us[began]) / 1e6


@contextmanager
def journal(speaker: Machine) -> Iterator[Callable[[str], None]]:
    """Return a function that waits for a text in the journal of hushd, from now on."""
    # Read from outside: a program inside the machine would outlive a killed test.
    read = ["journalctl", f"--directory={speaker.root}/var/log/journal", "--unit=hushd", "--output=cat"]
    now = subprocess.run([*read, "--lines=1", "--show-cursor"], check=True, capture_output=True, text=True).stdout
    follow = [*read, "--follow", f"--after-cursor={now.rpartition('-- cursor: ')[2].strip()}"]
    with subprocess.Popen(follow, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        watch = threading.Timer(60, process.kill)
        watch.start()
        seen: list[str] = []

        def wait_for(words: str) -> None:
            assert process.stdout is not None
            for line in process.stdout:
                seen.append(line)
                if words in line:
                    return
            pytest.fail(f"the journal did not say {words!r} but\n{''.join(seen)}")

        try:
            yield wait_for
        finally:
            watch.cancel()
            process.kill()


def test_it_is_ready_as_its_own_user_without_privileges(speaker: Machine) -> None:
    shows = shown(speaker, "ActiveState", "SubState", "User", "MainPID", "UnitFileState")
    assert (shows["ActiveState"], shows["SubState"], shows["User"]) == ("active", "running", "hushd")
    assert shows["UnitFileState"] == "enabled"
    status = speaker.run("cat", f"/proc/{shows['MainPID']}/status")
    hushd, audio = (speaker.run("getent", *entry).split(":")[2] for entry in (("passwd", "hushd"), ("group", "audio")))
    assert re.search(rf"^Uid:(\t{hushd}){{4}}$", status, re.MULTILINE)
    assert re.search(rf"^Groups:.*\b{audio}\b", status, re.MULTILINE)
    assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    assert re.search(r"^Seccomp:\t2$", status, re.MULTILINE)


def test_systemd_accepts_every_line_of_the_unit(speaker: Machine) -> None:
    assert speaker.run("systemd-analyze", "verify", "hushd.service") == ""


def test_it_connects_with_the_password_from_systemd(speaker: Machine, broker: Mosquitto) -> None:
    assert speaker.run("stat", "--format=%U %a", "/etc/hushd/mqtt.password") == "root 600\n"
    with Consumer(broker, topic="hushd/nursery/status") as consumer:
        consumer.wait_for(lambda heard: [message.text for message in heard][-1:] == ["online"])


def test_a_killed_daemon_is_back(speaker: Machine) -> None:
    before = shown(speaker, "MainPID")["MainPID"]
    with journal(speaker) as says:
        speaker.run("systemctl", "kill", "--kill-whom=main", "--signal=KILL", "hushd")
        says("code=killed, status=9/KILL")
        says("Started hushd.service")
    assert shown(speaker, "MainPID")["MainPID"] != before


def test_a_hanging_daemon_is_replaced(speaker: Machine) -> None:
    before = shown(speaker, "MainPID")["MainPID"]
    with journal(speaker) as says:
        speaker.run("systemctl", "kill", "--kill-whom=main", "--signal=STOP", "hushd")
        says("Watchdog timeout")
        says("Started hushd.service")
    assert shown(speaker, "MainPID")["MainPID"] != before


def test_it_reloads_its_configuration_without_ending(speaker: Machine) -> None:
    before = shown(speaker, "MainPID")
    with journal(speaker) as says:
        speaker.run(
            "systemctl", "reload", "hushd"
        )  # returns when systemd has sent the signal, before the reload begins
        says("connected to broker")
    while shown(speaker, "ActiveState")["ActiveState"] == "reloading":
        pass
    assert shown(speaker, "MainPID", "ActiveState") == {**before, "ActiveState": "active"}


def test_stops_cleanly_within_two_seconds(speaker: Machine) -> None:
    speaker.run("systemctl", "stop", "hushd")
    assert stopping_s(speaker, "hushd") < 2
    assert shown(speaker, "Result", "ExecMainCode", "ExecMainStatus") == {
        "Result": "success",
        "ExecMainCode": "1",  # CLD_EXITED: not by a signal
        "ExecMainStatus": "0",
    }


def test_an_upgrade_keeps_the_configuration_and_listens_again(speaker: Machine) -> None:
    before = speaker.run("cat", "/etc/hushd/hushd.yaml")
    speaker.run(_INSTALL, timeout_s=300)
    assert speaker.run("cat", "/etc/hushd/hushd.yaml") == before
    assert speaker.run("cat", "/etc/hushd/hushd.yaml.example") == speaker.run("hushd", "check", "--example")
    assert shown(speaker, "ActiveState")["ActiveState"] == "active"


def test_the_companion_pushes_as_a_user_without_rights(speaker: Machine) -> None:
    before = speaker.run("cat", "/etc/hushd/hushd.yaml")
    with Sink() as sink:
        speaker.write(
            "/etc/hushd/hushd.yaml", f"{before}phone:\n  serve_page: false\n  push:\n    first: [{sink.url()}]\n"
        )
        speaker.run(_INSTALL, "--phone", timeout_s=600)
        assert speaker.run("systemd-analyze", "verify", "hushd-phone.service") == ""
        told = speaker.run("hushd", "check", "--end-to-end", "--config", "/etc/hushd/hushd.yaml")
        assert [line.split()[1] for line in told.splitlines()][:4] == ["ok"] * 4, told
        assert [pushed.title for pushed in sink.pushes()] == ["Test of hushd (nursery)"]
        speaker.run("systemctl", "stop", "hushd-phone")
        assert stopping_s(speaker, "hushd-phone") < 2
    user, result = speaker.run("systemctl", "show", "hushd-phone", "--property=DynamicUser,Result").splitlines()
    assert {user, result} == {"DynamicUser=yes", "Result=success"}
    speaker.write("/etc/hushd/hushd.yaml", before)


def test_uninstall_keeps_only_the_configuration(speaker: Machine) -> None:
    before = speaker.run("cat", "/etc/hushd/hushd.yaml")
    speaker.run(_INSTALL, "--uninstall")
    assert speaker.run("cat", "/etc/hushd/hushd.yaml") == before
    assert not (speaker.root / "opt/hushd").exists()
    assert shown(speaker, "LoadState")["LoadState"] == "not-found"
    assert not (speaker.root / "etc/systemd/system/hushd-phone.service").exists()
    # a second call is a no-op
    speaker.run(_INSTALL, "--uninstall")


def test_a_first_install_starts_with_the_example(speaker: Machine) -> None:
    (speaker.root / "etc/hushd/hushd.yaml").unlink()
    speaker.run(_INSTALL, "--no-start", timeout_s=300)
    assert speaker.run("runuser", "-u", "hushd", "--", "cat", "/etc/hushd/hushd.yaml") == speaker.run(
        "hushd", "check", "--example"
    )
    assert shown(speaker, "ActiveState", "UnitFileState") == {"ActiveState": "inactive", "UnitFileState": "enabled"}
