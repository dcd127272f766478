"""``hushd replay``: the daemon's pipeline over recordings, as fast as possible."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.audio import recordings
from edge.detection.pipeline import Pipeline
from edge.errors import AudioError
from edge.process.console import format_event, format_problem, format_scores, format_stream_time
from edge.protocol import messages
from edge.records import Event, Scores

Show = Callable[[str, Scores | Event], None]
"""Prints one output of the pipeline; its first argument is the recording's path as given."""


def replay(files: Sequence[str], new_pipeline: Callable[[], Pipeline], show: Show) -> int:
    """Show the output for each file; return the exit code of the last unreadable one, 0 without one."""
    exit_code = 0
    for file in files:
        pipeline = new_pipeline()
        has_output = False
        try:
            for block in recordings.read(Path(file)):
                for output in pipeline.push(block):
                    has_output = True
                    show(file, output)
            if not has_output:
                print(f"hushd: {file} is shorter than one 5 s window: no scores were produced", file=sys.stderr)
        except AudioError as error:
            print(format_problem(error), file=sys.stderr)
            exit_code = error.exit_code
    return exit_code


def json_lines(name_files: bool, with_scores: bool) -> Show:
    """One JSON object a line; ``name_files`` adds the file's path as it was given."""

    def show(file: str, output: Scores | Event) -> None:
        name = file if name_files else None
        match output:
            case Event():
                print(messages.replay_event(output, name))
            case Scores() if with_scores:
                print(messages.replay_scores(output, name))

    return show


def readable_lines(name_files: bool, with_scores: bool) -> Show:
    """Return a function that prints lines for people, with stream times."""

    def show(file: str, output: Scores | Event) -> None:
        prefix = f"{file}  " if name_files else ""
        match output:
            case Event():
                print(f"{prefix}{format_stream_time(output.at_s)}  {format_event(output)}")
            case Scores() if with_scores:
                print(f"{prefix}{format_stream_time(output.end_s)}  {format_scores(output)}")

    return show
