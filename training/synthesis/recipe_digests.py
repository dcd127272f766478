"""Recipes: the code and the guideline's numbers on which composed sound and its truth depend, for digests."""

from label_schema import Guideline
from training.labels import weak_labels
from training.synthesis import (
    adults,
    clip_library,
    clip_pools,
    distributions,
    episodes,
    excerpts,
    infants,
    labeled_clips,
    microphone,
    mixture,
    night_events,
    night_plan,
    night_setting,
    nights,
    oversampling,
    room_acoustics,
    rooms,
    scenes,
    soothing_sounds,
    sources,
    targets,
    tonal_distractors,
)

_SOURCES = (
    *(weak_labels, clip_library, clip_pools, labeled_clips, targets, excerpts, mixture, distributions),
    *(rooms, room_acoustics, microphone, infants, adults, sources, soothing_sounds, tonal_distractors),
)
"""The code of every sound source and of its truth."""
SCENES = (*_SOURCES, scenes)
OVERSAMPLED_SCENES = (*SCENES, oversampling)
EPISODES = (*_SOURCES, episodes)
NIGHTS = (*_SOURCES, nights, night_plan, night_setting, night_events)


def guideline_numbers(guideline: Guideline) -> tuple[object, ...]:
    """Return the names and numbers on which truth depends; the guideline's wording does not count."""
    return guideline.names, guideline.clip_seconds, sorted(guideline.thresholds.items())
