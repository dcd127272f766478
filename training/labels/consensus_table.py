"""The reader of a consensus table, which people may have edited: it validates every row."""

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
    """Return the text of a table that ``read_consensus`` accepts; LabelError names the first wrong line."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some spreadsheets write a byte order mark
        table = csv.DictReader(io.StringIO(text), strict=True)
        rows = [(table.line_num, row) for row in table]
    except OSError as error:
        raise StorageError(f"consensus {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise LabelError(f"{path} is not a table: save it as CSV, with commas and in UTF-8 ({error})") from error
    lacking = [name for name in _NEEDED if name not in (table.fieldnames or ())]
    if lacking:
        raise LabelError(
            f"{path}:1: column {', '.join(lacking)} is missing: save it as CSV, with commas and all columns"
        )
    lines: dict[str | None, int] = {}
    for line, row in rows:
        problem = _find_problem(row, rows[0][1]["digest"], guideline)
        if not problem and lines.setdefault(row["clip"], line) != line:
            problem = f"names the same clip as line {lines[row['clip']]}"
        if problem:
            raise LabelError(
                f"{path}:{line}: {problem}: correct it, or write the table again with `python -m training consensus`"
            )
    return text


def _find_problem(row: Mapping[str | None, str | None], digest: str | None, guideline: Guideline) -> str:
    """Return the problem of a row, or an empty text; ``digest`` is the guideline digest of the first row."""
    if None in row or None in row.values():
        return "the number of cells differs from the number of columns"
    cells = {str(name): str(cell) for name, cell in row.items()}
    if cells["digest"] != digest:
        return "digest differs from that of the first row"
    labels = (*guideline.names, UNDECIDED) if digest == guideline.digest else (cells["label"],)
    for name, known in (("label", labels), ("heard", ("yes", "no"))):
        if cells[name] not in known:
            return f"{name} is {cells[name]!r}, but must be one of {', '.join(each or '(empty)' for each in known)}"
    for name in ("clip", PIECE_OF):
        if not _SHA256.fullmatch(cells.get(name) or ("" if name == "clip" else "0" * 64)):
            return f"{name} is {cells[name]!r}, but must be a SHA-256 in hex"
    start_s = cells.get(PIECE_AT) or "0"
    return "" if _is_time(start_s) else f"{PIECE_AT} is {start_s!r}, but must be a number of seconds from 0"


def _is_time(cell: str) -> bool:
    try:
        return 0 <= float(cell) < math.inf
    except ValueError:
        return False
