"""The command ``hushd``: its verbs and options, and what becomes of an expected failure."""

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
from edge.process.console import problem_line
from edge.version import version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb; every expected failure becomes one line on stderr and its exit code."""
    if sys.stdout is None:  # closed: nobody wants to read what we print
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until we end
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # file names need not be UTF-8
    logging.basicConfig(level=logging.INFO, format="%(asctime)s  %(message)s", datefmt="%H:%M:%S")
    options = _parser().parse_args(arguments)
    try:
        code: int = options.verb(options)
        sys.stdout.flush()
    except HushdError as error:
        print(problem_line(error), file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + SIGINT
    except BrokenPipeError:  # the reader of our output has seen enough
        _forget_output()
        return 0
    except OSError as error:
        if error.errno != ENOSPC:  # other disks' failures have names of their own
            raise
        _forget_output()
        print(f"hushd: cannot write this output: {error.strerror}", file=sys.stderr)
        return os.EX_IOERR
    return code


def _forget_output() -> None:
    """Else Python tries once more to write it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hushd",
        description="Listens in a baby's room and calls the parents when the baby cries and nobody is there yet.",
        epilog="`hushd VERB --help` says more of each.",
    )
    parser.add_argument("--version", action="version", version=f"hushd {version()}", help="print the version and end")
    subparsers = parser.add_subparsers(metavar="VERB", required=True)

    run = _verb(subparsers, "run", subcommands.run, "listen, and call the parents; ends with Ctrl-C")
    run.add_argument(
        "--source",
        default="microphone",
        metavar="WHAT",
        help="microphone (the default), microphone:NAME (a part of the name that `hushd devices` shows),"
        " or an audio file, which is played once in real time",
    )
    _add_shared(run, "config", "model", "device", "broker")

    replay = _verb(subparsers, "replay", subcommands.replay, "print what hushd would have said to recordings")
    replay.add_argument("audio", nargs="+", metavar="AUDIO", help="a recording: WAV, FLAC, Ogg, MP3, at any rate")
    replay.add_argument("--jsonl", action="store_true", help="one JSON object a line, for programs")
    replay.add_argument("--scores", action="store_true", help="also what the model heard, once a second")
    _add_shared(replay, "config", "model")

    check = _verb(subparsers, "check", subcommands.check, "say what is wrong with this hushd, and how to mend it")
    _add_shared(check, "config", "model", "device", "broker")
    check.add_argument(
        "--end-to-end",
        action="store_true",
        help="send a test alert, in which nobody cries, through the broker to the phones, and say each leg's time",
    )
    check.add_argument("--example", action="store_true", help="print a configuration file with every default, and end")

    _verb(subparsers, "devices", subcommands.devices, "list the microphones; fails if there is none")

    phone = _verb(subparsers, "phone", subcommands.phone, "push alerts to the phones, and serve them a page")
    what = phone.add_mutually_exclusive_group()
    what.add_argument("--test-message", action="store_true", help="push a test to every phone, and end")
    what.add_argument("--pair", action="store_true", help="print a link that lets one phone into the page, and end")
    _add_shared(phone, "config", "device", "broker")

    demo = _verb(
        subparsers,
        "demo",
        subcommands.demo,
        "play a minute in a nursery, by a broker of its own or --broker, and show what a phone would get",
    )
    demo.add_argument("--write", type=Path, metavar="FILE", help="write the scene as a WAV file instead of playing it")
    _add_shared(demo, "config", "model", "device", "broker")
    demo.set_defaults(broker="embedded")
    return parser


def _verb(subparsers: Any, name: str, verb: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
    sentence = f"{what[0].upper()}{what[1:]}."
    parser: argparse.ArgumentParser = subparsers.add_parser(name, help=what, description=sentence)
    parser.set_defaults(verb=verb, config=None, device=None, model=None, broker=None)
    return parser


def _add_shared(parser: argparse.ArgumentParser, *names: str) -> None:
    """Options that several verbs have; each overrides the configuration file."""
    options: dict[str, dict[str, Any]] = {
        "config": {"type": Path, "metavar": "FILE", "help": "configuration file; `hushd check --example` shows one"},
        "model": {"type": Path, "metavar": "PATH", "help": "another model than the one that came with hushd"},
        "device": {"metavar": "NAME", "help": "what this hushd is called in MQTT topics: hushd/NAME/event"},
        "broker": {
            "metavar": "URL",
            "help": "mqtt://[user[:password]@]host[:port], mqtts://..., embedded (one inside hushd) or none",
        },
    }
    for name in names:
        parser.add_argument(f"--{name}", **options[name])
