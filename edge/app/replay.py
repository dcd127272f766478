"""The same road over recordings, as fast as it goes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.audio import recordings
from edge.detection.pipeline import Pipeline
from edge.errors import AudioError
from edge.process.console import event_text, problem_line, scores_text, stream_time
from edge.protocol import messages
from edge.records import Event, Scores

Show = Callable[[str, Scores | Event], None]
"""Takes the recording's path as it was given, and what was heard in it."""


def replay(files: Sequence[str], new_pipeline: Callable[[], Pipeline], show: Show) -> int:
    """Show what is heard in each of ``files``; the exit code is that of the last one that could not be read, else 0."""
    exit_code = 0
    for file in files:
        pipeline = new_pipeline()
        judged = False
        try:
            for block in recordings.read(Path(file)):
                for heard in pipeline.push(block):
                    judged = True
                    show(file, heard)
            if not judged:
                print(f"hushd: {file} is shorter than the 5 s that one look takes: nothing was judged", file=sys.stderr)
        except AudioError as error:
            print(problem_line(error), file=sys.stderr)
            exit_code = error.exit_code
    return exit_code


def json_lines(name_files: bool, with_scores: bool) -> Show:
    """One JSON object a line; ``name_files`` adds the file's path as it was given."""

    def show(file: str, heard: Scores | Event) -> None:
        name = file if name_files else None
        match heard:
            case Event():
                print(messages.replay_event(heard, name))
            case Scores() if with_scores:
                print(messages.replay_scores(heard, name))

    return show


def readable_lines(name_files: bool, with_scores: bool) -> Show:
    """The same for people, with the time into the recording."""

    def show(file: str, heard: Scores | Event) -> None:
        prefix = f"{file}  " if name_files else ""
        match heard:
            case Event():
                print(f"{prefix}{stream_time(heard.at_s)}  {event_text(heard)}")
            case Scores() if with_scores:
                print(f"{prefix}{stream_time(heard.end_s)}  {scores_text(heard)}")

    return show
