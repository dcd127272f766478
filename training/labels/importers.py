"""Folders of audio as others publish them: a folder a label, donateacry's file names, ESC-50's table."""

import csv
import re
from pathlib import Path
from types import MappingProxyType

import soundfile

from training.data.attributes import AGES
from training.labels.import_row import ImportRow
from training.labels.records import LabelError

SUFFIXES = frozenset(f".{name.lower()}" for name in soundfile.available_formats()) | {".opus", ".aif", ".oga"}

_UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_DONATEACRY = re.compile(
    rf"(?P<app>{_UUID})-(?P<at>\d{{10}}(\.\d+)?|\d{{13}})-(?P<version>[\d.]+)(-{_UUID})?"  # some have two
    r"-(?P<sex>[mf])-(?P<age>04|48|26|72|22)-(?P<reason>[a-z]{2})(\.[a-z0-9]+)+"
)


def folder(root: Path) -> list[ImportRow]:
    """Every audio file under ``root``; the folder it lies in is its label."""
    source = root.resolve().name
    found = [ImportRow(str(path), path, source, word=path.parent.name) for path in _audio(root)]
    loose = [each.where for each in found if Path(each.where).parent == root]
    if loose:
        raise LabelError(f"{loose[0]} lies in no folder that names its label: put it into {root}/LABEL/")
    return found


def donateacry(root: Path) -> list[ImportRow]:
    """donateacry-corpus files, named instance-time-version-sex-age-reason; an app instance is one infant's family.

    The reason a parent guessed is no label of ours: it is kept as an attribute, and offered as a word to map.
    """
    found = []
    for path in _audio(root):
        match = _DONATEACRY.fullmatch(path.name)
        if not match:
            raise LabelError(f"{path} is not named as donateacry names: INSTANCE-TIME-VERSION-SEX-AGE-REASON")
        attributes = {
            "age": AGES[match["age"]],
            "sex": match["sex"],
            "reason": match["reason"],
            "device": "android" if len(match["at"]) == 13 else "ios",
        }
        group = f"donateacry:{match['app'].lower()}"
        found.append(
            ImportRow(
                str(path),
                path,
                "donateacry",
                group=group,
                word=match["reason"],
                attributes=MappingProxyType(attributes),
            )
        )
    return found


def esc50(table: Path) -> list[ImportRow]:
    """ESC-50's ``meta/esc50.csv``, the audio in ``../audio``; clips cut from one freesound recording are one group."""
    audio = table.parent.parent / "audio"
    found = []
    try:
        with table.open(newline="", encoding="utf-8") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                where = f"{table}:{line}"
                try:
                    name, category, fold, recording = (row[key] for key in ("filename", "category", "fold", "src_file"))
                except KeyError as error:
                    raise LabelError(f"{where}: ESC-50's table has a column {error}, this has not") from error
                found.append(
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
        raise LabelError(f"{table}: cannot be read: {error}") from error
    return found


def _audio(root: Path) -> list[Path]:
    if not root.is_dir():
        raise LabelError(f"{root} is not a folder")
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix.lower() in SUFFIXES)
    found = [path for path in files if not path.name.startswith(".")]
    if not found:
        raise LabelError(f"no audio under {root}")
    return found
