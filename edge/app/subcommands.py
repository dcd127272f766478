"""The subcommands of ``hushd``, called with the parsed options; each returns the exit code.

Each imports its modules when it runs, so that ``hushd replay`` needs no PortAudio and ``--help`` is quick.
"""
# ruff: noqa: PLC0415 - see above

import argparse
import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from signal import SIGHUP, SIGINT, SIGTERM
from typing import TYPE_CHECKING, Any, TypeVar

from edge.errors import ConfigurationError
from edge.process.console import Console

if TYPE_CHECKING:
    from edge.audio.sources import Source
    from edge.config.configuration import Configuration
    from edge.records import AudioBlock

T = TypeVar("T")


def run(options: argparse.Namespace) -> int:
    """Run the daemon."""
    from edge.audio import sources

    _serve(lambda: load_configuration(options), sources.open_source(options.source))
    return 0


def demo(options: argparse.Namespace) -> int:
    """Run the daemon on a synthesized scene and print a commentary, or write the scene to a file."""
    import soundfile

    from edge import demo
    from edge.audio import sources
    from edge.records import SAMPLE_RATE

    demo.samples()  # takes a second, before the scene's clock starts
    if options.write:
        try:
            demo.write(options.write)
        except OSError as error:
            raise ConfigurationError(f"--write {options.write}: {error.strerror}") from None
        except (soundfile.LibsndfileError, ValueError):
            raise ConfigurationError(f"--write {options.write}: name a .wav or a .flac file") from None
        return 0

    def narrate() -> "Iterator[AudioBlock]":
        starts = {round(part.start_s * SAMPLE_RATE): part.sentence for part in demo.timeline()}
        for block in demo.blocks():
            if block.start_sample in starts:
                Console().note(f"~ {starts[block.start_sample]}")
            yield block

    _serve(lambda: load_configuration(options), sources.play_blocks("the demo scene", narrate))
    return 0


def replay(options: argparse.Namespace) -> int:
    """Run the pipeline over recordings."""
    from edge.app import replay
    from edge.detection import model_loading
    from edge.detection.decision import Decision
    from edge.detection.pipeline import Pipeline

    configuration = load_configuration(options)
    classifier = model_loading.load_classifier(configuration.model)
    thresholds = model_loading.operating_point(classifier.card, configuration.sensitivity).thresholds
    lines = replay.json_lines if options.jsonl else replay.readable_lines
    show = lines(name_files=len(options.audio) > 1, with_scores=options.scores)
    numbers = count(1)  # so that the output depends on the recordings only

    def new_pipeline() -> Pipeline:
        decision = Decision(configuration.decision, thresholds, configuration.hop_s, lambda: f"episode-{next(numbers)}")
        return Pipeline(classifier, decision, configuration.hop_samples)

    return replay.replay(options.audio, new_pipeline, show)


def check(options: argparse.Namespace) -> int:
    """Print the state of each part, test the way to the phones, or print an example configuration."""
    from edge.app import check
    from edge.audio import sources
    from edge.config import example

    if options.example:
        print(example.render_example(), end="")
        return 0
    if options.end_to_end:
        from edge.companion.end_to_end import check_end_to_end

        return check_end_to_end(load_configuration(options), check.print_line)
    return check.check(lambda: load_configuration(options), sources.open_source("microphone"))


def phone(options: argparse.Namespace) -> int:
    """Run the companion, push a test message, or print a pairing link."""
    from edge.app.service import on_signals
    from edge.companion import wiring
    from edge.companion.push import recipients
    from edge.process.sd_notify import Notifier

    configuration = load_configuration(options)
    settings = configuration.phone
    if options.test_message:
        return recipients.send_test(settings.push, configuration.device)
    if options.pair:
        from edge.companion.web.pairing_link import build_invitation

        print(build_invitation(wiring.open_sessions(settings.page), settings.page, settings.page.port))
        return 0
    stop = on_signals(SIGTERM, SIGINT)
    with wiring.build_companion(configuration, Notifier.from_environment(), Console()) as companion:
        gc.freeze()  # Apprise's hundred services: garbage collection among them would delay the end by a second
        companion.run(stop)
    return 0


def devices(_: argparse.Namespace) -> int:
    """List the microphones; raise MicrophoneError without one."""
    from edge.audio.devices import find_busy_cards, find_device
    from edge.audio.portaudio import PortAudio

    found = PortAudio().devices()
    for device in found:
        print(f"{'*' if device.is_default else ' '} {device.name}  ({device.channels} channels, {device.rate} Hz)")
    for card in find_busy_cards():
        print(f"- {card.name}  (busy: {card.holder})")
    find_device(found, None)
    print("* is the default")
    return 0


def load_configuration(options: argparse.Namespace) -> "Configuration":
    """Return the configuration of the file, overridden by the options; raise ConfigurationError for a mistake."""
    from edge.config import configuration

    loaded = configuration.load(options.config)
    if options.device is not None:
        loaded = _override(loaded, "--device", device=options.device)
    if options.model is not None:
        loaded = replace(loaded, model=options.model)
    if options.broker is not None:
        loaded = replace(loaded, broker=_override(loaded.broker, "--broker", url=options.broker))
    return loaded


def _override(settings: T, option: str, **values: Any) -> T:
    try:
        return replace(settings, **values)  # type: ignore[type-var]
    except ValueError as error:
        raise ConfigurationError(f"{option}: {error}") from None


def _serve(read: "Callable[[], Configuration]", source: "Source") -> None:
    from edge.app import wiring
    from edge.app.service import Assemble, Service, on_signals
    from edge.detection import model_loading
    from edge.process.sd_notify import Notifier

    stop, hangup = on_signals(SIGTERM, SIGINT), on_signals(SIGHUP)
    notifier, console = Notifier.from_environment(), Console()

    def prepare() -> Assemble:
        configuration = read()
        classifier = model_loading.load_classifier(configuration.model)
        return lambda: wiring.build_service(configuration, classifier, source, stop, notifier=notifier, console=console)

    Service(prepare, stop, hangup, notifier, console).run()
