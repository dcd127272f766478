"""The command line of ``hushd``: subcommands, options, and one line for an expected failure."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from errno import ENOSPC
from pathlib import Path
from signal import SIGINT
from typing import Any

from edge.app import subcommands
from edge.errors import HushdError
from edge.process.console import format_problem
from edge.version import version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the subcommand; return its exit code, after one line on stderr for an expected failure."""
    if sys.stdout is None:  # closed by the parent process
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the end
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # file names need not be UTF-8
    logging.basicConfig(level=logging.INFO, format="%(asctime)s  %(message)s", datefmt="%H:%M:%S")
    options = _parser().parse_args(arguments)
    try:
        code: int = options.verb(options)
        sys.stdout.flush()
    except HushdError as error:
        print(format_problem(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + SIGINT
    except BrokenPipeError:  # the reader, such as `head`, has closed the pipe
        _discard_output()
        return 0
    except OSError as error:
        if error.errno != ENOSPC:  # other failures of a disk have their own exceptions
            raise
        _discard_output()
        print(f"hushd: cannot write this output: {error.strerror}", file=sys.stderr)
        return os.EX_IOERR
    return code


def _discard_output() -> None:
    """Redirect stdout to /dev/null: Python would write the rest again at its end, and fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hushd",
        description="Listens in a baby's room and alerts the parents when the baby cries and nobody is there yet.",
        epilog="`hushd VERB --help` describes each.",
    )
    parser.add_argument("--version", action="version", version=f"hushd {version()}", help="print the version and end")
    subparsers = parser.add_subparsers(metavar="VERB", required=True)

    run = _add_verb(subparsers, "run", subcommands.run, "listen, and call the parents; ends with Ctrl-C")
    run.add_argument(
        "--source",
        default="microphone",
        metavar="WHAT",
        help="microphone (the default), microphone:NAME (a part of the name that `hushd devices` shows),"
        " or an audio file, which is played once in real time",
    )
    _add_shared(run, "config", "model", "device", "broker")

    replay = _add_verb(subparsers, "replay", subcommands.replay, "print the events that hushd detects in recordings")
    replay.add_argument("audio", nargs="+", metavar="AUDIO", help="a recording: WAV, FLAC, Ogg, MP3, at any rate")
    replay.add_argument("--jsonl", action="store_true", help="print one JSON object a line, for programs")
    replay.add_argument("--scores", action="store_true", help="also print the scores, once a second")
    _add_shared(replay, "config", "model")

    check = _add_verb(subparsers, "check", subcommands.check, "report the problems of this hushd and their remedies")
    _add_shared(check, "config", "model", "device", "broker")
    check.add_argument(
        "--end-to-end",
        action="store_true",
        help="send a test alert through the broker to the phones, and print the time of each step",
    )
    check.add_argument("--example", action="store_true", help="print a configuration file with every default, and end")

    _add_verb(subparsers, "devices", subcommands.devices, "list the microphones; fails without one")

    phone = _add_verb(
        subparsers, "phone", subcommands.phone, "run the companion: push alerts to phones and serve a page"
    )
    one_of = phone.add_mutually_exclusive_group()
    one_of.add_argument("--test-message", action="store_true", help="push a test to every phone, and end")
    one_of.add_argument("--pair", action="store_true", help="print a link that pairs one phone with the page, and end")
    _add_shared(phone, "config", "device", "broker")

    demo = _add_verb(
        subparsers,
        "demo",
        subcommands.demo,
        "play a synthesized minute in a nursery, with a broker of its own or --broker, and print the alerts",
    )
    demo.add_argument("--write", type=Path, metavar="FILE", help="write the scene as a WAV file instead of playing it")
    _add_shared(demo, "config", "model", "device", "broker")
    demo.set_defaults(broker="embedded")
    return parser


def _add_verb(
    subparsers: Any, name: str, verb: Callable[[argparse.Namespace], int], summary: str
) -> argparse.ArgumentParser:
    description = f"{summary[0].upper()}{summary[1:]}."
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=summary, description=description)
    parser.set_defaults(verb=verb, config=None, device=None, model=None, broker=None)
    return parser


def _add_shared(parser: argparse.ArgumentParser, *names: str) -> None:
    """Add options that several subcommands share; each overrides the configuration file."""
    options: dict[str, dict[str, Any]] = {
        "config": {"type": Path, "metavar": "FILE", "help": "configuration file; `hushd check --example` shows one"},
        "model": {"type": Path, "metavar": "PATH", "help": "a model to use instead of the shipped one"},
        "device": {"metavar": "NAME", "help": "name of this speaker in MQTT topics: hushd/NAME/event"},
        "broker": {
            "metavar": "URL",
            "help": "mqtt://[user[:password]@]host[:port], mqtts://..., embedded (one inside hushd) or none",
        },
    }
    for name in names:
        parser.add_argument(f"--{name}", **options[name])
