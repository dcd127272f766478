"""What cannot be a number or a name is refused before anything is done."""

import pytest

from training.cli import main


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
