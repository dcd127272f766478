"""``python -m training`` within the test's own process."""

from pathlib import Path

from training.cli.main import parse_arguments


def run(*words: str | Path) -> None:
    """Run the command; its errors are raised, not printed."""
    arguments = parse_arguments(list(map(str, words)))
    arguments.run(arguments)
