"""Priorities at the services that parents use, and errors of invalid URLs."""

import sys

import apprise
import pytest

from edge.companion.push.services import AppriseService, Urgency, set_priority
from edge.errors import ConfigurationError
from tests.support.http_sink import Sink

KEY = "a" * 30


def plugin(url: str, urgency: Urgency) -> apprise.NotifyBase:
    made = apprise.Apprise.instantiate(set_priority(url, urgency))
    assert isinstance(made, apprise.NotifyBase)
    return made


@pytest.mark.parametrize(
    ("url", "attribute", "values"),
    [
        ("ntfy://topic", "priority", ["max", "high", "low"]),
        ("ntfys://user:word@ntfy.example/topic?click=https://x.example", "priority", ["max", "high", "low"]),
        ("ntfys://ntfy.example/topic?priority=high&click=x", "priority", ["high", "high", "low"]),
        (f"pover://{KEY}@{KEY}", "priority", [1, 1, -1]),
        (f"pover://{KEY}@{KEY}?priority=emergency&retry=30&expire=300", "priority", [2, 1, -1]),
        ("gotifys://gotify.example/AbCdEfGhIjKlMnO", "priority", [10, 8, 3]),
        ("tgram://123456789:AAH_abcdefghijklmnopqrstuvwxyz012345/12345/", "silent", [False, False, True]),
        ("barks://bark.example/key", "level", ["critical", "timeSensitive", "passive"]),
        (f"prowl://{'a' * 40}", "priority", [2, 1, -1]),
    ],
)
def test_an_alert_rings_and_information_does_not(url: str, attribute: str, values: list[object]) -> None:
    assert [getattr(plugin(url, urgency), attribute) for urgency in Urgency] == values


def test_a_service_without_priorities_is_left_alone() -> None:
    assert {set_priority("json://host/x?a=b", urgency) for urgency in Urgency} == {"json://host/x?a=b"}


@pytest.mark.parametrize("url", ["", "nonsense", "nope://secret", "pover://"])
def test_an_invalid_url_is_named_without_its_secrets(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        AppriseService(url, "first 1")
    assert "phone.push first 1: Apprise does not know" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_reason_of_a_rejected_push_is_returned(sink: Sink) -> None:
    service = AppriseService(sink.url(), "first 1")
    assert service.send("title", "body", Urgency.RING) is None
    sink.status = 503
    problem = service.send("title", "body", Urgency.RING)
    assert problem is not None
    assert "503" in problem
    assert [pushed.message for pushed in sink.pushes()] == ["body"]


def test_without_apprise_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'hushd\[phone\]'"):
        AppriseService("json://localhost", "first 1")
