"""Slice keys of an act: the attributes that may explain a wrong answer, of the act and of its infant's clips."""

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


def slice_keys(act: NightEvent, clips: Mapping[str, Clip]) -> list[SliceKey]:
    """Return each key once; ``clips`` by file name. The night is left out, as its bed and microphone identify it."""
    of_the_infant = [clips[file] for file in act.clips if clips[file].group == act.infant]
    of_infant = {
        (trait, value)
        for clip in of_the_infant
        for trait, value in clip_attributes(clip).items()
        if trait in ("age", "recorder")
    }
    where = (SET, "episodes" if act.night == NO_NIGHT else "nights")
    known = [each for each in slices.event_attributes(act) if each[0] != "night"]
    return [*known, *sorted(of_infant), where]


def files_with(trait: SliceKey, act: NightEvent, clips: Mapping[str, Clip]) -> list[str]:
    """Return the act's clips that have the attribute; all of them where it is the act's own."""
    name, value = trait
    if name == "bed":
        return [value]
    if name in ("infant", "age", "recorder"):
        return [file for file in act.clips if clips[file].group == act.infant]
    return [file for file in act.clips if name != "source" or clips[file].source == value]


def subject(act: NightEvent, clips: Mapping[str, Clip]) -> str:
    """Return the act's infant, or the group of its first clip; empty without a clip. Acts of one subject are alike."""
    return act.infant or next((clips[file].group for file in act.clips), "")
