"""The lines of a lock file: a package's exact version, its marker and its hashes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.utils import canonicalize_name

LOCKS = Path(__file__).parents[2] / "locks"
BY_HASH = ("device", "phone", "demo")
ALL = (*BY_HASH, "workshop")

# A name, a version without a local part, a marker and hashes. No option, no address of an index.
_LINE = re.compile(r"([a-z0-9-]+)==([0-9a-z.]+)(?: ; ([^#;]+?))?((?: --hash=sha256:[0-9a-f]{64})*)")


@dataclass(frozen=True, slots=True)
class Pin:
    """One line of a lock."""

    name: str
    """Of the package, normalized."""
    version: str
    marker: Marker | None
    """The machines that the line is for; all if None."""
    hashes: tuple[str, ...]
    """Of the package's files, empty in a lock by version."""

    def applies(self, machine: Mapping[str, str]) -> bool:
        """Return whether a machine with these values of the markers installs it."""
        return self.marker is None or self.marker.evaluate(dict(machine))


def read(lock: str) -> list[Pin]:
    """Return the lines of ``locks/LOCK.txt``; raises ValueError for a line that is not a pin."""
    return list(parse((LOCKS / f"{lock}.txt").read_text()))


def parse(text: str) -> Iterator[Pin]:
    """Return the pins in the text of a lock, which begins with a comment; raises ValueError for any other line."""
    for line in re.sub(r" \\\n +", " ", text).splitlines()[1:]:
        parts = _LINE.fullmatch(line)
        if parts is None:
            raise ValueError(f"{line!r} is not a pin; write NAME==VERSION")
        name, version, marker, hashes = parts.groups()
        yield Pin(canonicalize_name(name), version, Marker(marker) if marker else None, tuple(hashes.split()))
