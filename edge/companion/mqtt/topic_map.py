"""Topics of all speakers that share a prefix: filters to subscribe to, and the speaker of a topic."""

import re
from dataclasses import dataclass, field

from edge.protocol.topics import DEVICE_NAME, Topics

_DEVICE = "{device}"


@dataclass(frozen=True, slots=True)
class TopicMap:
    """Map between speakers and their topics; the prefix ``hushd/{device}`` covers every ``hushd/NAME``."""

    prefix: str
    """Topic prefix, as in the broker's settings."""
    only: str
    """Name of the single speaker of a prefix without {device}."""
    _root: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        before, found, after = self.prefix.partition(_DEVICE)
        pattern = re.escape(before) + (f"(?P<device>{DEVICE_NAME})" + re.escape(after) if found else "")
        object.__setattr__(self, "_root", re.compile(pattern))

    def filter(self, leaf: str) -> str:
        """Return the topic filter for this last level; its wildcard replaces the whole level that contains the name."""
        levels = ["+" if _DEVICE in level else level for level in self.prefix.split("/")]
        return "/".join([*levels, leaf])

    def topics_of(self, device: str) -> Topics:
        """Return the topics of one speaker."""
        return Topics.of(self.prefix, device)

    def device_of(self, topic: str) -> tuple[str, str] | None:
        """Return the device and the last level of its topic, or None for a topic of another program."""
        root, _, leaf = topic.rpartition("/")
        match = self._root.fullmatch(root)
        return match and (match.groupdict().get("device", self.only), leaf)
