"""Checksums: the SHA-256 of every audio file, which names the clip in labels and in provenance."""

import csv
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from training.data.manifest import Clip
from training.data.workspace import Workspace
from training.storage.atomic import write_table, write_whole
from training.storage.paths import DataError

COLUMNS = ("file", "sha256", "group", "kind", "split")


def compute(workspace: Workspace) -> dict[str, str]:
    """Compute file -> SHA-256 (hex); a file whose size and time did not change since the last call is not read again.

    DataError names a clip that is missing.
    """
    seen_path = workspace.work / "inventory.json"
    seen = json.loads(seen_path.read_text()) if seen_path.exists() else {}
    now: dict[str, list[Any]] = {}
    for clip in workspace.clips:
        path = workspace.audio_path(clip)
        try:
            there = path.stat()
            looks = [str(path), there.st_size, there.st_mtime_ns]
            known = seen.get(clip.file, [None])
            now[clip.file] = known if known[:-1] == looks else [*looks, hashlib.sha256(path.read_bytes()).hexdigest()]
        except OSError as error:
            raise DataError(
                f"clip {clip.file} cannot be read ({error.strerror}): restore it in the data folder"
            ) from error
    if now != seen:
        write_whole(seen_path, json.dumps(now))
    return {file: str(each[-1]) for file, each in now.items()}


def digest(clips: Sequence[Clip], contents: Mapping[str, str]) -> str:
    """Return the SHA-256 over the clips' audio, groups, kinds and splits; their order does not count."""
    rows = sorted(",".join((contents[clip.file], clip.file, clip.group, clip.kind, clip.split)) for clip in clips)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def write(path: Path, clips: Sequence[Clip], contents: Mapping[str, str]) -> None:
    """Write the table of the contents: two data folders are the same if their tables are."""
    write_table(path, COLUMNS, ((clip.file, contents[clip.file], clip.group, clip.kind, clip.split) for clip in clips))


def read(path: Path) -> dict[str, str]:
    """Read file -> SHA-256 (hex) from such a table."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row["sha256"] for row in csv.DictReader(file)}
