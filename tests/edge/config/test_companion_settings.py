"""The companion's section of the configuration: lists, mistakes with their line, and hidden secrets."""

from pathlib import Path

import pytest

from edge.config.configuration import Configuration, load
from edge.errors import ConfigurationError

URL = "ntfys://ntfy.example/topic-that-is-a-secret"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hushd.yaml"
    path.write_text(text)
    return path


def test_lists_are_read_in_both_of_yamls_ways(tmp_path: Path) -> None:
    push = load(
        written(tmp_path, f"phone:\n  push:\n    first:\n      - {URL}\n    second: [{URL}/a, {URL}/b]\n")
    ).phone.push
    assert (push.first, push.second) == ((URL,), (f"{URL}/a", f"{URL}/b"))


def test_a_shown_configuration_keeps_its_secrets(tmp_path: Path) -> None:
    assert "secret" not in repr(load(written(tmp_path, f"phone: {{push: {{first: [{URL}]}}}}")))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "phone:\n  push:\n    first: ntfy://x",
            "3: phone.push.first must be a list: [one, another], or a line `- one`",
        ),
        ("phone:\n  push:\n    first:\n    - [a]", "4: phone.push.first[0] must be a single value"),
        ("phone:\n  push:\n    first:\n    - ", "4: phone.push.first[0] has no value"),
        ("phone:\n  devices: [nursery, a b]", "2: phone.devices must be names"),
        ("phone:\n  push:\n    retry_max_s: 1", "3: phone.push.retry_m"),
        ("phone:\n  calling:\n    pause_s: 0", "3: phone.calling.pause_s must be more than 0"),
        ("phone:\n  watch:\n    clear_after_s: 0", "3: phone.watch.alarm_after_s and clear_after_s must be"),
        ("phone:\n  journal:\n    keep_days: 0", "3: phone.journal.keep_days must be"),
        ("phone:\n  psuh:\n    first: []", "2: unknown key `phone.psuh`; did you mean `push`?"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load(written(tmp_path, text))
    assert line in str(refused.value)


def test_nothing_said_changes_nothing(tmp_path: Path) -> None:
    assert load(written(tmp_path, "device: x\nphone:\n  push:\n")).phone == Configuration().phone
