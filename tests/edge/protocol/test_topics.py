"""Topics: one root for one device, in a form that brokers accept."""

import pytest

from edge.protocol.topics import Topics


def test_topics_of_a_device() -> None:
    topics = Topics.of("hushd/{device}", "nursery")
    assert [topics.status, topics.listening, topics.state, topics.health, topics.event, topics.commands] == [
        "hushd/nursery/status",
        "hushd/nursery/listening",
        "hushd/nursery/state",
        "hushd/nursery/health",
        "hushd/nursery/event",
        "hushd/nursery/set/+",
    ]


def test_a_prefix_without_the_device() -> None:
    assert Topics.of("home/baby", "nursery").event == "home/baby/event"


@pytest.mark.parametrize(
    "prefix", ["", "/hushd", "hushd/", "a//b", "a/+", "#", "hushd/{room}", "a\0b", "a\tb", "a\ud800"]
)
def test_a_prefix_that_brokers_reject(prefix: str) -> None:
    with pytest.raises(ValueError, match="words joined by single slashes"):
        Topics.of(prefix, "nursery")


@pytest.mark.parametrize("device", ["", "a+b", "#"])
def test_a_device_name_that_brokers_reject(device: str) -> None:
    with pytest.raises(ValueError, match="words joined by single slashes"):
        Topics.of("hushd/{device}", device)


def test_a_prefix_longer_than_any_topic() -> None:
    with pytest.raises(ValueError, match="at most 1000 characters, has 1001"):
        Topics.of("a" * 1001, "nursery")


def test_a_device_name_is_one_level() -> None:
    with pytest.raises(ValueError, match="must not contain a slash"):
        Topics.of("hushd/{device}", "first/floor")
