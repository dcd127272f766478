"""What may explain a wrong answer to an act: what the nights know of it, and what its infant's clips tell."""

from collections.abc import Mapping

from training.catalog import Clip
from training.clip_traits import clip_traits
from training.errors.test_set import NO_NIGHT
from training.nights import slices
from training.nights.acts import Act

Trait = tuple[str, str]
"""Its name and its value, such as age, 2-6 months."""


def traits(act: Act, clips: Mapping[str, Clip]) -> list[Trait]:
    """Each once; ``clips`` by file name."""
    heard = [clips[file] for file in act.clips if clips[file].group == act.infant]
    of_infant = {
        (trait, value) for clip in heard for trait, value in clip_traits(clip).items() if trait in ("age", "recorder")
    }
    where = ("set", "episodes" if act.night == NO_NIGHT else "nights")
    known = [each for each in slices.traits(act) if each != ("night", str(NO_NIGHT))]
    return [*known, *sorted(of_infant), where]
