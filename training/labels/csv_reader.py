"""The reader of CSV tables of clips and labels.

Columns: ``file`` (beside the table) or ``clip`` (the SHA-256 of one in the store), and any of ``label``, ``labeller``,
``seconds``, ``at`` (UTC), ``round``, ``skipped``, ``source``, ``group``, ``guideline``, ``note``. Every other column is
an attribute of the clip.
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from training.labels.import_row import ImportRow, raise_problems
from training.labels.records import LabelError

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
        raise LabelError(f"{table}: cannot be read: {error}") from error
    raise_problems(problems)
    if not rows:
        raise LabelError(f"{table}: the table has no rows")
    return rows


def _rows(table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = [name.strip() for name in next(reader, [])]
        if ("file" in header) == ("clip" in header):
            raise LabelError(
                f"{table}:1: needs a column file or a column clip, but has {', '.join(header) or 'no columns'}"
            )
        if len(set(header)) < len(header) or "" in header:
            raise LabelError(f"{table}:1: every column needs its own name")
        for cells in reader:
            if len(cells) != len(header):
                raise LabelError(f"{table}:{reader.line_num}: {len(cells)} cells under {len(header)} columns")
            yield reader.line_num, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}


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
        attributes=MappingProxyType({name: value for name, value in row.items() if name not in _COLUMNS and value}),
    )


def _parse_flag(cell: str) -> bool:
    if cell.lower() not in _FLAGS:
        raise ValueError(f"skipped must be true or false, not {cell!r}")
    return _FLAGS[cell.lower()]
