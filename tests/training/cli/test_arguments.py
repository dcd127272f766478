"""What cannot be a number or a name is refused before anything is done."""

import argparse
import subprocess
import sys
from importlib import import_module

import pytest

from training.cli.main import FAMILIES, main


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "../x"], "argument model_id: must be a name such as cry-2"),
        (["train", ""], "argument model_id: must be a name such as cry-2"),
        (["train", "x", "--steps", "0"], "argument --steps: must be a whole number from 1, not '0'"),
        (["train", "x", "--jobs", "two"], "argument --jobs: must be a whole number from 1, not 'two'"),
        (["evaluate", "model.onnx", "--seed", "-1"], "argument --seed: must be a whole number from 0, not '-1'"),
        (["evaluate", "model.onnx", "--seed", "9" * 10], "argument --seed: must be at most 2147483647"),
        (["nights", "--hours", "inf"], "argument --hours: at least 0.5 hours"),
        (["cost", "--repeats", "0"], "argument --repeats: must be a whole number from 1, not '0'"),
        (["consensus", "--sure", "7"], "argument --sure: must be a number from 0 to 1, not '7'"),
        (["import", "folder", ".", "--round", "0"], "argument --round: must be a whole number from 1, not '0'"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    with pytest.raises(SystemExit) as refused:
        main()
    assert refused.value.code == 2
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_every_verb_is_found_without_the_others() -> None:
    for module, names in FAMILIES.items():
        verbs = argparse.ArgumentParser().add_subparsers()
        import_module(module).add_verbs(verbs, argparse.ArgumentParser(add_help=False))
        assert list(verbs.choices) == list(names)


@pytest.mark.parametrize(("words", "says"), [("labels --help", "usage: python -m training labels"), ("--help", "why")])
def test_who_asks_for_labels_or_help_waits_for_no_torch(words: str, says: str) -> None:
    """It takes a second, with all there is nearly four."""
    program = f"""
import sys
from training.cli.main import main
sys.argv[1:] = {words.split()}
try:
    main()
finally:
    print("torch" in sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert says in told
    assert told.endswith("False\n")
