"""The repository's root and the data folder."""

import os
from pathlib import Path

from edge.errors import HushdError

REPOSITORY = Path(__file__).resolve().parents[2]


class DataError(HushdError):
    """The training data is missing or not what its manifest says."""

    exit_code = 66


def find_data(option: Path | None = None) -> Path:
    """Return the data folder: the option, otherwise $HUSHD_DATA, otherwise ../shared/data beside the repository.

    Raise DataError if it has no manifest.
    """
    named = option or Path(os.environ.get("HUSHD_DATA", REPOSITORY.parent / "shared" / "data"))
    if not (named / "manifest.csv").is_file():
        raise DataError(
            f"no training data at {named} (manifest.csv not found): name its folder with --data or HUSHD_DATA"
        )
    return named
