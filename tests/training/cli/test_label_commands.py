"""The label commands from end to end: v1 labels, agreement, migration, v2 labels, consensus."""

import csv
from pathlib import Path

import pytest

from edge.errors import HushdError
from tests.support.command_line import run
from tests.support.small_store import sound


def test_the_loop_of_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ("--store", tmp_path / "store", "--jobs", "1")
    for seed in range(4):
        sound(tmp_path / f"{seed}.wav", seed)
    table = tmp_path / "pilot.csv"
    answers = {"anna": ["cry", "cry", "not cry", "not cry"], "bo": ["cry", "not cry", "not cry", "not cry"]}
    with table.open("w", newline="") as file:
        rows = ([f"{seed}.wav", answers[name][seed], name, 8] for name in answers for seed in range(4))
        csv.writer(file).writerows([["file", "label", "labeller", "seconds"], *rows])

    with pytest.raises(HushdError, match="'cry' is not a label of this guideline"):
        run("import", "csv", table, *store)
    run("import", "csv", table, "--guideline", "1", *store)
    run("validate", "--deep", *store)
    run("agreement", "--guideline", "1", "--out", tmp_path / "report", *store)
    run("relabel", "--from", "1", "--to", "2", "--out", tmp_path / "queue.csv", "--dry-run", *store)
    assert not (tmp_path / "queue.csv").exists()
    run("relabel", "--from", "1", "--to", "2", "--out", tmp_path / "queue.csv", *store)
    out = capsys.readouterr().out
    assert "4 new clips, 8 new labels, 0 known already" in out
    assert "4 clips and 8 labels are valid" in out
    assert "cry or not cry" in out
    assert out.count("2 clips carry over by rule\n2 clips must be relabeled: 0.00 h of audio, about 0.00 h") == 2

    queue = list(csv.DictReader((tmp_path / "queue.csv").read_text().splitlines()))
    relabeled = [f"{row['clip']},fussing,anna,{row['guideline']}" for row in queue]
    (tmp_path / "answers.csv").write_text("\n".join(["clip,label,labeller,guideline", *relabeled]))
    run("import", "csv", tmp_path / "answers.csv", *store)
    run("consensus", "--guideline", "2", "--method", "dawid-skene", "--out", tmp_path / "v2.csv", *store)
    settled = list(csv.DictReader((tmp_path / "v2.csv").read_text().splitlines()))
    assert sorted((row["label"], row["by"]) for row in settled) == [("fussing", "person")] * 2 + [("none", "rule")] * 2


@pytest.mark.parametrize("option", ["cry", "=cry", "cry="])
def test_a_mapping_needs_a_word_and_a_label(tmp_path: Path, option: str) -> None:
    with pytest.raises(HushdError, match=r"--map .*WORD=LABEL"):
        run("import", "folder", tmp_path, "--map", option, "--store", tmp_path / "store")


def test_a_mapping_to_an_unknown_label_is_refused_at_the_option(tmp_path: Path) -> None:
    with pytest.raises(HushdError, match=r"--map sad=cryng: 'cryng' is not a label .*crying.*use --map sad=LABEL"):
        run("import", "folder", tmp_path / "missing", "--map", "sad=cryng", "--store", tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_problems_are_printed_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sound(tmp_path / "clips" / "none" / "a.wav", seed=0)
    run("import", "folder", tmp_path / "clips", "--store", tmp_path / "store", "--jobs", "1")
    with pytest.raises(HushdError, match="no labels of guideline version 1 to migrate"):
        run("relabel", "--from", "1", "--to", "2", "--store", tmp_path / "store")
    next((tmp_path / "store").rglob("*.wav")).unlink()
    with pytest.raises(HushdError, match=r"1 problem$"):
        run("validate", "--store", tmp_path / "store")
    assert "is missing: import it again" in capsys.readouterr().out
