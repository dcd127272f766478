"""A consensus that is given to training as a table, which people may have edited: checked before it is believed."""

import csv
import io
import math
import re
from collections.abc import Mapping
from pathlib import Path

from edge.errors import StorageError
from label_schema import Guideline
from training.labels.consensus import COLUMNS, UNDECIDED
from training.labels.records import PIECE_AT, PIECE_OF, LabelError

_NEEDED = [name for name in COLUMNS if name not in (PIECE_OF, PIECE_AT)]
_SHA256 = re.compile("[0-9a-f]{64}")


def read_consensus_table(path: Path, guideline: Guideline) -> str:
    """The table as ``labeled.read_consensus`` can follow it; LabelError names the first line that it cannot."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some spreadsheets begin with a mark
        table = csv.DictReader(io.StringIO(text), strict=True)
        rows = [(table.line_num, row) for row in table]
    except OSError as error:
        raise StorageError(f"consensus {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{path} is no table: save it as CSV, with commas and in UTF-8 ({error})") from error
    lacking = [name for name in _NEEDED if name not in (table.fieldnames or ())]
    if lacking:
        raise LabelError(f"{path}:1: has no column {', '.join(lacking)}: save it as CSV, with commas, all columns kept")
    lines: dict[str | None, int] = {}
    for line, row in rows:
        wrong = _wrong(row, rows[0][1]["digest"], guideline)
        if not wrong and lines.setdefault(row["clip"], line) != line:
            wrong = f"is of the same clip as line {lines[row['clip']]}"
        if wrong:
            raise LabelError(f"{path}:{line}: {wrong}: mend it, or make it anew with `python -m training consensus`")
    return text


def _wrong(row: Mapping[str | None, str | None], digest: str | None, guideline: Guideline) -> str:
    """What is wrong with a row of a table that begins with this digest; empty if nothing."""
    if None in row or None in row.values():
        return "has not as many cells as there are columns"
    cells = {str(name): str(cell) for name, cell in row.items()}
    if cells["digest"] != digest:
        return "has another guideline's digest than the first row"
    labels = (*guideline.names, UNDECIDED) if digest == guideline.digest else (cells["label"],)
    for name, known in (("label", labels), ("heard", ("yes", "no"))):
        if cells[name] not in known:
            return f"{name} is {cells[name]!r}, none of {', '.join(each or 'nothing' for each in known)}"
    for name in ("clip", PIECE_OF):
        if not _SHA256.fullmatch(cells.get(name) or ("" if name == "clip" else "0" * 64)):
            return f"{name} is {cells[name]!r}, no SHA-256"
    start_s = cells.get(PIECE_AT) or "0"
    return "" if _is_time(start_s) else f"{PIECE_AT} is {start_s!r}, no number of seconds"


def _is_time(cell: str) -> bool:
    try:
        return 0 <= float(cell) < math.inf
    except ValueError:
        return False
