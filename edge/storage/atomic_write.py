"""Atomic replacement of small files: after a power cut, a file has its old or its new content."""

import os
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Replace the file's content; raise OSError where the disk refuses, and keep the old content."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
