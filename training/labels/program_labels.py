"""``python -m training readings``: what programs read off pictures of clips, as a consensus that training can follow.

A picture shows how long a voice sounds and in which rhythm, hardly whose it is. So a label on which the readers agree
is left undecided, and its clip unused, where the recording's own evidence speaks against it (``doubt``).
"""

import argparse
import math
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import label_schema
from label_schema import Guideline
from training.data import checksums
from training.data.manifest import Clip
from training.data.tagger_scores import CLEAN_SPEECH, TaggerScores, load_tagger_scores
from training.data.workspace import read_workspace
from training.labels import consensus
from training.labels.consensus import Consensus, Method, reach_consensus
from training.labels.csv_reader import read_table
from training.labels.import_row import ImportRow
from training.labels.rating_matrix import first_answers
from training.labels.records import PROGRAM, Label, LabelError
from training.labels.records import Clip as Stored
from training.labels.reliability import alpha, bootstrap, coincidences, percent
from training.labels.weak_labels import BELIEVED, CERTAIN, HALF_BELIEVED
from training.storage.paths import REPOSITORY, find_data

READINGS = REPOSITORY / "readings"
DOUBTED = ", doubted"
"""Ends the ``by`` of a consensus that the readers agreed on and the recording speaks against."""
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
_HEARD_AT_LEAST = {"crying": BELIEVED, "soothed-crying": BELIEVED, "fussing": HALF_BELIEVED}


@dataclass(frozen=True, slots=True)
class ProgramLabel:
    """One reader's answer on one clip; seconds are of the five that hold the most."""

    where: str
    """The line of the table."""
    label: Label
    cry_s: float
    """In full bursts."""
    row_s: float
    """In shorter strong bursts that stand in a row."""
    adult_s: float
    """Of an adult's voice that is near."""


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """For ``python -m training``."""
    verb.add_argument("table", type=Path, nargs="?", help="the readers' answers (default: readings/infants.csv)")
    verb.add_argument("--out", type=Path, help="the consensus to write (default: readings/consensus.csv)")


def main(arguments: argparse.Namespace) -> None:
    """Write it, and print how far the readers agree and what became of the clips."""
    if (arguments.table is None) != (arguments.out is None):
        raise LabelError("name both the table of answers and --out, or neither of them")
    table, out = arguments.table or READINGS / "infants.csv", arguments.out or READINGS / "consensus.csv"
    workspace, guideline = read_workspace(find_data(arguments.data), arguments.work), label_schema.load()
    readings = by_clip(read_table(table), guideline)
    catalog = workspace.by_file
    clips = {digest: catalog[file] for file, digest in checksums.compute(workspace).items()}
    for digest, rows in readings.items():
        if digest not in clips:
            raise LabelError(f"{rows[0].where}: clip {digest[:12]} is not in the data folder {workspace.data}")
    read = {digest: clips[digest] for digest in readings}
    teachers = load_tagger_scores(workspace.data, read.values())
    settled, doubts = decide(readings, read, teachers, guideline)
    stored = {
        digest: Stored(digest, Path(clip.file).suffix, 0, clip.duration_s, clip.source, clip.group)
        for digest, clip in read.items()
    }
    consensus.write(out, settled, stored, guideline.version)
    print("\n".join(_told(readings, settled, doubts, guideline)))


def by_clip(rows: Iterable[ImportRow], guideline: Guideline) -> dict[str, list[ProgramLabel]]:
    """SHA-256 -> its readers' answers; LabelError names the first row that cannot be one."""
    found: dict[str, list[ProgramLabel]] = defaultdict(list)
    for row in rows:
        try:
            reading = _reading(row, guideline, {each.label.labeller for each in found[row.clip or ""]})
        except LabelError as error:
            raise LabelError(f"{row.where}: {error}") from error
        found[reading.label.clip].append(reading)
    return dict(found)


def _reading(row: ImportRow, guideline: Guideline, before: Container[str | None]) -> ProgramLabel:
    if row.clip is None:
        raise LabelError("names its clip by a file: a column `clip` must hold the SHA-256")
    if not (row.labeller or "").startswith(PROGRAM):
        raise LabelError(f"the labeller is {row.labeller or 'not named'}, not a {PROGRAM} one")
    if row.labeller in before:
        raise LabelError(f"{row.labeller} answers twice")
    if row.guideline not in (None, guideline.version):
        raise LabelError(f"was given under guideline version {row.guideline}, the latest is {guideline.version}")
    label = Label(row.clip, str(row.labeller), row.word, guideline.version, guideline.digest, row.at or _UNDATED)
    return ProgramLabel(row.where, label, *(_seconds(row, name) for name in ("cry_s", "row_s", "adult_s")))


def _seconds(row: ImportRow, name: str) -> float:
    cell = row.attributes.get(name, "")
    try:
        seconds = float(cell)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise LabelError(f"{name} is {cell!r}, no number of seconds")
    return seconds


def decide(
    readings: Mapping[str, Sequence[ProgramLabel]],
    clips: Mapping[str, Clip],
    teachers: TaggerScores,
    guideline: Guideline,
) -> tuple[list[Consensus], dict[str, str]]:
    """The readers' majority, undecided where there is a doubt; and the doubts."""
    labels = [each.label for rows in readings.values() for each in rows]
    agreed = reach_consensus(labels, guideline.version, Method.MAJORITY, 0.5)
    doubts = {
        each.clip: why
        for each in agreed
        if each.label and (why := doubt(each.label, readings[each.clip], clips[each.clip], teachers, guideline))
    }
    return [replace(each, label=None, by=each.by + DOUBTED) if each.clip in doubts else each for each in agreed], doubts


def doubt(
    label: str, readings: Sequence[ProgramLabel], clip: Clip, teachers: TaggerScores, guideline: Guideline
) -> str:
    """What speaks against the readers' label; empty if nothing does."""
    heard = float(teachers.clips[clip.file].cry.max(initial=0.0))
    line_s = guideline.thresholds["crying_min_cry_s"]
    if label == "none":
        return "a tagger surely hears distress" if heard >= CERTAIN else ""
    if heard < _HEARD_AT_LEAST[label]:
        return "no tagger hears so much distress: it may be a toy, a child or an adult"
    if label == "fussing" and any(each.cry_s + each.row_s >= line_s for each in readings):
        return "a row of short bursts: fussing by the letter, crying by the draft of the next version"
    spoken = teachers.peak(clip.file, "Speech") > CLEAN_SPEECH
    if label == "crying" and spoken and any(each.adult_s > 0 for each in readings):
        return "somebody speaks, who may be soothing"
    return ""


def _told(
    readings: Mapping[str, Sequence[ProgramLabel]],
    settled: Sequence[Consensus],
    doubts: Mapping[str, str],
    guideline: Guideline,
) -> Iterable[str]:
    labels = [each.label for rows in readings.values() for each in rows]
    tables = coincidences(first_answers(labels, guideline.names).values, len(guideline.names))
    for what, statistic in (("percent", percent), ("alpha", alpha)):
        found = bootstrap(tables, statistic)
        yield f"{what:8} {found.value:.2f} ({found.low:.2f} to {found.high:.2f}) on {len(readings)} clips"
    for word in guideline.names:
        yield f"{sum(each.label == word for each in settled):5} {word}"
    undecided = [each for each in settled if each.label is None]
    yield f"{len(undecided):5} undecided, of which"
    why = Counter(doubts.get(each.clip, "the readers differ") for each in undecided)
    for reason, clips in why.most_common():
        yield f"{clips:9} {reason}"
