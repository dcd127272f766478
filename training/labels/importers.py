"""Readers of published folders of audio: one folder a label, donateacry's file names, ESC-50's table."""

import csv
import re
from pathlib import Path
from types import MappingProxyType

import soundfile

from training.data.attributes import AGES
from training.labels.import_row import ImportRow, unreadable
from training.labels.records import LabelError

SUFFIXES = frozenset(f".{name.lower()}" for name in soundfile.available_formats()) | {".opus", ".aif", ".oga"}

_UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_DONATEACRY = re.compile(
    rf"(?P<app>{_UUID})-(?P<at>\d{{10}}(\.\d+)?|\d{{13}})-(?P<version>[\d.]+)(-{_UUID})?"  # some have two
    r"-(?P<sex>[mf])-(?P<age>04|48|26|72|22)-(?P<reason>[a-z]{2})(\.[a-z0-9]+)+"
)


def folder(root: Path) -> list[ImportRow]:
    """Read every audio file under ``root``; the name of its folder is its label."""
    source = root.resolve().name
    rows = [ImportRow(str(path), path, source, word=path.parent.name) for path in _audio_files(root)]
    loose = [each.where for each in rows if Path(each.where).parent == root]
    if loose:
        raise LabelError(f"{loose[0]} is not in a folder that names its label: move it to {root}/LABEL/")
    return rows


def donateacry(root: Path) -> list[ImportRow]:
    """Read donateacry-corpus files, named INSTANCE-TIME-VERSION-SEX-AGE-REASON; an app instance is one infant.

    A parent guessed the reason, so it is not a label of the guideline. It is kept as an attribute and as a word to map.
    """
    rows = []
    for path in _audio_files(root):
        match = _DONATEACRY.fullmatch(path.name)
        if not match:
            raise LabelError(
                f"{path} must be named INSTANCE-TIME-VERSION-SEX-AGE-REASON, as donateacry names its files"
            )
        attributes = {
            "age": AGES[match["age"]],
            "sex": match["sex"],
            "reason": match["reason"],
            "device": "android" if len(match["at"]) == 13 else "ios",
        }
        group = f"donateacry:{match['app'].lower()}"
        rows.append(
            ImportRow(
                str(path),
                path,
                "donateacry",
                group=group,
                word=match["reason"],
                attributes=MappingProxyType(attributes),
            )
        )
    return rows


def esc50(table: Path) -> list[ImportRow]:
    """Read ESC-50's ``meta/esc50.csv`` with the audio in ``../audio``; a freesound recording is one group."""
    audio = table.parent.parent / "audio"
    rows = []
    try:
        with table.open(newline="", encoding="utf-8") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                where = f"{table}:{line}"
                try:
                    name, category, fold, recording = (row[key] for key in ("filename", "category", "fold", "src_file"))
                except KeyError as error:
                    raise LabelError(f"{where}: column {error} is missing; ESC-50's table has it") from error
                rows.append(
                    ImportRow(
                        where,
                        audio / name,
                        "esc50",
                        group=f"freesound:{recording}",
                        word=category,
                        attributes=MappingProxyType({"category": category, "fold": fold}),
                    )
                )
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise unreadable(table, error) from error
    return rows


def _audio_files(root: Path) -> list[Path]:
    if not root.is_dir():
        raise LabelError(f"{root} is not a folder")
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix.lower() in SUFFIXES)
    found = [path for path in files if not path.name.startswith(".")]
    if not found:
        raise LabelError(f"no audio under {root}")
    return found
