"""What a clip's manifest row tells of it that a model may do well or badly by."""

import re

from training.data.manifest import Clip

_DONATEACRY = re.compile(r"(?P<recorder>android|ios)/[mf]-(?P<age>\d\d)-.*")
"""How donateacry labels: platform, sex, age, and the reason a parent guessed."""


def clip_attributes(clip: Clip) -> dict[str, str]:
    """Source; of infants whose source says so, age and the phone that recorded them."""
    match = _DONATEACRY.fullmatch(clip.source_label) if clip.kind == "infant" else None
    if not match or match["age"] not in AGES:
        return {"source": clip.source}
    return {"source": clip.source, "age": AGES[match["age"]], "recorder": match["recorder"]}


AGES = {"04": "0-4 weeks", "48": "4-8 weeks", "26": "2-6 months", "72": "7 months-2 years", "22": "over 2 years"}
