"""What Home Assistant is told so that the speaker appears there by itself: MQTT device discovery.

One retained message names every entity, where its state comes from and where its commands go. It is sent at each
connection, and again when Home Assistant says that it has just started.
"""

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

from edge.detection.decision_settings import Sensitivity
from edge.protocol.commands import LATEST, Verdict
from edge.protocol.messages import MISSED_BEATS
from edge.protocol.topics import Topics
from edge.records import EventKind, State

_SNOOZE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Announcement:
    """What to publish, retained, and when to publish it again."""

    topic: str
    text: str
    asked_on: str
    """Whoever needs it again says ``online`` here."""


def announcement(
    *,
    discovery_prefix: str,
    topics: Topics,
    device: str,
    model: str,
    version: str,
    labels: tuple[str, ...],
    heartbeat_s: float,
) -> Announcement:
    """The discovery message of one speaker."""
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
                for name, fields in _entities(topics, labels, heartbeat_s).items()
            },
            **{f"trigger_{kind}": _trigger(kind, topics) for kind in EventKind},
        },
    }
    return Announcement(
        topic=f"{discovery_prefix}/device/{identity}/config",
        text=json.dumps(text, ensure_ascii=False, separators=(",", ":")),
        asked_on=f"{discovery_prefix}/status",
    )


def _identity(device: str) -> str:
    """In the signs that a discovery topic may have; names that differ only in others stay apart."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", device)
    return f"hushd_{plain}" if plain == device else f"hushd_{plain}_{zlib.crc32(device.encode()):08x}"


def _entities(topics: Topics, labels: tuple[str, ...], heartbeat_s: float) -> dict[str, dict[str, Any]]:
    heard = {  # believed only while there is a microphone, and for a while
        "availability": [{"topic": topics.status}, {"topic": topics.listening}],
        "availability_mode": "all",
        "expire_after": round(MISSED_BEATS * heartbeat_s),
    }
    snooze, acknowledge = topics.command("snooze"), topics.command("acknowledge")
    false_alarm = json.dumps({"episode_id": LATEST, "verdict": Verdict.FALSE_ALARM})
    return {
        "crying": {
            **_entity("binary_sensor", "Crying", f"{{{{ 'ON' if value_json.state == '{State.CRYING}' else 'OFF' }}}}"),
            **heard,
            "device_class": "sound",
        },
        "state": {
            **_entity("sensor", "Baby", "{{ value_json.state }}"),
            **heard,
            "device_class": "enum",
            "options": list(State),
        },
        "label": {
            **_entity("sensor", "Heard", "{{ value_json.label }}"),
            **heard,
            "device_class": "enum",
            "options": list(labels),
        },
        "level": {
            **_entity("sensor", "Level", "{{ value_json.level_dbfs }}"),
            **heard,
            "unit_of_measurement": "dBFS",
            "state_class": "measurement",
        },
        "alert": {
            **_entity("event", "Alert", _alert(topics)),
            "state_topic": topics.event,
            "event_types": list(EventKind),
        },
        "last_alert": {
            **_entity("sensor", "Last alert", "{{ value_json.last_alert }}"),
            "device_class": "timestamp",
        },
        "alerts": {
            **_entity("switch", "Alerts", "{{ 'on' if value_json.alerts else 'off' }}"),
            "command_topic": topics.command("alerts"),
            "payload_on": "on",
            "payload_off": "off",
        },
        "sensitivity": {
            **_entity("select", "Sensitivity", "{{ value_json.sensitivity }}"),
            "command_topic": topics.command("sensitivity"),
            "options": list(Sensitivity),
        },
        "snooze": _button(f"Snooze {_SNOOZE_MINUTES} minutes", snooze, str(_SNOOZE_MINUTES)),
        "end_snooze": _button("End snooze", snooze, "0"),
        "acknowledge": _button("Acknowledge", acknowledge, LATEST),
        "false_alarm": _button("False alarm", topics.command("feedback"), false_alarm),
        "snoozed_until": {
            **_entity("sensor", "Snoozed until", "{{ value_json.snoozed_until }}"),
            "device_class": "timestamp",
        },
        "microphone": {
            **_entity(
                "binary_sensor",
                "Microphone",
                "{{ 'OFF' if value_json.microphone.state in ('listening', 'starting') else 'ON' }}",
            ),
            "state_topic": topics.health,
            "device_class": "problem",
            "entity_category": "diagnostic",
            "json_attributes_topic": topics.health,
            "json_attributes_template": "{{ value_json.microphone | tojson }}",
        },
        "model": {
            **_entity("sensor", "Model", "{{ value_json.model }}"),
            "entity_category": "diagnostic",
        },
    }


def _alert(topics: Topics) -> str:
    """The event's fields as attributes, and the root of the topics, below which it can be answered.

    Nothing of a test alert, whose kind is none of the event types: Home Assistant passes over an empty text in silence.
    """
    root = json.dumps(topics.root, ensure_ascii=False)  # as a literal of Jinja's
    event = f"dict(value_json, event_type=value_json.kind, root={root}) | tojson"
    return f"{{{{ '' if value_json.test is defined else {event} }}}}"


def _trigger(kind: EventKind, topics: Topics) -> dict[str, Any]:
    """One thing that may start an automation; silent while muted, as the phones are."""
    return {
        "platform": "device_automation",
        "automation_type": "trigger",
        "type": kind.removeprefix("cry_"),
        "subtype": "crying",  # which Home Assistant shows as: "crying" started
        "topic": topics.event,
        "payload": kind,
        "value_template": "{{ '' if value_json.muted else value_json.kind }}",
        "qos": 1,
    }


def _entity(platform: str, name: str, template: str) -> dict[str, Any]:
    return {"platform": platform, "name": name, "value_template": template}


def _button(name: str, topic: str, payload: str) -> dict[str, Any]:
    return {"platform": "button", "name": name, "command_topic": topic, "payload_press": payload}
