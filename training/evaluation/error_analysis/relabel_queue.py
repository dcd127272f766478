"""The clips of a slice, put before labellers again: into the label store, and into a queue that ``tasks`` reads."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from edge.errors import HushdError
from training.data.attributes import clip_attributes
from training.data.manifest import SPLITS, Clip
from training.data.workspace import Workplace
from training.evaluation.error_analysis.slice_keys import SliceKey, files_with, slice_keys
from training.evaluation.nights.questions import EventAnswer
from training.labels import migration
from training.labels.import_row import ImportRow
from training.labels.records import PIECE_OF, guideline_of
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore
from training.labels.weak_labels import LABELLER
from training.synthesis.feature_shards import open_library


class SliceError(HushdError):
    """There is no such slice."""

    exit_code = 64


def parse_trait(text: str) -> SliceKey:
    """``TRAIT=VALUE``."""
    trait, equals, value = text.partition("=")
    if not equals or not value:
        raise SliceError(f"a slice is TRAIT=VALUE, such as 'age=2-6 months', not {text!r}")
    return trait, value


def slice_clips(wanted: SliceKey, told: Sequence[EventAnswer], place: Workplace) -> list[Clip]:
    """Those heard in the slice's acts, then those of the other splits that share the trait."""
    by_file = {clip.file: clip for clip in place.clips}
    acts = [answer.act for answer in told if wanted in slice_keys(answer.act, by_file)]
    if not acts:
        known = sorted({value for each in told for trait, value in slice_keys(each.act, by_file) if trait == wanted[0]})
        raise SliceError(f"no act has {'='.join(wanted)}: {wanted[0]} is {', '.join(known) or 'no trait'}")
    heard = (by_file[file] for act in acts for file in files_with(wanted, act, by_file))
    return list(dict.fromkeys([*heard, *_alike(wanted, place)]))


def _alike(wanted: SliceKey, place: Workplace) -> Iterable[Clip]:
    trait, value = wanted
    if trait != "confuser":
        return [clip for clip in place.clips if clip.kind != "rir" and clip_attributes(clip).get(trait) == value]
    libraries = (open_library(place.data, place.clips, split, place.work) for split in SPLITS)
    return [clip for library in libraries for clip in library.by_kind.get(value, ())]


def write_queue(wanted: SliceKey, clips: Sequence[Clip], place: Workplace, store: LabelStore, path: Path) -> int:
    """Import what the store does not have, and write ``relabel``'s table; how many clips are in it.

    A clip that cannot be decoded to its end is left out, as it is from a labeller's task.
    """
    files = {clip: place.data / "clips" / clip.file for clip in clips}
    settings = ImportSettings(leave_out_damaged=True, jobs=place.jobs)
    import_all(store, [_found(path, clip) for clip, path in files.items()], settings)
    stored, guideline = store.clips(), guideline_of(None).version
    said: dict[str, set[str]] = defaultdict(set)
    for label in store.labels(guideline):
        said[stored[label.clip].attributes.get(PIECE_OF, label.clip)].add(label.label or "skipped")
    digests = {sha256(file.read_bytes()).hexdigest(): clip for clip, file in files.items()}
    queue = [
        migration.QueuedClip(digest, "; ".join(sorted(said[digest])) or _weak(clip), f"errors where {'='.join(wanted)}")
        for digest, clip in digests.items()
        if digest in stored
    ]
    audio_s = sum(stored[each.clip].duration_s for each in queue)
    migration.write_queue(path, migration.MigrationPlan(guideline, guideline, (), queue, audio_s, None), stored)
    return len(queue)


def _weak(clip: Clip) -> str:
    """What it counts as where no label is in the store."""
    return f"by {LABELLER}" if clip.kind == "infant" else "none, by its source"


def _found(path: Path, clip: Clip) -> ImportRow:
    attributes = {"kind": clip.kind, "split": clip.split, **clip_attributes(clip)}
    attributes.pop("source")
    return ImportRow(str(path), path, clip.source, group=clip.group, attributes=MappingProxyType(attributes))
