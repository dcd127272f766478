"""Which topics all the speakers of a house have, and whose a topic is."""

import re
from dataclasses import dataclass, field

from edge.protocol.topics import Topics

_DEVICE = "{device}"


@dataclass(frozen=True, slots=True)
class TopicMap:
    """The speakers whose topics begin alike: ``hushd/{device}`` is every ``hushd/NAME``."""

    prefix: str
    """As in the broker's settings."""
    only: str
    """Who it is where the prefix names no {device}."""
    _root: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        before, found, after = self.prefix.partition(_DEVICE)
        pattern = re.escape(before) + (r"(?P<device>[\w.-]+)" + re.escape(after) if found else "")
        object.__setattr__(self, "_root", re.compile(pattern))

    def filter(self, leaf: str) -> str:
        """What to subscribe to: a wildcard takes the whole level that holds the name."""
        levels = ["+" if _DEVICE in level else level for level in self.prefix.split("/")]
        return "/".join([*levels, leaf])

    def topics_of(self, device: str) -> Topics:
        """Where one of them is spoken to."""
        return Topics.of(self.prefix, device)

    def device_of(self, topic: str) -> tuple[str, str] | None:
        """The device and the last level of its topic; None where the wildcard caught somebody else."""
        root, _, leaf = topic.rpartition("/")
        match = self._root.fullmatch(root)
        return match and (match.groupdict().get("device", self.only), leaf)
