"""The verbs from end to end: v1 labels in, agreement, relabeling, v2 labels in, consensus."""

import csv
from pathlib import Path

import pytest

from edge.errors import HushdError
from tests.support.small_store import sound
from training.cli.main import parser_of


def run(*words: str | Path) -> None:
    """As ``python -m training`` would."""
    typed = list(map(str, words))
    arguments = parser_of(typed[:1]).parse_args(typed)
    arguments.run(arguments)


def test_the_loop_of_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("--store", tmp_path / "store", "--jobs", "1")
    for seed in range(4):
        sound(tmp_path / f"{seed}.wav", seed)
    table = tmp_path / "pilot.csv"
    said = {"anna": ["cry", "cry", "not cry", "not cry"], "bo": ["cry", "not cry", "not cry", "not cry"]}
    with table.open("w", newline="") as file:
        rows = ([f"{seed}.wav", said[who][seed], who, 8] for who in said for seed in range(4))
        csv.writer(file).writerows([["file", "label", "labeller", "seconds"], *rows])

    with pytest.raises(HushdError, match="'cry' is no label of this guideline"):
        run("import", "csv", table, *at)
    run("import", "csv", table, "--guideline", "1", *at)
    run("validate", "--deep", *at)
    run("agreement", "--guideline", "1", "--out", tmp_path / "report", *at)
    run("relabel", "--from", "1", "--to", "2", "--out", tmp_path / "queue.csv", "--dry-run", *at)
    assert not (tmp_path / "queue.csv").exists()
    run("relabel", "--from", "1", "--to", "2", "--out", tmp_path / "queue.csv", *at)
    out = capsys.readouterr().out
    assert "4 new clips, 8 new labels, 0 known already" in out
    assert "4 clips and 8 labels are what they say" in out
    assert "cry or not cry" in out
    assert out.count("2 clips carry over by rule\n2 clips must be heard again: 0.00 h of audio, about 0.00 h") == 2

    queue = list(csv.DictReader((tmp_path / "queue.csv").read_text().splitlines()))
    answers = [f"{row['clip']},fussing,anna,{row['guideline']}" for row in queue]
    (tmp_path / "answers.csv").write_text("\n".join(["clip,label,labeller,guideline", *answers]))
    run("import", "csv", tmp_path / "answers.csv", *at)
    run("consensus", "--guideline", "2", "--method", "dawid-skene", "--out", tmp_path / "v2.csv", *at)
    settled = list(csv.DictReader((tmp_path / "v2.csv").read_text().splitlines()))
    assert sorted((row["label"], row["by"]) for row in settled) == [("fussing", "person")] * 2 + [("none", "rule")] * 2


@pytest.mark.parametrize("option", ["cry", "=cry", "cry="])
def test_a_mapping_says_both(tmp_path: Path, option: str) -> None:
    with pytest.raises(HushdError, match="say WORD=LABEL"):
        run("import", "folder", tmp_path, "--map", option, "--store", tmp_path / "store")


def test_problems_are_told_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound(tmp_path / "clips" / "none" / "a.wav", seed=0)
    run("import", "folder", tmp_path / "clips", "--store", tmp_path / "store", "--jobs", "1")
    with pytest.raises(HushdError, match="nobody labeled anything under guideline version 1"):
        run("relabel", "--from", "1", "--to", "2", "--store", tmp_path / "store")
    next((tmp_path / "store").rglob("*.wav")).unlink()
    with pytest.raises(HushdError, match=r"1 problem$"):
        run("validate", "--store", tmp_path / "store")
    assert "is missing: import it again" in capsys.readouterr().out
