"""Program labels: their consensus is used unless the recording contradicts it."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import label_schema
from tests.support.command_line import run
from tests.support.small_store import clip as desk_clip
from training.data.manifest import Clip
from training.data.tagger_scores import CLEAN_SPEECH, CRY_CLASSES, ClipTaggerScores, TaggerScores
from training.labels.consensus_table import read_consensus_table
from training.labels.csv_reader import read_table
from training.labels.import_row import ImportRow
from training.labels.program_labels import DOUBTED, READINGS, by_clip, decide
from training.labels.records import LabelError
from training.labels.weak_labels import BELIEVED, CERTAIN, HALF_BELIEVED
from training.storage.paths import DataError, find_data

GUIDELINE = label_schema.load()
CLIP = Clip("a.ogg", "donateacry", "infant:1", "infant", "hungry", "ODbL", 7.0, "train")
DIGEST = desk_clip(1).clip


@pytest.fixture(scope="module")
def real_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder that keeps the digests of the real clips between tests."""
    try:
        find_data()
    except DataError as error:
        pytest.skip(str(error))
    return tmp_path_factory.mktemp("work")


def answer(reader: str, label: str, **seconds: str) -> ImportRow:
    measured = {"cry_s": "0", "row_s": "0", "adult_s": "0", **seconds}
    return ImportRow("table:2", None, "table", DIGEST, word=label, labeller=f"program:{reader}", attributes=measured)


def tagger_scores(cry: float, speech: float = 0.0) -> TaggerScores:
    """Scores of a tagger that are constant over the clip."""
    yamnet = np.array([[cry, 0, 0, speech]], np.float32)
    centre_s = np.array([2.5], np.float32)
    scores = ClipTaggerScores(yamnet, centre_s, np.array([cry], np.float32), centre_s)
    return TaggerScores((*CRY_CLASSES, "Speech"), {CLIP.file: scores})


def settled(scores: TaggerScores, *answers: ImportRow) -> str | None:
    (found,), doubts = decide(by_clip(answers, GUIDELINE), {DIGEST: CLIP}, scores, GUIDELINE)
    assert found.votes == {each.labeller: each.word for each in answers}
    assert found.by.endswith(DOUBTED) == (found.clip in doubts)
    return found.label


def both(label: str, **seconds: str) -> tuple[ImportRow, ImportRow]:
    return answer("a", label, **seconds), answer("b", label)


def test_a_label_of_two_readers_is_the_consensus() -> None:
    for label in GUIDELINE.names:
        assert settled(tagger_scores(0.3), *both(label)) == label
    assert settled(tagger_scores(0.3), answer("a", "crying"), answer("b", "fussing")) is None


@pytest.mark.parametrize(
    ("label", "seconds", "scores"),
    [
        ("crying", {}, tagger_scores(BELIEVED / 2)),
        ("soothed-crying", {}, tagger_scores(BELIEVED / 2)),
        ("fussing", {}, tagger_scores(HALF_BELIEVED / 2)),
        ("none", {}, tagger_scores(CERTAIN * 1.1)),
        ("fussing", {"cry_s": "0.8", "row_s": "1.3"}, tagger_scores(0.3)),
        ("crying", {"adult_s": "0.3"}, tagger_scores(0.3, speech=CLEAN_SPEECH * 1.1)),
    ],
)
def test_a_label_that_the_recording_contradicts_is_undecided(
    label: str, seconds: Mapping[str, str], scores: TaggerScores
) -> None:
    assert settled(scores, *both(label, **seconds)) is None


@pytest.mark.parametrize(
    ("label", "seconds", "scores"),
    [
        ("fussing", {}, tagger_scores(BELIEVED / 2)),
        ("fussing", {"cry_s": "0.8", "row_s": "1.1"}, tagger_scores(0.3)),
        (
            "crying",
            {},
            tagger_scores(0.3, speech=CLEAN_SPEECH * 1.1),
        ),  # speech, but no reader sees it near
        ("crying", {"adult_s": "0.3"}, tagger_scores(0.3, speech=CLEAN_SPEECH * 0.9)),
        ("soothed-crying", {"adult_s": "1.5"}, tagger_scores(0.3, speech=CLEAN_SPEECH * 1.1)),
    ],
)
def test_a_label_without_contradiction_stays(label: str, seconds: Mapping[str, str], scores: TaggerScores) -> None:
    assert settled(scores, *both(label, **seconds)) == label


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (answer("b", "fussing", cry_s="long"), "cry_s is 'long', but must be a number of seconds"),
        (answer("b", "fussing", row_s="nan"), "row_s is 'nan', but must be a number"),
        (answer("b", "crying", adult_s="-1"), "adult_s is '-1', but must be a number"),
        (replace(answer("b", "crying"), attributes={}), "cry_s is '', but must be a number"),
        (answer("b", "weeping"), "'weeping' is not a label of guideline version"),
        (replace(answer("b", "crying"), labeller=None), "the labeler is not named, but must begin with program:"),
        (replace(answer("b", "crying"), labeller="anna"), "the labeler is anna, but must begin with program:"),
        (replace(answer("b", "crying"), guideline=1), "the guideline version is 1, but must be the latest"),
        (replace(answer("b", "crying"), clip=None), "column `clip` must contain the SHA-256"),
        (answer("a", "crying"), "program:a labels this clip twice"),
    ],
)
def test_a_wrong_answer_is_named(wrong: ImportRow, problem: str) -> None:
    with pytest.raises(LabelError, match=f"^table:2: .*{problem}"):
        by_clip([answer("a", "crying"), wrong], GUIDELINE)


def test_answers_and_consensus_are_named_together(tmp_path: Path) -> None:
    for half in ((READINGS / "test.csv",), ("--out", tmp_path / "out.csv")):
        with pytest.raises(LabelError, match="name both the table of answers and --out, or neither"):
            run("program-labels", *half)


def test_an_unknown_clip_is_named(tiny_data: Path, tmp_path: Path) -> None:
    (tmp_path / "answers.csv").write_text(f"clip,label,labeller,cry_s,row_s,adult_s\n{DIGEST},crying,program:a,2,0,0\n")
    places = ("--data", tiny_data, "--work", tmp_path / "work", "--out", tmp_path / "out.csv")
    with pytest.raises(LabelError, match=rf"answers\.csv:2: clip {DIGEST[:12]} is not in the data folder"):
        run("program-labels", tmp_path / "answers.csv", *places)
    assert not (tmp_path / "out.csv").exists()


TABLES = pytest.mark.parametrize(
    ("answers", "consensus"), [("infants.csv", "consensus.csv"), ("test.csv", "test-consensus.csv")]
)


@TABLES
@pytest.mark.data
def test_the_committed_consensus_follows_from_its_answers(
    answers: str, consensus: str, real_work: Path, tmp_path: Path
) -> None:
    run("program-labels", READINGS / answers, "--work", real_work, "--out", tmp_path / "consensus.csv")
    assert (tmp_path / "consensus.csv").read_text() == (READINGS / consensus).read_text()


@TABLES
def test_every_clip_has_two_readers(answers: str, consensus: str) -> None:
    read = by_clip(read_table(READINGS / answers), GUIDELINE)
    assert {len(rows) for rows in read.values()} == {2}
    rows = list(csv.DictReader(read_consensus_table(READINGS / consensus, GUIDELINE).splitlines()))
    assert {row["clip"] for row in rows} == read.keys()
