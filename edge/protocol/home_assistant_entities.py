"""The entities of a speaker in Home Assistant, as a table.

A value that is a function depends on the speaker; ``build_entities`` calls it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge.detection.decision_settings import Sensitivity
from edge.protocol.commands import LATEST, Verdict
from edge.protocol.heartbeat import HeartbeatPolicy
from edge.protocol.topics import Topics
from edge.records import EventKind, State

_SNOOZE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class Speaker:
    """The properties of a speaker on which its entities depend."""

    topics: Topics
    labels: tuple[str, ...]
    """The model's labels, in schema order."""
    heartbeat_s: float


def build_entities(speaker: Speaker) -> dict[str, dict[str, Any]]:
    """Return name -> discovery fields of each entity, in the order of the table."""
    return {
        name: {key: value(speaker) if callable(value) else value for key, value in fields.items()}
        for name, fields in _ENTITIES.items()
    }


def _command(name: str) -> Callable[[Speaker], str]:
    return lambda speaker: speaker.topics.command(name)


def _alert_template(speaker: Speaker) -> str:
    """Return the template with the event's fields as attributes, and the root of the topics for replies.

    It is empty for a test alert, whose kind is not an event type: Home Assistant ignores an empty text silently.
    """
    root = json.dumps(speaker.topics.root, ensure_ascii=False)  # a literal of Jinja's, too
    event = f"dict(value_json, event_type=value_json.kind, root={root}) | tojson"
    return f"{{{{ '' if value_json.test is defined else {event} }}}}"


def _entity(platform: str, name: str, template: str | Callable[[Speaker], str]) -> dict[str, Any]:
    return {"platform": platform, "name": name, "value_template": template}


def _button(name: str, command: str, payload: str) -> dict[str, Any]:
    return {"platform": "button", "name": name, "command_topic": _command(command), "payload_press": payload}


_FROM_SOUND: Mapping[str, Any] = {  # valid only while the microphone works, and until the heartbeat is overdue
    "availability": lambda speaker: [{"topic": speaker.topics.status}, {"topic": speaker.topics.listening}],
    "availability_mode": "all",
    "expire_after": lambda speaker: round(HeartbeatPolicy(speaker.heartbeat_s).expire_after_s),
}

_ENTITIES: Mapping[str, Mapping[str, Any]] = {
    "crying": {
        **_entity("binary_sensor", "Crying", f"{{{{ 'ON' if value_json.state == '{State.CRYING}' else 'OFF' }}}}"),
        **_FROM_SOUND,
        "device_class": "sound",
    },
    "state": {
        **_entity("sensor", "Baby", "{{ value_json.state }}"),
        **_FROM_SOUND,
        "device_class": "enum",
        "options": list(State),
    },
    "label": {
        **_entity("sensor", "Heard", "{{ value_json.label }}"),
        **_FROM_SOUND,
        "device_class": "enum",
        "options": lambda speaker: list(speaker.labels),
    },
    "level": {
        **_entity("sensor", "Level", "{{ value_json.level_dbfs }}"),
        **_FROM_SOUND,
        "unit_of_measurement": "dBFS",
        "state_class": "measurement",
    },
    "alert": {
        **_entity("event", "Alert", _alert_template),
        "state_topic": lambda speaker: speaker.topics.event,
        "event_types": list(EventKind),
    },
    "last_alert": {
        **_entity("sensor", "Last alert", "{{ value_json.last_alert }}"),
        "device_class": "timestamp",
    },
    "alerts": {
        **_entity("switch", "Alerts", "{{ 'on' if value_json.alerts else 'off' }}"),
        "command_topic": _command("alerts"),
        "payload_on": "on",
        "payload_off": "off",
    },
    "sensitivity": {
        **_entity("select", "Sensitivity", "{{ value_json.sensitivity }}"),
        "command_topic": _command("sensitivity"),
        "options": list(Sensitivity),
    },
    "snooze": _button(f"Snooze {_SNOOZE_MINUTES} minutes", "snooze", str(_SNOOZE_MINUTES)),
    "end_snooze": _button("End snooze", "snooze", "0"),
    "acknowledge": _button("Acknowledge", "acknowledge", LATEST),
    "false_alarm": _button(
        "False alarm", "feedback", json.dumps({"episode_id": LATEST, "verdict": Verdict.FALSE_ALARM})
    ),
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
        "state_topic": lambda speaker: speaker.topics.health,
        "device_class": "problem",
        "entity_category": "diagnostic",
        "json_attributes_topic": lambda speaker: speaker.topics.health,
        "json_attributes_template": "{{ value_json.microphone | tojson }}",
    },
    "model": {
        **_entity("sensor", "Model", "{{ value_json.model }}"),
        "entity_category": "diagnostic",
    },
}
