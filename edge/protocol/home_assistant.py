"""MQTT device discovery: the message by which a speaker appears in Home Assistant by itself.

One retained message names every entity, its state topic and its command topic. The publisher sends it at each
connection, and again when Home Assistant reports its own start.
"""

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

from edge.protocol.home_assistant_entities import Speaker, build_entities
from edge.protocol.topics import Topics
from edge.records import EventKind


@dataclass(frozen=True, slots=True)
class DiscoveryMessage:
    """The retained message and the condition for sending it again."""

    topic: str
    text: str
    status_topic: str
    """Home Assistant publishes ``online`` here when it starts and needs the message again."""


def build_discovery(
    *,
    discovery_prefix: str,
    topics: Topics,
    device: str,
    model: str,
    version: str,
    labels: tuple[str, ...],
    heartbeat_s: float,
) -> DiscoveryMessage:
    """Return the discovery message of one speaker."""
    identity = _identity(device)
    text = {
        "device": {
            "identifiers": [identity],
            "name": device,
            "manufacturer": "hushd",
            "model": model,
            "sw_version": version,
        },
        "origin": {"name": "hushd", "sw_version": version},
        "state_topic": topics.state,
        "availability": [{"topic": topics.status}],
        "components": {
            **{
                name: {**fields, "qos": 1, "unique_id": f"{identity}_{name}"}
                for name, fields in build_entities(Speaker(topics, labels, heartbeat_s)).items()
            },
            **{f"trigger_{kind}": _trigger(kind, topics) for kind in EventKind},
        },
    }
    return DiscoveryMessage(
        topic=f"{discovery_prefix}/device/{identity}/config",
        text=json.dumps(text, ensure_ascii=False, separators=(",", ":")),
        status_topic=f"{discovery_prefix}/status",
    )


def _identity(device: str) -> str:
    """Return an id in the characters that a discovery topic allows; a checksum keeps names apart that become equal."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", device)
    return f"hushd_{plain}" if plain == device else f"hushd_{plain}_{zlib.crc32(device.encode()):08x}"


def _trigger(kind: EventKind, topics: Topics) -> dict[str, Any]:
    """Return the device trigger of one event kind; it does not fire while muted, like the phones."""
    return {
        "platform": "device_automation",
        "automation_type": "trigger",
        "type": kind.removeprefix("cry_"),
        "subtype": "crying",  # Home Assistant shows both as: "crying" started
        "topic": topics.event,
        "payload": kind,
        "value_template": "{{ '' if value_json.muted else value_json.kind }}",
        "qos": 1,
    }
