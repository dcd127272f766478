"""The configuration file: defaults, targets of settings, mistakes with their line, and the example."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from edge.config.configuration import Configuration, load
from edge.config.example import render_example
from edge.config.typed_yaml import parse
from edge.detection.decision_settings import Sensitivity
from edge.errors import ConfigurationError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hushd.yaml"
    path.write_text(text)
    return path


def test_without_a_file_everything_has_its_default() -> None:
    assert load(None) == Configuration()
    assert re.fullmatch(r"[\w.-]+", load(None).device)


def test_a_file_reaches_every_stage(tmp_path: Path) -> None:
    configuration = load(
        written(
            tmp_path,
            "device: nursery\nsensitivity: high\nhop_s: 0.5\nmicrophone: {name: USB}\ndecision: {cry_s: 4}\n"
            "broker: {url: none, heartbeat_s: 2}\noutbox: {max_age_s: 60}\n",
        )
    )
    assert (configuration.device, configuration.sensitivity) == ("nursery", Sensitivity.HIGH)
    assert configuration.hop_samples == 8_000
    assert (configuration.microphone.name, configuration.decision.cry_s) == ("USB", 4.0)
    assert (configuration.broker.url, configuration.outbox.max_age_s) == ("none", 60.0)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("device: a/b", "1: device must be letters, digits, - _ or . (it names MQTT topics), is 'a/b'"),
        (f"device: {'a' * 65}", "1: device must have at most 64 characters, has 65"),
        ("hop_s: 0.3", "1: hop_s must be a multiple of 0.25 up to 5 seconds, is 0.3"),
        ("hop_s: 6", "1: hop_s must be a multiple of 0.25 up to 5 seconds, is 6"),
        ("sensitivity: medium", "1: sensitivity must be one of low, normal, high, is `medium`"),
        ("device: x\nbroker:\n  ulr: none", "3: unknown key `broker.ulr`; did you mean `url`?"),
        (
            "decision:\n  cry_s: 5\n  within_s: 7",
            "3: decision.within_s has been removed: remove it, and `decision.cry_s` with it",
        ),
        ("broker:\n  url: http://x", "2: broker.url must be "),
        ("microphone:\n  block_seconds: 7", "2: microphone.block_seconds must be "),
        ("decision:\n\n  cry_s: 0", "3: decision.cry_s must be more than 0"),
        ("decision:\n  cry_s: 3500", "2: decision.cry_s must be at most 600 seconds"),
        ('outbox: {path: "\\0"}', "1: outbox.path contains the control character '\\x00': remove it"),
        (
            'broker: {url: "mqtt://b", username: "\\ud800"}',
            "1: broker.username contains the control character '\\ud800'",
        ),
        ("outbox:\n  max_events: 0", "2: outbox.max_events must be at least 1"),
    ],
)
def test_a_mistake_names_file_line_and_key(tmp_path: Path, text: str, line: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}:{line}")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read configuration .*gone\.yaml: No such file or directory"):
        load(tmp_path / "gone.yaml")
    (tmp_path / "latin1.yaml").write_bytes(b"a: 1\ndevice: caf\xe9\n")
    with pytest.raises(ConfigurationError, match=r"latin1\.yaml:2: not UTF-8"):
        load(tmp_path / "latin1.yaml")


def test_the_example_changes_nothing() -> None:
    assert parse(render_example(), Configuration, "example") == Configuration()


def test_the_example_shows_the_true_defaults() -> None:
    uncommented = re.sub(r"^( *)#(?=\w)", r"\1", render_example(), flags=re.MULTILINE)
    assert parse(uncommented, Configuration, "example") == Configuration()


def test_the_example_has_every_setting() -> None:
    def settings(of: Any) -> int:
        return sum(settings(value) if is_dataclass(value := getattr(of, field.name)) else 1 for field in fields(of))

    assert len(re.findall(r"^ *#\w+:", render_example(), flags=re.MULTILINE)) == settings(Configuration())
