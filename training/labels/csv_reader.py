"""The reader of CSV tables of clips and labels.

Columns: ``file`` (beside the table) or ``clip`` (the SHA-256 of one in the store), and any of ``label``, ``labeller``,
``seconds``, ``at`` (UTC), ``round``, ``skipped``, ``source``, ``group``, ``guideline``, ``note``. Every other column is
an attribute of the clip.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from training.labels.import_row import ImportRow, raise_problems, unreadable
from training.labels.records import LabelError

_Value = TypeVar("_Value")

_COLUMNS = frozenset(
    ("file", "clip", "label", "labeller", "seconds", "at", "round", "skipped", "source", "group", "guideline", "note")
)
_FLAGS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


def read_table(table: Path) -> list[ImportRow]:
    """Return every row; LabelError names the wrong ones."""
    rows, problems = [], []
    try:
        for line, row in _rows(table):
            try:
                rows.append(_parse_row(f"{table}:{line}", table.parent, row, default_source=table.stem))
            except ValueError as error:
                problems.append(f"{table}:{line}: {error}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise unreadable(table, error) from error
    raise_problems(problems)
    if not rows:
        raise LabelError(f"{table}: the table has no rows: add one line for each clip")
    return rows


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = [name.strip() for name in next(reader, [])]
        if ("file" in header) == ("clip" in header):
            raise LabelError(
                f"{table}:1: needs a column file or a column clip, but has {', '.join(header) or 'no columns'}"
            )
        _check_names(table, header)
        for cells in reader:
            if len(cells) != len(header):
                raise LabelError(
                    f"{table}:{reader.line_num}: {len(cells)} cells under {len(header)} columns:"
                    " quote a cell that contains a comma"
                )
            yield reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


def _check_names(table: Path, header: Sequence[str]) -> None:
    """Raise LabelError for a column without a name, or with the name of another."""
    for number, name in enumerate(header, start=1):
        if not name:
            raise LabelError(f"{table}:1: column {number} has no name: name it, or delete the column")
        if header.count(name) > 1:
            raise LabelError(f"{table}:1: {header.count(name)} columns have the name {name}: rename or delete one")


def _parse_row(where: str, beside: Path, row: Mapping[str, str], default_source: str) -> ImportRow:
    """Parse one row; ValueError describes its problem."""

    def cell(name: str) -> str | None:
        return row.get(name) or None

    file, clip, word = cell("file"), cell("clip"), cell("label")
    if file is None and clip is None:
        raise ValueError("file or clip is empty: name the clip")
    skipped = _parse_flag(row.get("skipped", ""))
    if skipped and word:
        raise ValueError(f"skipped is set, but label is {word!r}: clear one of them")
    return ImportRow(
        where=where,
        path=beside / file if file else None,
        clip=clip,
        source=cell("source") or default_source,
        group=cell("group"),
        word=word,
        skipped=skipped,
        labeller=cell("labeller"),
        guideline=_parse_cell(row, "guideline", int, "a whole number"),
        at=_parse_cell(row, "at", datetime.fromisoformat, "a UTC time, such as 2026-01-31T03:12:45Z"),
        seconds=_parse_cell(row, "seconds", float, "a number"),
        round=_parse_cell(row, "round", int, "a whole number"),
        note=row.get("note", ""),
        attributes=MappingProxyType({name: value for name, value in row.items() if name not in _COLUMNS and value}),
    )


def _parse_cell(row: Mapping[str, str], name: str, parse: Callable[[str], _Value], wanted: str) -> _Value | None:
    """Return the cell's value, None for an empty one; ValueError names the column."""
    cell = row.get(name, "")
    try:
        return parse(cell) if cell else None
    except (ValueError, OverflowError):
        raise ValueError(f"{name} must be {wanted}, is {cell!r}") from None


def _parse_flag(cell: str) -> bool:
    if cell.lower() not in _FLAGS:
        raise ValueError(f"skipped must be true or false, is {cell!r}")
    return _FLAGS[cell.lower()]
