"""A test alert and its answers: the JSON by which one tries the way to the phones while nobody cries.

Kept, as all that leaves the device, by golden files in ``tests/contract``.
"""

from datetime import datetime

from edge.protocol.messages import SCHEMA_VERSION, iso, line


def alert(device: str, drill_id: str, utc: datetime) -> str:
    """An event with ``test``, which no other has. It has the shape of them all, and does not ring by itself."""
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
    leg: str,
    companion: str,
    *,
    address: str | None,
    problem: str | None,
    took_s: float,
    addresses: int,
) -> str:
    """How far a test alert has come: to the ``companion``, which pushes it to so many addresses, or through a ``push``.

    ``companion`` tells one from another; ``address`` names one of its addresses as its configuration does, without its
    secrets.
    """
    return line(
        {
            "v": SCHEMA_VERSION,
            "type": "test_answer",
            "id": drill_id,
            "leg": leg,
            "companion": companion,
            "address": address,
            "problem": problem,
            "took_s": round(took_s, 3),
            "addresses": addresses,
        }
    )
