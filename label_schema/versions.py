"""The published versions, and what becomes of a label when the guideline changes."""

import re
from functools import cache
from pathlib import Path

from label_schema.errors import GuidelineError
from label_schema.guideline import Guideline
from label_schema.loader import read

FOLDER = Path(__file__).parent


def read_file(path: Path) -> Guideline:
    """The guideline in one file, which must be called after its version: ``v2.yaml``."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise GuidelineError(f"{path}: cannot be read: {error.strerror}") from error
    guideline = read(raw, str(path))
    if path.name != f"v{guideline.version}.yaml":
        raise GuidelineError(f"{path}: holds version {guideline.version}; call it v{guideline.version}.yaml")
    return guideline


def versions() -> tuple[int, ...]:
    """The published versions, oldest first."""
    found = (re.fullmatch(r"v([1-9]\d*)\.yaml", path.name) for path in FOLDER.iterdir())
    return tuple(sorted(int(match[1]) for match in found if match))


@cache
def load(version: int | None = None) -> Guideline:
    """The guideline of this version; the latest by default."""
    published = versions()
    if not published:
        raise GuidelineError(f"{FOLDER}: no guideline here; reinstall hushd")
    if version is None:
        return load(published[-1])
    if version not in published:
        raise GuidelineError(f"there is no guideline version {version}; there are {', '.join(map(str, published))}")
    return read_file(FOLDER / f"v{version}.yaml")


def carry_over(label: str, from_version: int, to_version: int) -> str | None:
    """What a label given under one version is worth under a later one; None: the clip must be listened to again."""
    load(from_version).label(label)
    if to_version < from_version:
        raise GuidelineError(f"a label of version {from_version} cannot go back to version {to_version}")
    carried: str | None = label
    for version in range(from_version + 1, to_version + 1):
        if carried is None:
            break
        rules = {rule.label: rule.becomes for rule in load(version).migration}
        if carried not in rules:
            raise GuidelineError(f"v{version}.yaml: migration: says nothing of {carried!r} of version {version - 1}")
        carried = rules[carried]
    return carried
