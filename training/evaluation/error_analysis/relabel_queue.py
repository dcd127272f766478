"""A queue of a slice's clips for labelers: the clips go into the label store, and into a table that ``tasks`` reads."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from edge.errors import HushdError
from training.data.attributes import clip_attributes
from training.data.manifest import SPLITS, Clip
from training.data.workspace import Workspace
from training.evaluation.error_analysis.slice_keys import SliceKey, files_with, slice_keys
from training.evaluation.nights.metrics import EventAnswer
from training.labels import migration
from training.labels.import_row import ImportRow
from training.labels.records import PIECE_OF, guideline_of
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore
from training.labels.weak_labels import LABELLER
from training.synthesis.feature_shards import open_library


class SliceError(HushdError):
    """The slice is not named as it must be, or does not exist."""

    exit_code = 64


def parse_trait(text: str) -> SliceKey:
    """Parse ``TRAIT=VALUE``; SliceError where it has no value."""
    trait, equals, value = text.partition("=")
    if not equals or not value:
        raise SliceError(f"a slice is TRAIT=VALUE, such as 'age=2-6 months', not {text!r}")
    return trait, value


def slice_clips(wanted: SliceKey, answers: Sequence[EventAnswer], workspace: Workspace) -> list[Clip]:
    """Return the clips of the slice's night events, then the clips of the other splits that share the attribute."""
    by_file = workspace.by_file
    night_events = [answer.night_event for answer in answers if wanted in slice_keys(answer.night_event, by_file)]
    if not night_events:
        keys = {key for each in answers for key in slice_keys(each.night_event, by_file)}
        known = sorted(value for trait, value in keys if trait == wanted[0])
        raise SliceError(f"no night event has {'='.join(wanted)}: {wanted[0]} is {', '.join(known) or 'no trait'}")
    of_night_events = (
        by_file[file] for night_event in night_events for file in files_with(wanted, night_event, by_file)
    )
    return list(dict.fromkeys([*of_night_events, *_similar(wanted, workspace)]))


def _similar(wanted: SliceKey, workspace: Workspace) -> Iterable[Clip]:
    trait, value = wanted
    if trait != "confuser":
        return [clip for clip in workspace.clips if clip.kind != "rir" and clip_attributes(clip).get(trait) == value]
    libraries = (open_library(workspace, split) for split in SPLITS)
    return [clip for library in libraries for clip in library.by_kind.get(value, ())]


def write_queue(wanted: SliceKey, clips: Sequence[Clip], workspace: Workspace, store: LabelStore, path: Path) -> int:
    """Import clips that the store lacks, write ``relabel``'s table, and return its number of clips.

    A clip that cannot be decoded to its end is left out, as it is from a labeler's task.
    """
    files = {clip: workspace.audio_path(clip) for clip in clips}
    settings = ImportSettings(leave_out_damaged=True, jobs=workspace.jobs)
    import_all(store, [_import_row(path, clip) for clip, path in files.items()], settings)
    stored, guideline = store.clips(), guideline_of(None).version
    labels: dict[str, set[str]] = defaultdict(set)
    for label in store.labels(guideline):
        labels[stored[label.clip].attributes.get(PIECE_OF, label.clip)].add(label.label or "skipped")
    digests = {sha256(file.read_bytes()).hexdigest(): clip for clip, file in files.items()}
    queue = [
        migration.QueuedClip(
            digest, "; ".join(sorted(labels[digest])) or _weak_label(clip), f"errors where {'='.join(wanted)}"
        )
        for digest, clip in digests.items()
        if digest in stored
    ]
    audio_s = sum(stored[each.clip].duration_s for each in queue)
    migration.write_queue(path, migration.MigrationPlan(guideline, guideline, (), queue, audio_s, None), stored)
    return len(queue)


def _weak_label(clip: Clip) -> str:
    """Describe the label of a clip without one in the store."""
    return f"by {LABELLER}" if clip.kind == "infant" else "none, by its source"


def _import_row(path: Path, clip: Clip) -> ImportRow:
    attributes = {"kind": clip.kind, "split": clip.split, **clip_attributes(clip)}
    attributes.pop("source")
    return ImportRow(str(path), path, clip.source, group=clip.group, attributes=MappingProxyType(attributes))
