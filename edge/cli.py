"""The command ``hushd``: its verbs and options, and what becomes of an expected failure.

Each verb loads what it needs when it runs, so that ``hushd replay`` does without PortAudio and ``--help`` is quick.
"""
# ruff: noqa: PLC0415 - see above

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGTERM
from typing import TYPE_CHECKING, Any, TypeVar

from edge.console import Console, problem_line
from edge.errors import ConfigurationError, HushdError

if TYPE_CHECKING:
    from edge.configuration import Configuration
    from edge.sources import Source

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the verb; every expected failure becomes one line on stderr and its exit code."""
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hushd",
        description="Listens in a baby's room and calls the parents when the baby cries and nobody is there yet.",
        epilog="`hushd VERB --help` says more of each.",
    )
    parser.add_argument("--version", action=_Version, help="print the version and end")
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    run = _verb(verbs, "run", _run, "listen, and call the parents; ends with Ctrl-C")
    run.add_argument(
        "--source",
        default="microphone",
        metavar="WHAT",
        help="microphone (the default), microphone:NAME (a part of the name that `hushd devices` shows),"
        " or an audio file, which is played once in real time",
    )
    _add_shared(run, "config", "model", "device", "broker")

    replay = _verb(verbs, "replay", _replay, "print what hushd would have said to recordings")
    replay.add_argument("audio", nargs="+", metavar="AUDIO", help="a recording: WAV, FLAC, Ogg, MP3, at any rate")
    replay.add_argument("--jsonl", action="store_true", help="one JSON object a line, for programs")
    replay.add_argument("--scores", action="store_true", help="also what the model heard, once a second")
    _add_shared(replay, "config", "model")

    check = _verb(
        verbs, "check", _check, "say what is wrong and how to mend it: configuration, model, microphone, broker"
    )
    _add_shared(check, "config", "model", "device", "broker")
    check.add_argument("--example", action="store_true", help="print a configuration file with every default, and end")

    _verb(verbs, "devices", _devices, "list the microphones; fails if there is none")

    demo = _verb(verbs, "demo", _demo, "play a minute in a nursery and show what the parents' phone would get")
    demo.add_argument("--write", type=Path, metavar="FILE", help="write the scene as a WAV file instead of playing it")
    _add_shared(demo, "model")
    return parser


def _verb(verbs: Any, name: str, verb: Callable[[argparse.Namespace], int], what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".")
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


class _Version(argparse.Action):
    """Looked up only when asked for."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(nargs=0, **keywords)

    def __call__(self, *_: Any) -> None:
        from edge.version import version

        print(f"hushd {version()}")
        sys.exit()


def _run(options: argparse.Namespace) -> int:
    from edge import sources

    _serve(lambda: configured(options), sources.named(options.source))
    return 0


def _demo(options: argparse.Namespace) -> int:
    from edge import demo, sources

    if options.write:
        demo.write(options.write)
        return 0
    options.broker = "embedded"
    _serve(lambda: configured(options), sources.played("the demo scene", demo.blocks))
    return 0


def _serve(read: "Callable[[], Configuration]", source: "Source") -> None:
    from edge import hearing, wiring
    from edge.notify import Notifier
    from edge.service import Assemble, Service, on_signals

    stop, hangup = on_signals(SIGTERM, SIGINT), on_signals(SIGHUP)
    notifier, console = Notifier.from_environment(), Console()

    def prepare() -> Assemble:
        configuration = read()
        classifier = hearing.load_classifier(configuration)
        return lambda: wiring.assembled(configuration, classifier, source, stop, notifier=notifier, console=console)

    Service(prepare, stop, hangup, notifier, console).run()


def _replay(options: argparse.Namespace) -> int:
    from edge import hearing, replay
    from edge.pipeline import Pipeline

    configuration = configured(options)
    classifier = hearing.load_classifier(configuration)
    lines = replay.json_lines if options.jsonl else replay.readable_lines
    show = lines(name_files=len(options.audio) > 1, with_scores=options.scores)
    numbers = count(1)  # the same recordings give the same lines, on any machine

    def pipeline() -> Pipeline:
        decision = hearing.new_decision(configuration, classifier.card, lambda: f"episode-{next(numbers)}")
        return Pipeline(classifier, decision, configuration.hop_samples)

    return replay.replay(options.audio, pipeline, show)


def _check(options: argparse.Namespace) -> int:
    from edge import check, example, sources

    if options.example:
        print(example.example(), end="")
        return 0
    return check.check(lambda: configured(options), sources.named("microphone"))


def _devices(_: argparse.Namespace) -> int:
    from edge.devices import held_cards, pick
    from edge.portaudio import PortAudio

    found = PortAudio().devices()
    for device in found:
        print(f"{'*' if device.is_default else ' '} {device.name}  ({device.channels} channels, {device.rate} Hz)")
    for card in held_cards():
        print(f"- {card.name}  (busy: {card.holder})")
    pick(found, None)
    print("* is taken where no name is given")
    return 0


def configured(options: argparse.Namespace) -> "Configuration":
    """The configuration file with the options over it."""
    from edge import configuration

    loaded = configuration.load(options.config)
    for option, key in (("device", "device"), ("model", "model")):
        value = getattr(options, option, None)
        if value is not None:
            loaded = _replaced(loaded, f"--{option}", **{key: value})
    if getattr(options, "broker", None) is not None:
        loaded = replace(loaded, broker=_replaced(loaded.broker, "--broker", url=options.broker))
    return loaded


def _replaced(settings: T, option: str, **values: Any) -> T:
    try:
        return replace(settings, **values)  # type: ignore[type-var]
    except ValueError as error:
        raise ConfigurationError(f"{option}: {error}") from None
