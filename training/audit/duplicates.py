"""One sound in two clips, and what of it leaks from one split into another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from joblib import Parallel, delayed
from tqdm import tqdm

from edge.records import SAMPLE_RATE, FloatArray
from training.audit.cross_correlation import SAME, correlation
from training.audit.descriptors import Described
from training.audit.findings import Finding, FindingKind
from training.audit.fingerprints import Candidate, candidates
from training.audit.inputs import Recording
from training.data.audio_files import decode_partial

_BATCH = 64


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two clips that hold the same sound."""

    first: int
    second: int
    likeness: float
    """0.6 to 1; 1 for copies."""
    lag_s: float
    """How much later it comes in the second."""


def find_duplicates(recordings: Sequence[Recording], heard: Sequence[Described], jobs: int) -> list[DuplicatePair]:
    """Every pair, the likest first."""
    possible = candidates([each.marks for each in heard])
    batches = [possible[start : start + _BATCH] for start in range(0, len(possible), _BATCH)]
    shown = tqdm(batches, desc="comparing pairs", unit="batch", disable=None)
    paths = [recording.path for recording in recordings]
    work = (delayed(_compare)([(paths[each.first], paths[each.second], each) for each in batch]) for batch in shown)
    found = [twins for batch in Parallel(n_jobs=jobs)(work) for twins in batch]
    copies = [DuplicatePair(first, second, 1.0, 0.0) for first, second in _copies(heard)]
    best = {(twins.first, twins.second): twins for twins in (*found, *copies)}
    return sorted(best.values(), key=lambda twins: (-twins.likeness, twins.first, twins.second))


def as_findings(twins: Sequence[DuplicatePair], recordings: Sequence[Recording]) -> Iterator[Finding]:
    """Leaks and duplicates, and groups that stand in two splits."""
    for each in twins:
        one, other = recordings[each.first], recordings[each.second]
        torn = one.split and other.split and one.split != other.split
        contradicted = one.label and other.label and one.label != other.label
        apart = one.group != other.group
        why = f"the same sound ({each.likeness:.2f} alike"
        why += f", {abs(each.lag_s):.1f} s {'later' if each.lag_s > 0 else 'earlier'})" if each.lag_s else ")"
        if torn:
            why += f" in {one.split} and in {other.split}: put both into one group and split anew"
        elif apart:
            why += " in two groups, which a split may tear apart: put both into one"
        if contradicted:
            why += f"; labeled {one.label} here and {other.label} there"
        score = each.likeness + 2 * bool(contradicted) + apart
        yield Finding(FindingKind.LEAK if torn else FindingKind.DUPLICATE, score, each.first, why, other=each.second)
    yield from _split_groups(recordings)


def merge_groups(recordings: Sequence[Recording], twins: Sequence[DuplicatePair]) -> list[str]:
    """The group of each recording, groups that share a sound made one."""
    leader: dict[str, str] = {}

    def lead(group: str) -> str:
        while (above := leader.get(group, group)) != group:
            group = above
        return group

    for each in twins:
        one, other = lead(recordings[each.first].group), lead(recordings[each.second].group)
        leader[max(one, other)] = min(one, other)
    return [lead(recording.group) for recording in recordings]


def _split_groups(recordings: Sequence[Recording]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    told: set[tuple[str, str]] = set()
    for index, recording in enumerate(recordings):
        if not recording.split:
            continue
        before = recordings[first.setdefault(recording.group, index)]
        if before.split != recording.split and (recording.group, recording.split) not in told:
            told.add((recording.group, recording.split))
            why = f"group {recording.group} stands in {before.split} and in {recording.split}: split by group"
            yield Finding(FindingKind.LEAK, 4.0, first[recording.group], why, other=index)


def _copies(heard: Sequence[Described]) -> Iterator[tuple[int, int]]:
    """Files of the same bytes, also where there is nothing to be heard."""
    first: dict[str, int] = {}
    for index, each in enumerate(heard):
        if each.digest and first.setdefault(each.digest, index) != index:
            yield first[each.digest], index


def _compare(pairs: Sequence[tuple[Path, Path, Candidate]]) -> list[DuplicatePair]:
    found = []
    for one, other, pair in pairs:
        alike = correlation(_decoded(one), _decoded(other), pair.lag_samples)
        if alike >= SAME:
            found.append(DuplicatePair(pair.first, pair.second, alike, pair.lag_samples / SAMPLE_RATE))
    return found


@lru_cache(maxsize=256)
def _decoded(path: Path) -> FloatArray:
    return decode_partial(path)[0]
