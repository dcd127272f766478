"""Slice attributes of a clip, from its manifest row."""

import re

from training.data.manifest import Clip

_DONATEACRY = re.compile(r"(?P<recorder>android|ios)/[mf]-(?P<age>\d\d)-.*")
"""The parts of a donateacry label: platform, sex, age, and the reason that a parent guessed."""
AGES = {"04": "0-4 weeks", "48": "4-8 weeks", "26": "2-6 months", "72": "7 months-2 years", "22": "over 2 years"}
"""Code of donateacry -> age."""


def clip_attributes(clip: Clip) -> dict[str, str]:
    """Return the source and, for infants of donateacry, the age and the recording phone."""
    match = _DONATEACRY.fullmatch(clip.source_label) if clip.kind == "infant" else None
    if not match or match["age"] not in AGES:
        return {"source": clip.source}
    return {"source": clip.source, "age": AGES[match["age"]], "recorder": match["recorder"]}
