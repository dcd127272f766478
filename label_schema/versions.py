"""The published versions, and the migration of labels between them."""

import re
from functools import cache
from pathlib import Path

from label_schema.errors import GuidelineError
from label_schema.guideline import Guideline
from label_schema.loader import read

FOLDER = Path(__file__).parent


def read_file(path: Path) -> Guideline:
    """Return the guideline in one file; GuidelineError if it is invalid or not named after its version: ``v2.yaml``."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise GuidelineError(f"{path}: cannot be read: {error.strerror}") from error
    guideline = read(raw, str(path))
    if path.name != f"v{guideline.version}.yaml":
        raise GuidelineError(f"{path}: has version {guideline.version}; rename it to v{guideline.version}.yaml")
    return guideline


def versions() -> tuple[int, ...]:
    """Return the published versions, oldest first."""
    found = (re.fullmatch(r"v([1-9]\d*)\.yaml", path.name) for path in FOLDER.iterdir())
    return tuple(sorted(int(match[1]) for match in found if match))


@cache
def load(version: int | None = None) -> Guideline:
    """Return the guideline of this version (default: the latest); GuidelineError if there is no such version."""
    published = versions()
    if not published:
        raise GuidelineError(f"{FOLDER}: no guideline file; reinstall hushd")
    if version is None:
        return load(published[-1])
    if version not in published:
        raise GuidelineError(
            f"there is no guideline version {version}; the versions are {', '.join(map(str, published))}"
        )
    return read_file(FOLDER / f"v{version}.yaml")


def carry_over(label: str, from_version: int, to_version: int) -> str | None:
    """Return the label of a later version for one of an earlier version, or None if the clip needs a new label.

    Raises GuidelineError for an unknown label or version, or if the first version is the later one.
    """
    load(from_version).label(label)
    if to_version < from_version:
        raise GuidelineError(f"cannot migrate a label of version {from_version} back to version {to_version}")
    carried: str | None = label
    for version in range(from_version + 1, to_version + 1):
        if carried is None:
            break
        rules = {rule.label: rule.becomes for rule in load(version).migration}
        if carried not in rules:
            raise GuidelineError(f"v{version}.yaml: migration: has no rule for {carried!r} of version {version - 1}")
        carried = rules[carried]
    return carried
