"""Remedies for a weak slice that need no model code: relabel its clips, collect more, or augment the scenes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from training.data.attributes import clip_attributes
from training.data.manifest import KINDS, Clip
from training.evaluation.error_analysis.slices import MISSES, Slice
from training.synthesis.distributions import EVALUATION_MANNERS

SHARE = 0.15
"""Share of the training scenes to begin with. Measure the effect before a larger one."""
TIMES = 3
"""Recordings to add for each one there is. Half the interval needs four times as many, by the square root law."""

_COLLECT = {
    "infant": "{more} more infants: figures of this one alone would only tell of this one",
    "age": "crying and fussing of {more} more infants aged {value}",
    "recorder": "crying and fussing of {more} more infants, with the device's own microphone: this is {value}'s color",
    "confuser": "{more} more sounds of the kind {value}, each from another animal, person or thing",
    "manner": "{more} more adults soothing a crying infant by {value}, from where they would stand",
    "adult over cry, dB": "{more} more soothed cries with the adult {value} dB over the cry",
    "bed": "{more} more rooms with the device in it and nobody there, one hour each",
    "room's own sound below, dB": "{more} more cries in rooms whose own sound lies {value} dB below",
    "level, dBFS": "{more} more cries that reach the device at {value} dBFS",
    "direct over reverberant, dB": "{more} more cries from where the direct sound is {value} dB over the room's",
    "microphone": "{more} more cries through a microphone with: {value}",
    "source": "{more} more recordings such as {value} has, each of another infant, person or thing",
}


@dataclass(frozen=True, slots=True)
class Remedy:
    """Relabel, collect or augment: a sentence and a command."""

    kind: str
    what: str
    command: str
    """Empty where scenes cannot be composed with this attribute."""


def remedies(weak: Slice, model: str, clips: Mapping[str, Clip]) -> list[Remedy]:
    """Return the three remedies; ``clips`` by file name."""
    chosen = f"'{weak.trait}={weak.value}'"
    shared = weak.trait in ("age", "recorder", "confuser", "source")  # attributes of the clip itself
    count = f"{len(weak.clips)} clips" if len(weak.clips) > 1 else "clip"
    relabel = Remedy(
        "relabel",
        f"hear its {count} again" + (", and those of the other splits like them" if shared else ""),
        f"python -m training error-analysis {model} --relabel {chosen}",
    )
    more = TIMES * weak.groups
    sentence = _COLLECT.get(weak.trait, "{more} more recordings like these").format(more=more, value=weak.value)
    collect = Remedy(
        "collect",
        f"to halve the interval: {sentence}; it rests on {weak.groups}. CLIPS.csv has a row a clip: file, and group, by"
        " whom or what it is. Before the second command, people may label them (`label-studio push`)",
        "python -m training import csv CLIPS.csv --source NAME"
        f" && python -m training add-data NAME {_kind(weak, clips)} --licence LICENCE",
    )
    emphasis = _emphasis(weak, clips)
    augment = Remedy(
        "augment",
        f"mix it into {SHARE:.0%} of the training scenes" if emphasis else "scenes have it at random already: collect",
        f"python -m training train NEXT --emphasize '{emphasis}:{SHARE}'" if emphasis else "",
    )
    return [relabel, collect, augment]


def _kind(weak: Slice, clips: Mapping[str, Clip]) -> str:
    """Return the options of ``collect`` for such recordings."""
    kind = "infant"
    match weak.trait:
        case "confuser" if weak.value == "cat":
            return "--kind animal --called cat"
        case "confuser" if weak.value in KINDS:
            kind = weak.value
        case "manner":
            kind = "adult_speech" if weak.value in ("speech", "shushing") else "singing"
        case "bed":
            kind = clips[weak.value].kind
        case "source":
            kinds = Counter(clips[file].kind for file in weak.clips if clips[file].source == weak.value)
            kind = max(kinds, key=lambda each: kinds[each], default=kind)
    return f"--kind {kind}"


def _emphasis(weak: Slice, clips: Mapping[str, Clip]) -> str:
    """Return the value for ``--emphasize``; empty where scenes cannot be composed with this attribute."""
    match weak.trait:
        case "confuser" | "age" | "recorder":
            return f"{weak.trait}={weak.value}"
        case "manner" if weak.value in EVALUATION_MANNERS:
            return f"manner={weak.value}"
        case "bed":  # the clip itself belongs to the test split
            return f"bed={clips[weak.value].source}"
        case "source":
            return f"{'infants' if weak.family == MISSES and _has_infants(weak, clips) else 'source'}={weak.value}"
        case "infant":
            ages = {clip_attributes(clip).get("age") for clip in clips.values() if clip.group == weak.value} - {None}
            return f"age={ages.pop()}" if len(ages) == 1 else ""
    return ""


def _has_infants(weak: Slice, clips: Mapping[str, Clip]) -> bool:
    return any(clips[file].kind == "infant" and clips[file].source == weak.value for file in weak.clips)
