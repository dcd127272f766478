"""Duplicates: one sound in two clips, and leaks from one split into another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from joblib import Parallel, delayed
from tqdm import tqdm

from edge.records import SAMPLE_RATE, FloatArray
from training.audit.cross_correlation import SAME_SOUND, correlation
from training.audit.descriptors import Descriptor
from training.audit.findings import Finding, FindingKind
from training.audit.fingerprints import Candidate, candidates
from training.audit.inputs import Recording
from training.data.audio_files import decode_partial

_BATCH = 64


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two clips that contain the same sound."""

    first: int
    second: int
    correlation: float
    """``SAME_SOUND`` to 1; 1 for copies of a file."""
    lag_s: float
    """Delay of the sound in the second clip, seconds."""


def find_duplicates(
    recordings: Sequence[Recording], descriptors: Sequence[Descriptor], jobs: int
) -> list[DuplicatePair]:
    """Return every pair, the highest correlation first."""
    possible = candidates([each.marks for each in descriptors])
    batches = [possible[start : start + _BATCH] for start in range(0, len(possible), _BATCH)]
    shown = tqdm(batches, desc="comparing pairs", unit="batch", disable=None)
    paths = [recording.path for recording in recordings]
    work = (delayed(_compare)([(paths[each.first], paths[each.second], each) for each in batch]) for batch in shown)
    found = [pair for batch in Parallel(n_jobs=jobs)(work) for pair in batch]
    copies = [DuplicatePair(first, second, 1.0, 0.0) for first, second in _find_copies(descriptors)]
    best = {(pair.first, pair.second): pair for pair in (*found, *copies)}
    return sorted(best.values(), key=lambda pair: (-pair.correlation, pair.first, pair.second))


def as_findings(pairs: Sequence[DuplicatePair], recordings: Sequence[Recording]) -> Iterator[Finding]:
    """Yield leaks and duplicates, and groups that are in two splits."""
    for each in pairs:
        one, other = recordings[each.first], recordings[each.second]
        leaks = one.split and other.split and one.split != other.split
        labels_differ = one.label and other.label and one.label != other.label
        apart = one.group != other.group
        why = f"the same sound (correlation {each.correlation:.2f}"
        why += f", {abs(each.lag_s):.1f} s {'later' if each.lag_s > 0 else 'earlier'})" if each.lag_s else ")"
        if leaks:
            why += f" in the splits {one.split} and {other.split}: put both into one group and repeat the split"
        elif apart:
            why += " in two groups, which a split may separate: put both into one group"
        if labels_differ:
            why += f"; labeled {one.label} here and {other.label} there"
        score = each.correlation + 2 * bool(labels_differ) + apart
        yield Finding(FindingKind.LEAK if leaks else FindingKind.DUPLICATE, score, each.first, why, other=each.second)
    yield from _split_groups(recordings)


def merge_groups(recordings: Sequence[Recording], pairs: Sequence[DuplicatePair]) -> list[str]:
    """Return the group of each recording; groups that share a sound become one."""
    parent: dict[str, str] = {}

    def root(group: str) -> str:
        while (above := parent.get(group, group)) != group:
            group = above
        return group

    for each in pairs:
        one, other = root(recordings[each.first].group), root(recordings[each.second].group)
        parent[max(one, other)] = min(one, other)
    return [root(recording.group) for recording in recordings]


def _split_groups(recordings: Sequence[Recording]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    reported: set[tuple[str, str]] = set()
    for index, recording in enumerate(recordings):
        if not recording.split:
            continue
        before = recordings[first.setdefault(recording.group, index)]
        if before.split != recording.split and (recording.group, recording.split) not in reported:
            reported.add((recording.group, recording.split))
            why = f"group {recording.group} is in the splits {before.split} and {recording.split}: split by group"
            yield Finding(FindingKind.LEAK, 4.0, first[recording.group], why, other=index)


def _find_copies(descriptors: Sequence[Descriptor]) -> Iterator[tuple[int, int]]:
    """Yield pairs of files with the same content, also of silent ones."""
    first: dict[str, int] = {}
    for index, each in enumerate(descriptors):
        if each.digest and first.setdefault(each.digest, index) != index:
            yield first[each.digest], index


def _compare(pairs: Sequence[tuple[Path, Path, Candidate]]) -> list[DuplicatePair]:
    found = []
    for one, other, pair in pairs:
        value = correlation(_decode(one), _decode(other), pair.lag_samples)
        if value >= SAME_SOUND:
            found.append(DuplicatePair(pair.first, pair.second, value, pair.lag_samples / SAMPLE_RATE))
    return found


@lru_cache(maxsize=256)
def _decode(path: Path) -> FloatArray:
    return decode_partial(path)[0]
