"""A table of clips and labels, as any program can write it.

Columns: ``file`` (beside the table) or ``clip`` (the SHA-256 of one in the store), and any of ``label``, ``labeller``,
``seconds``, ``at`` (UTC), ``round``, ``skipped``, ``source``, ``group``, ``guideline``, ``note``; every other column is
an attribute one can slice by.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from training.labels.import_row import ImportRow, refuse
from training.labels.records import LabelError

_KNOWN = frozenset(
    ("file", "clip", "label", "labeller", "seconds", "at", "round", "skipped", "source", "group", "guideline", "note")
)
_TRUTH = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def read_table(table: Path) -> list[ImportRow]:
    """Every row, or LabelError naming those that are wrong."""
    found, problems = [], []
    try:
        for line, row in _rows(table):
            try:
                found.append(_found(f"{table}:{line}", table.parent, row, default_source=table.stem))
            except ValueError as error:
                problems.append(f"{table}:{line}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{table}: cannot be read: {error}") from error
    refuse(problems)
    if not found:
        raise LabelError(f"{table}: no rows")
    return found


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = [name.strip() for name in next(reader, [])]
        if ("file" in header) == ("clip" in header):
            raise LabelError(f"{table}:1: needs a column file or a column clip, not {', '.join(header) or 'nothing'}")
        if len(set(header)) < len(header) or "" in header:
            raise LabelError(f"{table}:1: every column needs a name of its own")
        for cells in reader:
            if len(cells) != len(header):
                raise LabelError(f"{table}:{reader.line_num}: {len(cells)} cells under {len(header)} columns")
            yield reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _found(where: str, beside: Path, row: Mapping[str, str], default_source: str) -> ImportRow:
    """ValueError says what is wrong with the row."""

    def cell(name: str) -> str | None:
        return row.get(name) or None

    file, clip, word = cell("file"), cell("clip"), cell("label")
    if file is None and clip is None:
        raise ValueError("names no clip")
    skipped = _truth(row.get("skipped", ""))
    if skipped and word:
        raise ValueError(f"is both skipped and labeled {word!r}")
    seconds, at, round_, guideline = cell("seconds"), cell("at"), cell("round"), cell("guideline")
    return ImportRow(
        where=where,
        path=beside / file if file else None,
        clip=clip,
        source=cell("source") or default_source,
        group=cell("group"),
        word=word,
        skipped=skipped,
        labeller=cell("labeller"),
        guideline=int(guideline) if guideline else None,
        at=datetime.fromisoformat(at) if at else None,
        seconds=float(seconds) if seconds else None,
        round=int(round_) if round_ else None,
        note=row.get("note", ""),
        attributes=MappingProxyType({name: value for name, value in row.items() if name not in _KNOWN and value}),
    )


def _truth(cell: str) -> bool:
    if cell.lower() not in _TRUTH:
        raise ValueError(f"skipped must be true or false, not {cell!r}")
    return _TRUTH[cell.lower()]
