"""``python -m training readings``: what programs read off pictures of clips, as a consensus that training can follow.

A picture shows how long a voice sounds and in which rhythm, hardly whose it is. So a label on which the readers agree
is left undecided, and its clip unused, where the recording's own evidence speaks against it (``doubt``).
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import label_schema
from label_schema import Guideline
from training import inventory
from training.catalog import REPOSITORY, Clip, find_data, read_catalog
from training.distress import BELIEVED, CERTAIN, HALF_BELIEVED
from training.labels import consensus
from training.labels.answers import first_answers
from training.labels.consensus import Consensus, Method, settle
from training.labels.csv_rows import read_table
from training.labels.found import Found
from training.labels.records import Clip as Stored
from training.labels.records import Label, LabelError
from training.labels.reliability import alpha, bootstrap, coincidences, percent
from training.layers import CLEAN_SPEECH
from training.teachers import Teachers, load_teachers

READINGS = REPOSITORY / "readings"
_NO_DATE = datetime(1970, 1, 1, tzinfo=UTC)
_HEARD_AT_LEAST = {"crying": BELIEVED, "soothed-crying": BELIEVED, "fussing": HALF_BELIEVED}


def add_arguments(verb: argparse.ArgumentParser) -> None:
    """For ``python -m training``."""
    verb.add_argument("table", type=Path, nargs="?", default=READINGS / "infants.csv", help="the readers' answers")
    verb.add_argument("--out", type=Path, default=READINGS / "consensus.csv", help="the consensus to write")


def main(arguments: argparse.Namespace) -> None:
    """Write it, and print how far the readers agree and what became of the clips."""
    data = find_data(arguments.data)
    catalog = read_catalog(data)
    guideline = label_schema.load()
    contents = {digest: file for file, digest in inventory.take(data, catalog, arguments.work).items()}
    clips = {clip.file: clip for clip in catalog}
    answers = by_clip(read_table(arguments.table))
    for digest, found in answers.items():
        if digest not in contents:
            raise LabelError(f"{found[0].where}: clip {digest[:12]} is not in the data folder {data}")
    read = {digest: clips[contents[digest]] for digest in answers}
    settled = decide(answers, read, load_teachers(data, read.values()), guideline)
    stored = {
        digest: Stored(digest, Path(clip.file).suffix, 0, clip.duration_s, clip.source, clip.group)
        for digest, clip in read.items()
    }
    consensus.write(arguments.out, settled, stored, guideline.version)
    tables = coincidences(first_answers(labels(answers, guideline), guideline.names).values, len(guideline.names))
    for what, statistic in (("percent", percent), ("alpha", alpha)):
        figure = bootstrap(tables, statistic)
        print(f"{what:8} {figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f}) on {len(answers)} clips")
    for word in (*guideline.names, None):
        print(f"{sum(each.label == word for each in settled):5} {word or 'undecided'}")


def by_clip(rows: Sequence[Found]) -> dict[str, list[Found]]:
    """SHA-256 -> its readers' answers."""
    found: dict[str, list[Found]] = defaultdict(list)
    for row in rows:
        found[row.clip or ""].append(row)
    return dict(found)


def labels(answers: Mapping[str, Sequence[Found]], guideline: Guideline) -> list[Label]:
    """The answers as rows of a label store; LabelError names one that cannot be."""
    for row in (row for rows in answers.values() for row in rows):
        if not row.labeller:
            raise LabelError(f"{row.where}: names no labeller")
    return [
        Label(digest, str(row.labeller), row.word, guideline.version, guideline.digest, row.at or _NO_DATE)
        for digest, rows in answers.items()
        for row in rows
    ]


def decide(
    answers: Mapping[str, Sequence[Found]], clips: Mapping[str, Clip], teachers: Teachers, guideline: Guideline
) -> list[Consensus]:
    """The readers' majority, undecided where it is doubtful."""
    return [
        replace(each, label=None)
        if each.label and doubt(each.label, answers[each.clip], clips[each.clip], teachers, guideline)
        else each
        for each in settle(labels(answers, guideline), guideline.version, Method.MAJORITY, 0.5)
    ]


def doubt(label: str, answers: Sequence[Found], clip: Clip, teachers: Teachers, guideline: Guideline) -> str:
    """What speaks against the readers' label; empty if nothing does.

    ``answers`` carry what they measured in the five seconds that hold the most: ``cry_s`` in full bursts, ``row_s`` in
    shorter ones that stand in a row, ``adult_s`` of an adult's voice.
    """
    heard = float(teachers.clips[clip.file].cry.max(initial=0.0))
    if label == "none":
        return "a tagger surely hears distress" if heard >= CERTAIN else ""
    if heard < _HEARD_AT_LEAST[label]:
        return "no tagger hears so much distress: it may be a toy, a child or an adult"
    line_s = guideline.thresholds["crying_min_cry_s"]
    if label == "fussing" and any(_seconds(each, "cry_s") + _seconds(each, "row_s") >= line_s for each in answers):
        return "a row of short bursts: fussing by the letter, crying by the draft of the next version"
    spoken = teachers.peak(clip.file, "Speech") > CLEAN_SPEECH
    if label == "crying" and spoken and any(_seconds(each, "adult_s") > 0 for each in answers):
        return "there may be an adult who soothes"
    return ""


def _seconds(answer: Found, name: str) -> float:
    cell = answer.attributes.get(name, "0")
    try:
        return float(cell)
    except ValueError as error:
        raise LabelError(f"{answer.where}: {name} is {cell!r}, no number of seconds") from error
