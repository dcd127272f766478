"""What may explain a wrong answer to an act: what the nights know of it, and what its infant's clips tell."""

from collections.abc import Mapping

from training.data.attributes import clip_attributes
from training.data.manifest import Clip
from training.evaluation.error_analysis.episode_set import NO_NIGHT
from training.evaluation.nights import slices
from training.synthesis.night_plan import NightEvent

SliceKey = tuple[str, str]
"""Its name and its value, such as age, 2-6 months."""

SET = "set"
"""Episodes or nights: the one trait that nothing can be done about."""


def slice_keys(act: NightEvent, clips: Mapping[str, Clip]) -> list[SliceKey]:
    """Each once; ``clips`` by file name. Which night it was is left out: its bed and its microphone say that."""
    heard = [clips[file] for file in act.clips if clips[file].group == act.infant]
    of_infant = {
        (trait, value)
        for clip in heard
        for trait, value in clip_attributes(clip).items()
        if trait in ("age", "recorder")
    }
    where = (SET, "episodes" if act.night == NO_NIGHT else "nights")
    known = [each for each in slices.event_attributes(act) if each[0] != "night"]
    return [*known, *sorted(of_infant), where]


def files_with(trait: SliceKey, act: NightEvent, clips: Mapping[str, Clip]) -> list[str]:
    """Those of an act's clips that have the trait; all of them where it is the act's own."""
    name, value = trait
    if name == "bed":
        return [value]
    if name in ("infant", "age", "recorder"):
        return [file for file in act.clips if clips[file].group == act.infant]
    return [file for file in act.clips if name != "source" or clips[file].source == value]


def subject(act: NightEvent, clips: Mapping[str, Clip]) -> str:
    """Whom it is about, an infant or else the group of its first clip: acts of one are alike. Empty without a clip."""
    return act.infant or next((clips[file].group for file in act.clips), "")
