"""Python programs killed with signal 9: before each of their SQL statements, or when a test says so."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from signal import SIGKILL

DEATH = """
import os, signal, sqlite3, sys

def count_down(frame, event, function):
    global left
    if event == "c_call" and isinstance(getattr(function, "__self__", None), sqlite3.Connection):
        if function.__name__ == "execute":
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

left = int(sys.argv[2])
"""
"""Starts with ``sys.setprofile(count_down)`` in the program, once its imports are done."""


def before_each_statement(program: str, prepare: Callable[[Path], None], like: Path) -> Iterator[Path]:
    """Yield the database of every killed run.

    ``program`` opens ``sys.argv[1]``, which ``prepare`` has written: named as ``like``, in a folder beside it.
    """
    for step in count():
        path = like.parent / str(step) / like.name
        path.parent.mkdir()
        prepare(path)
        command = [sys.executable, "-c", DEATH + program, str(path), str(step)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != -SIGKILL:
            assert done.returncode == 0, done.stderr
            return
        yield path


@contextmanager
def killed_at_exit(program: str, *arguments: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a Python program, and kill it with signal 9 at the end of the block."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
