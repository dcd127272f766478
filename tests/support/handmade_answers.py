"""Acts with their answers and their clips, made by hand: what a model got wrong is said outright."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge.records import EventKind
from tests.support.handmade_acts import CAT, CRY_AT_S, CRYING, SOOTHED, event
from training.data.manifest import Clip
from training.evaluation.nights.metrics import EventAnswer
from training.synthesis.night_plan import NightEvent

RING = event(EventKind.CRY_STARTED, CRY_AT_S + 8)


def infant(number: int, label: str = "ios/f-26-hu") -> Clip:
    """An infant's only clip."""
    return Clip(f"donateacry/{number}.ogg", "donateacry", f"app:{number}", "infant", label, "ODbL", 7.0, "test")


def cry(number: int, found: bool, act: NightEvent = CRYING, **changes: Any) -> EventAnswer:
    """An infant cries (soothed, if the act is), and the phone rings or not."""
    mine = replace(act, infant=f"app:{number}", clips=(f"donateacry/{number}.ogg",), **changes)
    return EventAnswer(mine, [RING] if found else [])


def cat(rang: bool, file: str = "catmeows/1.ogg") -> EventAnswer:
    """A cat meows."""
    return EventAnswer(replace(CAT, clips=(file,)), [RING] if rang else [])


def catalog(infants: Sequence[Clip]) -> dict[str, Clip]:
    """By file, with two cats and the bed of every act."""
    others = [
        Clip(file, Path(file).parent.name, file, kind, "", "CC0", 5.0, "test")
        for file, kind in (
            ("catmeows/1.ogg", "animal"),
            ("catmeows/2.ogg", "animal"),
            ("moodist/fan.ogg", "ambience"),
        )
    ]
    return {clip.file: clip for clip in (*infants, *others)}


__all__ = ["CRYING", "RING", "SOOTHED", "cat", "catalog", "cry", "infant"]
