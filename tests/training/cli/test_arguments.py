"""The command line: accepted numbers and names, the registry of commands, former names."""

import argparse
import subprocess
import sys
from importlib import import_module

import pytest

from tests.support.command_line import run
from training.cli.main import ALIASES, COMMANDS, main, parse_arguments


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["train", "../x"], "argument model_id: must be a name such as cry-2"),
        (["train", ""], "argument model_id: must be a name such as cry-2"),
        (["train", "x", "--steps", "0"], "argument --steps: must be a whole number from 1, not '0'"),
        (["train", "x", "--jobs", "two"], "argument --jobs: must be a whole number from 1, not 'two'"),
        (["evaluate", "model.onnx", "--seed", "-1"], "argument --seed: must be a whole number from 0, not '-1'"),
        (["evaluate", "model.onnx", "--seed", "9" * 10], "argument --seed: must be at most 2147483647"),
        (["evaluate-nights", "--hours", "inf"], "argument --hours: must be at least 0.5 hours"),
        (["benchmark", "--repeats", "0"], "argument --repeats: must be a whole number from 1, not '0'"),
        (["consensus", "--sure", "7"], "argument --sure: must be a number from 0 to 1, not '7'"),
        (["import", "folder", ".", "--round", "0"], "argument --round: must be a whole number from 1, not '0'"),
        (["dance"], "argument COMMAND: invalid choice: 'dance'"),
        (["label-studio", "dance"], "argument DIRECTION: invalid choice: 'dance'"),
        ([], "the following arguments are required: COMMAND"),
    ],
)
def test_an_invalid_argument_is_one_line(
    arguments: list[str], problem: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["training", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert problem in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_options_with_help(name: str) -> None:
    module = import_module(f"training.cli.{COMMANDS[name].module}")
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert parser.format_help()  # every %-sign of a help text is escaped
    assert callable(module.run)


@pytest.mark.parametrize("former", ALIASES)
def test_a_former_name_runs_the_command(former: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        parse_arguments([former, "--help"])
    assert done.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m training {ALIASES[former]} ")


def test_label_studio_has_a_push_and_a_pull(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("label-studio", "--help")
    listed = capsys.readouterr().out
    assert "push" in listed
    assert "pull" in listed


@pytest.mark.parametrize(
    ("words", "expected"),
    [("labels --help", "usage: python -m training label-studio pull"), ("--help", "lineage"), ("-h", "(lineage)")],
)
def test_labels_and_help_do_not_load_torch(words: str, expected: str) -> None:
    """It takes a second; with every library it takes nearly four."""
    program = f"""
import sys
from training.cli.main import main
sys.argv[1:] = {words.split()}
try:
    main()
finally:
    print("torch" in sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert expected in output
    assert output.endswith("False\n")
