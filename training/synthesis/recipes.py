"""Recipes: digests of the code and of the guideline's numbers that composed sound and its truth depend on."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

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


def recipe_digest(modules: Iterable[ModuleType], guideline: Guideline) -> bytes:
    """Return the SHA-256 of the modules' code and of the guideline's names and numbers; its wording does not count."""
    numbers = (guideline.names, guideline.clip_seconds, sorted(guideline.thresholds.items()))
    digest = hashlib.sha256(repr(numbers).encode())
    for module in modules:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.digest()
