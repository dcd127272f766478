"""The test alert and its replies: JSON that tests the way to the phones without a cry.

Golden files in ``tests/contract`` fix their shape, as for all messages of the device.
"""

from datetime import datetime

from edge.protocol.messages import SCHEMA_VERSION, iso, line


def alert(device: str, drill_id: str, utc: datetime) -> str:
    """Return an event with the extra field ``test``. It has the shape of any event and does not ring by itself."""
    return line(
        {
            "v": SCHEMA_VERSION,
            "type": "event",
            "kind": "test",
            "episode_id": drill_id,
            "label": "none",
            "onset_s": 0.0,
            "at_s": 0.0,
            "confidence": 0.0,
            "why": "a test of the way to the phones: nobody cries",
            "device": device,
            "id": drill_id,
            "seq": 1,
            "onset": iso(utc),
            "at": iso(utc),
            "rings": False,
            "muted": None,
            "unanswered_s": None,
            "late": False,
            "test": True,
        }
    )


def answer(
    drill_id: str,
    step: str,
    companion: str,
    *,
    address: str | None,
    problem: str | None,
    took_s: float,
    addresses: int,
) -> str:
    """Return the report of one step of a test alert: ``companion`` has received it, or a ``push`` has been sent.

    ``companion`` identifies the companion, which pushes to ``addresses`` recipients. ``address`` names one of them as
    in its configuration, without secrets; it is None for the step ``companion``. ``took_s`` is in seconds.
    """
    return line(
        {
            "v": SCHEMA_VERSION,
            "type": "test_answer",
            "id": drill_id,
            "leg": step,
            "companion": companion,
            "address": address,
            "problem": problem,
            "took_s": round(took_s, 3),
            "addresses": addresses,
        }
    )
