"""Import of clips: validate all rows, then write audio and rows in one transaction."""

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
from training.labels.import_row import ImportRow, raise_problems
from training.labels.records import Label, LabelError, StoredClip, check_labeller, guideline_of
from training.labels.store import Added, LabelStore

_log = logging.getLogger(__name__)

NO_LABEL = "-"
OTHERS = "*"


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """Values for what the rows do not say, and the translation of labels."""

    guideline: int | None = None
    """Guideline version of rows that do not name one; None for the latest."""
    labeller: str | None = None
    """Labeler of rows that do not name one; None for ``source:NAME``."""
    source: str | None = None
    """Name of the source in place of the importer's; None to keep that."""
    round: int = 1
    words: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The source's word -> label; ``*`` means all other words, ``-`` means no label."""
    leave_out_damaged: bool = False
    """Skip files that cannot be decoded completely, with a warning, instead of raising LabelError."""
    jobs: int = 1


def import_all(store: LabelStore, rows: Sequence[ImportRow], settings: ImportSettings) -> Added:
    """Add the rows' clips and labels; on LabelError, which names the wrong rows, the store is unchanged."""
    prints = _inspect_files([each.path for each in rows if each.path], settings.jobs)
    clips: dict[str, tuple[StoredClip, Path]] = {}
    labels: list[tuple[str, Label]] = []
    problems: list[str] = []
    now = datetime.now(UTC)
    for each in rows:
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
    raise_problems(problems)
    with store.writing():
        added = Added(store.insert((clip for clip, _ in clips.values()), ()).clips, *_insert(store, labels))
        for clip, path in clips.values():  # after every row was accepted, before the commit
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


def _inspect_files(paths: Sequence[Path], jobs: int) -> dict[Path, Fingerprint | AudioError]:
    distinct = sorted(set(paths))
    shown = tqdm(distinct, desc="reading audio", unit="clip", disable=None)
    return dict(zip(distinct, Parallel(n_jobs=jobs)(delayed(_try_inspect)(path) for path in shown), strict=True))


def _try_inspect(path: Path) -> Fingerprint | AudioError:
    try:
        return inspect(path)
    except AudioError as error:
        return error


def _clip(row: ImportRow, fingerprint: Fingerprint | AudioError, settings: ImportSettings) -> StoredClip:
    if isinstance(fingerprint, AudioError):
        raise fingerprint
    source = settings.source or row.source
    return StoredClip(
        clip=fingerprint.digest,
        suffix=row.path.suffix.lower() if row.path else "",
        size=fingerprint.size,
        duration_s=fingerprint.duration_s,
        source=source,
        group=row.group or f"{source}:{fingerprint.digest[:16]}",
        attributes=row.attributes,
    )


def _label(row: ImportRow, clip: str, settings: ImportSettings, now: datetime) -> Label | None:
    guideline = guideline_of(settings.guideline if row.guideline is None else row.guideline)
    labeller = row.labeller or settings.labeller or f"source:{settings.source or row.source}"
    check_labeller(labeller)
    label = _translate(row.word, guideline.names, settings.words)
    if label is None and not row.skipped:
        return None
    round_ = row.round if row.round is not None else settings.round
    at = row.at or now
    return Label(clip, labeller, label, guideline.version, guideline.digest, at, row.seconds, round_, row.note)


def _translate(word: str | None, names: Sequence[str], words: Mapping[str, str]) -> str | None:
    """Return the label for a source's word, or None for no label; LabelError if there is no translation."""
    if word is None:
        return None
    label = words.get(word) or (word if word in names else words.get(OTHERS, word))
    if label not in (*names, NO_LABEL):
        mapped = "" if label == word else f" (the translation of {word!r})"
        raise LabelError(
            f"{label!r}{mapped} is not a label of this guideline ({', '.join(names)}):"
            f" use --map {word!r}=LABEL, or --map {word!r}={NO_LABEL} to import the clip without a label"
        )
    return None if label == NO_LABEL else label
