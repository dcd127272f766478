"""Clips that parents agreed to share: a folder from one speaker, the sound and what the speaker said of it.

    shared/
        clips.jsonl      one line a clip: the event as it went out over MQTT (``messages.py``), and its ``file``
        3f2a-1.flac      the sound, beside it: any format libsndfile reads

A line needs ``file`` and ``device``; ``kind``, ``label``, ``at``, ``episode_id`` and the parents' ``verdict``
(``set/feedback``) are kept as attributes. What the speaker's model said is no label: people listen first. All clips of
one speaker are one group, for it is one infant.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from training.labels.import_row import ImportRow, refuse
from training.labels.records import LabelError

TABLE = "clips.jsonl"
SCHEMA_VERSION = 1
"""``v`` of the events this reads."""
_KEPT = {"kind": "event", "label": "said", "at": "at", "episode_id": "episode", "verdict": "verdict"}
"""Field of the line -> attribute of the clip."""
_DEVICE = re.compile(r"[\w.-]{1,64}")


def device_clips(folder: Path) -> list[ImportRow]:
    """Every line, or LabelError naming those that are wrong."""
    table = folder / TABLE
    found, problems = [], []
    try:
        for line, text in enumerate(table.read_text(encoding="utf-8").splitlines(), start=1):
            if text.strip():
                try:
                    found.append(_found(f"{table}:{line}", folder, _fields(text)))
                except ValueError as error:
                    problems.append(f"{table}:{line}: {error}")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{table}: cannot be read: {error}") from error
    refuse(problems)
    if not found:
        raise LabelError(f"{table}: no clips")
    return found


def _fields(text: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(
            "is not JSON, such as after an interrupted copy: take the folder from the speaker again"
        ) from error
    if type(fields) is not dict:
        raise ValueError("is not a JSON object")
    if fields.get("v", SCHEMA_VERSION) != SCHEMA_VERSION:
        raise ValueError(f"is of schema version {fields['v']!r}; this program knows {SCHEMA_VERSION}")
    return fields


def _found(where: str, folder: Path, fields: Mapping[str, Any]) -> ImportRow:
    """ValueError says what is wrong with the line."""
    file, device = fields.get("file"), fields.get("device")
    if not isinstance(file, str) or Path(file).name != file or file in ("", ".", "..") or "\0" in file:
        raise ValueError(f"file must name a file beside the table, not {file!r:.80}")
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        raise ValueError(f"device must be a speaker's name, not {device!r:.80}")
    return ImportRow(
        where=where,
        path=folder / file,
        source=f"device:{device}",
        group=f"device:{device}",
        attributes=MappingProxyType(dict(_attributes(fields))),
    )


def _attributes(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, attribute in _KEPT.items():
        value = fields.get(field)
        if value is not None:
            if not isinstance(value, str):
                raise ValueError(f"{field} must be text, not {value!r:.80}")
            yield attribute, value
