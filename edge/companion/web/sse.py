"""The live view: server-sent events to every phone that looks.

    event: house   the house in JSON, at first and after each change
    event: beat    nothing new; we are here

A phone that has gone out of reach leaves a connection behind that nobody closes for a quarter of an hour. So there is
no queue to wait in: beyond what is allowed, the oldest stream ends for the newest.
"""

from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse

from edge.companion.web.broadcaster import Broadcaster

_EACH = 4
"""Streams of one phone: two tabs, and those it has lost."""
_TOGETHER = 64
_RETRY_MS = 1000
"""After so long, a browser that lost us comes back."""


class EventStreams:
    """All streams under way."""

    def __init__(self, hub: Broadcaster) -> None:
        self._hub = hub
        self._open: dict[object, int] = {}  # stream -> phone, the oldest first

    def open(self, phone: int, is_let_in: Callable[[], bool]) -> StreamingResponse:
        """A stream to a phone, for as long as it is let in."""
        return StreamingResponse(
            self._events(phone, is_let_in), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def _events(self, phone: int, is_let_in: Callable[[], bool]) -> AsyncIterator[str]:
        stream = object()
        self._open[stream] = phone
        self._make_room(phone)
        try:
            yield f"retry: {_RETRY_MS}\n\n"
            seen = 0
            while stream in self._open and not self._hub.closed and is_let_in():
                if self._hub.version > seen:
                    seen = self._hub.version
                    yield f"event: house\ndata: {self._hub.text}\n\n"
                else:
                    yield "event: beat\ndata:\n\n"
                await self._hub.await_round(seen)
        finally:
            self._open.pop(stream, None)

    def _make_room(self, phone: int) -> None:
        own = [stream for stream, owner in self._open.items() if owner == phone]
        for stream in [*own[:-_EACH], *list(self._open)[:-_TOGETHER]]:
            self._open.pop(stream, None)
