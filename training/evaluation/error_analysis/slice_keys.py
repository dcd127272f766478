"""Slice keys of a night event: attributes of it and of its infant's clips that may explain a wrong answer."""

from collections.abc import Mapping

from training.data.attributes import clip_attributes
from training.data.manifest import Clip
from training.evaluation.error_analysis.episode_set import NO_NIGHT
from training.evaluation.nights import slices
from training.synthesis.night_plan import NightEvent

SliceKey = tuple[str, str]
"""Name and value of an attribute, such as age and 2-6 months."""

SET = "set"
"""Episodes or nights. It has no remedy."""


def slice_keys(night_event: NightEvent, clips: Mapping[str, Clip]) -> list[SliceKey]:
    """Return each key once; ``clips`` is by file name.

    The night is left out, as its background and microphone identify it.
    """
    of_the_infant = [clips[file] for file in night_event.clips if clips[file].group == night_event.infant]
    of_infant = {
        (trait, value)
        for clip in of_the_infant
        for trait, value in clip_attributes(clip).items()
        if trait in ("age", "recorder")
    }
    where = (SET, "episodes" if night_event.night == NO_NIGHT else "nights")
    known = [each for each in slices.event_attributes(night_event) if each[0] != "night"]
    return [*known, *sorted(of_infant), where]


def files_with(trait: SliceKey, night_event: NightEvent, clips: Mapping[str, Clip]) -> list[str]:
    """Return the night event's clips that have the attribute; all of them where it is the night event's own."""
    name, value = trait
    if name == "bed":
        return [value]
    if name in ("infant", "age", "recorder"):
        return [file for file in night_event.clips if clips[file].group == night_event.infant]
    return [file for file in night_event.clips if name != "source" or clips[file].source == value]


def subject(night_event: NightEvent, clips: Mapping[str, Clip]) -> str:
    """Return the night event's infant, or the group of its first clip; empty without a clip.

    Night events of one subject are not independent.
    """
    return night_event.infant or next((clips[file].group for file in night_event.clips), "")
