"""The command line: subcommands, options, and one line with the right exit code for every wrong input."""

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM

import numpy as np
import pytest
import soundfile

from edge.cli import main
from edge.records import SAMPLE_RATE
from tests.support import loudness_model
from tests.support.mosquitto import USERNAME, Consumer, Mosquitto
from tests.support.recordings import hiss, quiet_then_loud

Printed = pytest.CaptureFixture[str]
Make = Callable[[Path], object]


@pytest.fixture(autouse=True)
def _handlers_of_pytest() -> Iterator[None]:
    """Restore the signal handlers after ``hushd run``."""
    before = {number: signal.getsignal(number) for number in (SIGTERM, SIGINT, SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def error_line(printed: Printed) -> str:
    """Return the one line on stderr; stdout must be empty."""
    out, err = printed.readouterr()
    assert out == ""
    assert err.startswith("hushd: ")
    assert err.count("\n") == 1
    return err.removeprefix("hushd: ").rstrip()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["replay", "-h"], ["check", "-h"], ["--version"]])
def test_help_and_version(arguments: list[str], capsys: Printed) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code
    assert "hushd" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["sing"], ["run", "--volume", "3"], ["replay"]])
def test_what_argparse_refuses_is_exit_2(arguments: list[str], capsys: Printed) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: hushd" in capsys.readouterr().err


def test_python_m_edge_is_the_same(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-m", "edge", "replay", tmp_path / "x.wav", "--config", tmp_path / "gone"],
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert (ended.returncode, ended.stdout) == (78, "")
    assert ended.stderr == f"hushd: cannot read configuration {tmp_path}/gone: No such file or directory\n"


def test_a_closed_pipe_is_not_an_error(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 6, 1)
    command = [sys.executable, "-m", "edge", "replay", *[str(recording)] * 60, "--scores", "--model", str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as replay:
        assert replay.stdout is not None
        assert replay.stderr is not None
        replay.stdout.readline()
        replay.stdout.close()
        assert replay.stderr.read() == ""


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--broker", "http://x"], "--broker: broker url must be mqtt://[user[:password]@]host[:port], mqtts://..."),
        (["--broker", "mqtt://x:port"], "--broker: "),
        (["--device", "a/b"], "--device: device must be letters, digits, - _ or . (it names MQTT topics), is 'a/b'"),
    ],
)
def test_a_wrong_option_is_named(options: list[str], line: str, capsys: Printed) -> None:
    assert main(["run", *options]) == 78
    assert error_line(capsys).startswith(line)


def test_a_configuration_typo_is_named_with_its_line(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "hushd.yaml").write_text("device: nursery\nbrokr:\n  url: none\n")
    assert main(["replay", "a.wav", "--config", str(tmp_path / "hushd.yaml")]) == 78
    assert error_line(capsys) == f"{tmp_path}/hushd.yaml:2: unknown key `brokr`; did you mean `broker`?"


def other_schema(path: Path) -> object:
    return loudness_model.write(path, loudness_model.metadata(schema_version=1, schema_digest="0" * 64))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _: None, "not found: name an existing .onnx file"),
        (lambda path: path.write_bytes(b"not a model"), "is not a readable ONNX file: copy it again"),
        (lambda path: path.write_bytes(b""), "is not a readable ONNX file: copy it again"),
        (lambda path: loudness_model.write(path, None), "has no hushd metadata"),
        (lambda path: loudness_model.write(path, {"model_id": "x"}), "has no hushd metadata"),
        (other_schema, "was trained under guideline v1"),
        (
            lambda path: loudness_model.write(path, loudness_model.metadata(feature_fingerprint="0")),
            "was trained with another audio front end",
        ),
        (
            lambda path: loudness_model.write(path, loudness_model.metadata(operating_points={})),
            "was not measured at normal sensitivity",
        ),
    ],
)
def test_a_model_that_does_not_fit_is_rejected(tmp_path: Path, make: Make, says: str, capsys: Printed) -> None:
    make(tmp_path / "model.onnx")
    recording = quiet_then_loud(tmp_path / "a.wav", 1, 0)
    assert main(["replay", str(recording), "--model", str(tmp_path / "model.onnx")]) == 65
    assert says in error_line(capsys)


def test_a_model_path_that_cannot_be_read(tmp_path: Path, capsys: Printed) -> None:
    assert main(["replay", "a.wav", "--model", str(tmp_path / ("a" * 300))]) == 65
    assert error_line(capsys).endswith("cannot be read: File name too long")


def test_a_truncated_model_is_rejected(tmp_path: Path, model: Path, capsys: Printed) -> None:
    (tmp_path / "model.onnx").write_bytes(model.read_bytes()[:400])
    assert main(["run", "--broker", "none", "--model", str(tmp_path / "model.onnx")]) == 65
    assert "is not a readable ONNX file: copy it again" in error_line(capsys)


def truncated(path: Path) -> object:
    soundfile.write(path, hiss(2, 0.01), SAMPLE_RATE)
    return path.write_bytes(path.read_bytes()[:20_000])


def not_a_number(path: Path) -> object:
    return soundfile.write(path, np.full(SAMPLE_RATE, np.nan, np.float32), SAMPLE_RATE, subtype="FLOAT")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _: None, "No such file"),
        (lambda path: path.mkdir(), "not a file"),
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: path.write_text("once upon a time"), "not audio that libsndfile knows"),
        (lambda path: soundfile.write(path, hiss(0, 0.1), SAMPLE_RATE), "it has no sound"),
        (truncated, "is truncated"),
        (not_a_number, "contains NaN or infinite samples"),
    ],
)
@pytest.mark.parametrize("verb", [["replay"], ["run", "--broker", "none", "--source"]])
def test_a_recording_that_cannot_be_read_is_exit_2(
    tmp_path: Path, make: Make, says: str, verb: list[str], model: Path, capsys: Printed
) -> None:
    make(tmp_path / "a.wav")
    assert main([*verb, str(tmp_path / "a.wav"), "--model", str(model)]) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.real
def test_check_reports_a_wrong_password(tmp_path: Path, model: Path, capsys: Printed) -> None:
    (tmp_path / "hushd.yaml").write_text(f"model: {model}\nmicrophone: {{name: no such microphone}}\n")
    with Mosquitto(tmp_path, password=True) as broker:
        url = f"mqtt://{USERNAME}:lullaby@localhost:{broker.port}"
        code = main(["check", "--config", str(tmp_path / "hushd.yaml"), "--broker", url])
    configuration, its_model, microphone, refused = capsys.readouterr().out.splitlines()
    assert code == 74  # the microphone is the first problem
    assert configuration.startswith("configuration  ok")
    assert its_model.startswith(
        "model          ok       loudness-1, guideline v2; at low and normal and high sensitivity it detected 97 of 100"
    )
    assert microphone.startswith("microphone     PROBLEM  no microphone")
    assert refused.startswith(f"broker         PROBLEM  broker localhost:{broker.port} rejects")
    assert "lullaby" not in refused


def test_check_prints_an_example_configuration(capsys: Printed) -> None:
    assert main(["check", "--example"]) == 0
    assert "#device: " in capsys.readouterr().out


def test_replay_numbers_episodes_the_same_on_every_machine(tmp_path: Path, model: Path, capsys: Printed) -> None:
    recording = str(quiet_then_loud(tmp_path / "a.wav", 6, 8))
    assert main(["replay", recording, recording, "--jsonl", "--model", str(model.parent)]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["episode_id"] for event in events] == ["episode-1", "episode-2"]


def test_the_demo_scene_is_written_and_can_be_replayed(tmp_path: Path, model: Path, capsys: Printed) -> None:
    assert main(["demo", "--write", str(tmp_path / "scene.wav")]) == 0
    assert main(["replay", str(tmp_path / "scene.wav"), "--model", str(model)]) == 0
    assert capsys.readouterr().err == ""


def test_an_impossible_file_for_the_demo_scene_is_one_line(tmp_path: Path, capsys: Printed) -> None:
    reasons = {
        "gone/scene.wav": "No such file or directory",
        ".": "name a .wav or a .flac file",
        "scene.xyz": "name a .wav or a .flac file",
    }
    for name, reason in reasons.items():
        assert main(["demo", "--write", str(tmp_path / name)]) == 78
        assert error_line(capsys).endswith(f": {reason}")


def in_a_shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a shell command in which ``hushd`` is this checkout's."""
    hushd = f"{shlex.quote(sys.executable)} -m edge"
    script = f'set -o pipefail; hushd() {{ {hushd} "$@"; }}; {command}'
    repository = Path(__file__).parents[2]
    return subprocess.run(["bash", "-c", script], cwd=repository, capture_output=True, text=True, check=False)


@pytest.fixture
def quiet_minutes(tmp_path: Path) -> str:
    soundfile.write(tmp_path / "quiet.wav", hiss(120, 0.001), SAMPLE_RATE)
    return shlex.quote(str(tmp_path / "quiet.wav"))


def test_a_closed_pipe_ends_replay_quietly(quiet_minutes: str, model: Path) -> None:
    done = in_a_shell(f"hushd replay {quiet_minutes} --model {model} --jsonl --scores | head -1")
    assert (done.stdout.count("\n"), done.stderr) == (1, "")


@pytest.mark.parametrize("verb", ["check --example", "replay {quiet} --model {model} --scores"])
def test_a_full_disk_for_the_output_is_one_line(verb: str, quiet_minutes: str, model: Path) -> None:
    done = in_a_shell(f"hushd {verb.format(quiet=quiet_minutes, model=model)} > /dev/full")
    assert (done.returncode, done.stderr) == (74, "hushd: cannot write this output: No space left on device\n")


def test_a_closed_stdout_is_not_an_error() -> None:
    done = in_a_shell("hushd check --example >&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.real
def test_the_daemon_continues_when_its_output_has_no_room(tmp_path: Path, model: Path) -> None:
    recording = quiet_then_loud(tmp_path / "a.wav", 0, 10)
    with Mosquitto(tmp_path) as broker, Consumer(broker) as consumer:
        options = f"--source {recording} --model {model} --device nursery --broker {broker.url}"
        done = in_a_shell(f"hushd run {options} > /dev/full")
        consumer.wait_for(lambda heard: len(heard) == 1, "/event")
    assert done.returncode == 0
    assert "cannot write this output any more: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
