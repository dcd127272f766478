"""JSON requests of the page: reading them with strict checks, and sending their commands to the speakers."""

import asyncio
import json
from collections.abc import Mapping

from starlette.requests import Request

from edge.companion.mqtt.command_client import CommandClient
from edge.errors import BrokerError
from edge.protocol.commands import CommandMessage, Rejection, Verdict, parse

_MAX_BYTES = 1024
_BODY_S = 5.0
"""Longest time for a request's body to arrive."""

Value = str | int | float | bool | None


class BadRequestError(Exception):
    """A rejected request, with the HTTP status and a reason that the page shows."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


async def read_fields(request: Request, *names: str) -> Mapping[str, Value]:
    """Return the JSON object of a request, with exactly these names and plain values.

    Raise BadRequestError for another type, size or content, or a body that arrives too slowly.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise BadRequestError(415, "it must be application/json")
    content = b""
    try:
        async with asyncio.timeout(_BODY_S):
            async for chunk in request.stream():
                content += chunk
                if len(content) > _MAX_BYTES:
                    raise BadRequestError(413, f"it is longer than {_MAX_BYTES} bytes")
        found = json.loads(content.decode("utf-8"))
    except TimeoutError:
        raise BadRequestError(408, "it took too long to arrive") from None
    except (ValueError, RecursionError):
        raise BadRequestError(400, "it is not JSON") from None
    if not isinstance(found, dict) or set(found) != set(names):
        raise BadRequestError(400, f"it must hold {', '.join(names)}, and nothing else")
    if not all(_is_plain(value) for value in found.values()):
        raise BadRequestError(400, "its values must be plain text or numbers")
    return found


def text_field(values: Mapping[str, Value], name: str) -> str:
    """Return a value that must be text; raise BadRequestError for another type."""
    value = values[name]
    if not isinstance(value, str):
        raise BadRequestError(400, f"{name} must be text")
    return value


def send(commands: CommandClient, device: str, name: str, value: Value) -> str:
    """Send a command to a speaker and return the command's id; raise BadRequestError where it cannot be sent.

    ``value`` of feedback is ``EPISODE VERDICT``.
    """
    content = _verdict(value) if name == "feedback" else {"value": value}
    command = parse(CommandMessage(name, json.dumps(content).encode(), retained=False))
    if isinstance(command, Rejection):
        raise BadRequestError(400, command.reason)
    try:
        return commands.send(device, name, content)
    except BrokerError as error:
        raise BadRequestError(503, str(error)) from None


def _verdict(value: Value) -> dict[str, Value]:
    episode, _, verdict = str(value).partition(" ")
    if verdict not in list(Verdict):
        raise BadRequestError(400, f"value must be an episode and {', '.join(Verdict)}")
    return {"episode_id": episode, "verdict": verdict}


def _is_plain(value: object) -> bool:
    # JSON accepts half a surrogate pair; it cannot be encoded as UTF-8, and isprintable() is False for it.
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and value.isprintable())
