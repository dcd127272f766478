"""Labels that programs gave to pictures of clips, and their consensus for training.

A picture shows the length and the rhythm of a voice, but hardly its owner. So a label that the programs agree on stays
undecided, and its clip unused, if the recording itself contradicts it (``find_doubt``).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from label_schema import Guideline
from training.data import checksums
from training.data.manifest import Clip
from training.data.tagger_scores import CLEAN_SPEECH, TaggerScores, load_tagger_scores
from training.data.workspace import Workspace
from training.labels import consensus
from training.labels.consensus import Consensus, Method, reach_consensus
from training.labels.csv_reader import read_table
from training.labels.import_row import ImportRow
from training.labels.rating_matrix import first_answers
from training.labels.records import PROGRAM, Label, LabelError, StoredClip
from training.labels.reliability import alpha, bootstrap, coincidences, percent
from training.labels.weak_labels import BELIEVED, CERTAIN, HALF_BELIEVED
from training.storage.paths import REPOSITORY

READINGS = REPOSITORY / "readings"
"""Folder of the programs' labels and their consensus."""
DOUBTED = ", doubted"
"""Suffix of a consensus' ``by`` if the programs agree and the recording contradicts them."""
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_MIN_TAGGER_SCORE = {"crying": BELIEVED, "soothed-crying": BELIEVED, "fussing": HALF_BELIEVED}
"""Label -> the tagger's lowest peak score of distress that supports it."""


@dataclass(frozen=True, slots=True)
class ProgramLabel:
    """One program's label of one clip, with the seconds it measured in the clip's 5 seconds with the most crying."""

    where: str
    """The table's file and line, for error messages."""
    label: Label
    cry_s: float
    """Total length of full bursts, seconds."""
    row_s: float
    """Total length of shorter strong bursts that follow each other, seconds."""
    adult_s: float
    """Total length of a near adult's voice, seconds."""


@dataclass(frozen=True, slots=True)
class ProgramConsensus:
    """The consensus of all programs, and the clips where the recording contradicts it."""

    labels: Mapping[str, Sequence[ProgramLabel]]
    """SHA-256 of a clip -> its labels."""
    clips: Mapping[str, Clip]
    """SHA-256 of a clip -> its manifest row."""
    settled: Sequence[Consensus]
    doubts: Mapping[str, str]
    """SHA-256 of a clip -> the reason for the doubt."""
    guideline: Guideline

    def write(self, path: Path) -> None:
        """Write the consensus table."""
        stored = {
            digest: StoredClip(digest, Path(clip.file).suffix, 0, clip.duration_s, clip.source, clip.group)
            for digest, clip in self.clips.items()
        }
        consensus.write(path, self.settled, stored, self.guideline.version)


def label_clips(table: Path, workspace: Workspace, guideline: Guideline) -> ProgramConsensus:
    """Read a table of program labels and derive its consensus; LabelError names the first wrong row."""
    labels = by_clip(read_table(table), guideline)
    manifest = workspace.by_file
    known = {digest: manifest[file] for file, digest in checksums.compute(workspace).items()}
    for digest, rows in labels.items():
        if digest not in known:
            raise LabelError(f"{rows[0].where}: clip {digest[:12]} is not in the data folder {workspace.data}")
    clips = {digest: known[digest] for digest in labels}
    settled, doubts = decide(labels, clips, load_tagger_scores(workspace.data, clips.values()), guideline)
    return ProgramConsensus(labels, clips, settled, doubts, guideline)


def by_clip(rows: Iterable[ImportRow], guideline: Guideline) -> dict[str, list[ProgramLabel]]:
    """Return the labels by SHA-256 of their clip; LabelError names the first wrong row."""
    labels: dict[str, list[ProgramLabel]] = defaultdict(list)
    for row in rows:
        try:
            label = _parse(row, guideline, {each.label.labeller for each in labels[row.clip or ""]})
        except LabelError as error:
            raise LabelError(f"{row.where}: {error}") from error
        labels[label.label.clip].append(label)
    return dict(labels)


def _parse(row: ImportRow, guideline: Guideline, earlier_labellers: Container[str | None]) -> ProgramLabel:
    if row.clip is None:
        raise LabelError("the row names its clip by a file: a column `clip` must contain the SHA-256")
    if not (row.labeller or "").startswith(PROGRAM):
        raise LabelError(f"the labeler is {row.labeller or 'not named'}, but must begin with {PROGRAM}")
    if row.labeller in earlier_labellers:
        raise LabelError(f"{row.labeller} labels this clip twice: keep one of the rows")
    if row.guideline not in (None, guideline.version):
        raise LabelError(f"the guideline version is {row.guideline}, but must be the latest, {guideline.version}")
    label = Label(row.clip, str(row.labeller), row.word, guideline.version, guideline.digest, row.at or _UNDATED)
    return ProgramLabel(row.where, label, *(_seconds(row, name) for name in ("cry_s", "row_s", "adult_s")))


def _seconds(row: ImportRow, name: str) -> float:
    cell = row.attributes.get(name, "")
    try:
        seconds = float(cell)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise LabelError(f"{name} is {cell!r}, but must be a number of seconds from 0")
    return seconds


def decide(
    labels: Mapping[str, Sequence[ProgramLabel]],
    clips: Mapping[str, Clip],
    scores: TaggerScores,
    guideline: Guideline,
) -> tuple[list[Consensus], dict[str, str]]:
    """Return the majority of the programs, undecided where there is a doubt, and the doubts by clip."""
    rows = [each.label for rows in labels.values() for each in rows]
    agreed = reach_consensus(rows, guideline.version, Method.MAJORITY, 0.5)
    doubts = {
        each.clip: reason
        for each in agreed
        if each.label and (reason := find_doubt(each.label, labels[each.clip], clips[each.clip], scores, guideline))
    }
    return [replace(each, label=None, by=each.by + DOUBTED) if each.clip in doubts else each for each in agreed], doubts


def find_doubt(
    label: str, labels: Sequence[ProgramLabel], clip: Clip, scores: TaggerScores, guideline: Guideline
) -> str:
    """Return the evidence against the programs' label, or an empty text."""
    distress = float(scores.clips[clip.file].cry.max(initial=0.0))
    line_s = guideline.thresholds["crying_min_cry_s"]
    if label == "none":
        return "a tagger detects distress with certainty" if distress >= CERTAIN else ""
    if distress < _MIN_TAGGER_SCORE[label]:
        return "no tagger detects enough distress: it may be a toy, a child or an adult"
    if label == "fussing" and any(each.cry_s + each.row_s >= line_s for each in labels):
        return "a row of short bursts: fussing by this guideline, crying by the draft of the next version"
    speech = scores.peak(clip.file, "Speech") > CLEAN_SPEECH
    if label == "crying" and speech and any(each.adult_s > 0 for each in labels):
        return "an adult speaks and may be soothing the infant"
    return ""


def describe(result: ProgramConsensus) -> Iterator[str]:
    """Yield lines: the programs' agreement, the clips of each label and the reasons of the undecided ones."""
    names = result.guideline.names
    rows = [each.label for labels in result.labels.values() for each in labels]
    tables = coincidences(first_answers(rows, names).values, len(names))
    for name, statistic in (("percent", percent), ("alpha", alpha)):
        figure = bootstrap(tables, statistic)
        yield f"{name:8} {figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f}) on {len(result.labels)} clips"
    for label in names:
        yield f"{sum(each.label == label for each in result.settled):5} {label}"
    undecided = [each for each in result.settled if each.label is None]
    yield f"{len(undecided):5} undecided:"
    reasons = Counter(result.doubts.get(each.clip, "the programs differ") for each in undecided)
    for reason, clips in reasons.most_common():
        yield f"{clips:9} {reason}"
