"""The reader of clips that parents agreed to share: a folder from one device.

    shared/
        clips.jsonl      one line a clip: the event as published over MQTT, and its ``file``
        3f2a-1.flac      the clip, in any format that libsndfile reads

A line needs ``file`` and ``device``. ``kind``, ``label``, ``at``, ``episode_id`` and the parents' ``verdict``
(``set/feedback``) become attributes. The output of the device's model is not a label: people listen first. All clips
of a device are one group, because it is one infant.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from training.labels.import_row import ImportRow, raise_problems, unreadable
from training.labels.records import LabelError

TABLE = "clips.jsonl"
SCHEMA_VERSION = 1
"""Supported ``v`` of the events."""
_ATTRIBUTES = {"kind": "event", "label": "said", "at": "at", "episode_id": "episode", "verdict": "verdict"}
"""Field of the line -> attribute of the clip."""
_DEVICE = re.compile(r"[\w.-]{1,64}")


def device_clips(folder: Path) -> list[ImportRow]:
    """Return every line as a row; LabelError names the wrong ones."""
    table = folder / TABLE
    rows, problems = [], []
    try:
        for line, text in enumerate(table.read_text(encoding="utf-8").splitlines(), start=1):
            if text.strip():
                try:
                    rows.append(_parse_line(f"{table}:{line}", folder, _parse_json(text)))
                except ValueError as error:
                    problems.append(f"{table}:{line}: {error}")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(table, error) from error
    raise_problems(problems)
    if not rows:
        raise LabelError(f"{table}: the table has no clips")
    return rows


def _parse_json(text: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError("is not JSON; the copy may be incomplete: copy the folder from the device again") from error
    if type(fields) is not dict:
        raise ValueError("is not a JSON object")
    if fields.get("v", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise ValueError(f"has schema version v={fields['v']!r}; supported: {SCHEMA_VERSION}")
    return fields


def _parse_line(where: str, folder: Path, fields: Mapping[str, Any]) -> ImportRow:
    """Parse one line; ValueError describes its problem."""
    file, device = fields.get("file"), fields.get("device")
    if not isinstance(file, str) or Path(file).name != file or file in ("", ".", "..") or "\0" in file:
        raise ValueError(f"file must be the name of a file beside the table, not {file!r:.80}")
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        raise ValueError(f"device must be a device name (letters, digits, _ . -), not {device!r:.80}")
    return ImportRow(
        where=where,
        path=folder / file,
        source=f"device:{device}",
        group=f"device:{device}",
        attributes=MappingProxyType(dict(_attributes(fields))),
    )


def _attributes(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, attribute in _ATTRIBUTES.items():
        value = fields.get(field)
        if value is not None:
            if not isinstance(value, str):
                raise ValueError(f"{field} must be text, not {value!r:.80}")
            yield attribute, value
