"""Small files that are whole at all times: after a power cut, the old content or the new."""

import os
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Replace the file's content; OSError where the disk refuses, and then the old content stays."""
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
