"""Finding becomes rows: everything is checked first, then audio and rows are kept together or not at all."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from joblib import Parallel, delayed
from tqdm import tqdm

from edge.errors import AudioError, StorageError
from training.data.audio_files import Fingerprint, inspect, store_audio
from training.labels.import_row import ImportRow, refuse
from training.labels.records import Clip, Label, LabelError, check_labeller, guideline_of
from training.labels.store import Added, LabelStore

_log = logging.getLogger(__name__)

NO_LABEL = "-"
OTHERS = "*"


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """How to read what was found."""

    guideline: int | None = None
    """Version the labels were given under, where the rows do not say; None: the latest."""
    labeller: str | None = None
    """Who gave them, where the rows do not say; None: ``source:NAME``."""
    source: str | None = None
    """Instead of what the importer would call the source."""
    round: int = 1
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The source's word -> label; ``*`` stands for all others, ``-`` for no label."""
    leave_out_damaged: bool = False
    """Go on without files that cannot be decoded to their end, naming them, instead of refusing all."""
    jobs: int = 1


def import_all(store: LabelStore, found: Sequence[ImportRow], settings: ImportSettings) -> Added:
    """Keep clips and labels; LabelError names what is wrong with them, and then nothing was changed."""
    prints = _fingerprints([each.path for each in found if each.path], settings.jobs)
    clips: dict[str, tuple[Clip, Path]] = {}
    labels: list[tuple[str, Label]] = []
    problems: list[str] = []
    now = datetime.now(UTC)
    for each in found:
        try:
            name = each.clip
            if each.path:
                clip = _clip(each, prints[each.path], settings)
                clips.setdefault(clip.clip, (clip, each.path))
                name = clip.clip
            if name:
                label = _label(each, name, settings, now)
                labels += [(each.where, label)] if label else []
        except AudioError as error:
            if settings.leave_out_damaged:
                _log.warning("left out: %s", error)
            else:
                problems.append(f"{each.where}: {error}")
        except LabelError as error:
            problems.append(f"{each.where}: {error}")
    refuse(problems)
    with store.writing():
        added = Added(store.insert((clip for clip, _ in clips.values()), ()).clips, *_insert(store, labels))
        for clip, path in clips.values():  # once no row can be refused any more, and before any is kept
            try:
                store_audio(path, store.path(clip), clip.clip)
            except OSError as error:
                raise StorageError(f"cannot copy {path} to {store.folder}: {error.strerror}") from error
    return added


def _insert(store: LabelStore, labels: Sequence[tuple[str, Label]]) -> tuple[int, int]:
    new = known = 0
    for where, label in labels:
        try:
            added = store.insert((), (label,))
        except LabelError as error:
            raise LabelError(f"nothing was imported: {where}: {error}") from error
        new += added.labels
        known += added.known
    return new, known


def _fingerprints(paths: Sequence[Path], jobs: int) -> dict[Path, Fingerprint | AudioError]:
    distinct = sorted(set(paths))
    shown = tqdm(distinct, desc="reading audio", unit="clip", disable=None)
    return dict(zip(distinct, Parallel(n_jobs=jobs)(delayed(_try_inspect)(path) for path in shown), strict=True))


def _try_inspect(path: Path) -> Fingerprint | AudioError:
    try:
        return inspect(path)
    except AudioError as error:
        return error


def _clip(found: ImportRow, fingerprint: Fingerprint | AudioError, settings: ImportSettings) -> Clip:
    if isinstance(fingerprint, AudioError):
        raise fingerprint
    source = settings.source or found.source
    return Clip(
        clip=fingerprint.digest,
        suffix=found.path.suffix.lower() if found.path else "",
        size=fingerprint.size,
        duration_s=fingerprint.duration_s,
        source=source,
        group=found.group or f"{source}:{fingerprint.digest[:16]}",
        attributes=found.attributes,
    )


def _label(found: ImportRow, clip: str, settings: ImportSettings, now: datetime) -> Label | None:
    guideline = guideline_of(settings.guideline if found.guideline is None else found.guideline)
    labeller = found.labeller or settings.labeller or f"source:{settings.source or found.source}"
    check_labeller(labeller)
    label = _translated(found.word, guideline.names, settings.words)
    if label is None and not found.skipped:
        return None
    round_ = found.round if found.round is not None else settings.round
    at = found.at or now
    return Label(clip, labeller, label, guideline.version, guideline.digest, at, found.seconds, round_, found.note)


def _translated(word: str | None, names: Sequence[str], words: Mapping[str, str]) -> str | None:
    """The label for a source's word, as the guideline spells it if it can be; None: no label."""
    if word is None:
        return None
    said = words.get(word) or (word if word in names else words.get(OTHERS, word))
    if said not in (*names, NO_LABEL):
        raise LabelError(
            f"{said!r} is no label of this guideline ({', '.join(names)}): say --map {said!r}=LABEL,"
            f" or --map {said!r}={NO_LABEL} to take the clip without a label"
        )
    return None if said == NO_LABEL else said
