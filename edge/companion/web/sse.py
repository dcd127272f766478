"""Live view by server-sent events to every open page.

    event: house   the live view in JSON, at first and after each change
    event: beat    a refresh without a change

A phone that has left the network leaves a connection that stays open for a quarter of an hour. So the newest stream
ends the oldest one where a limit is exceeded.
"""

from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse

from edge.companion.web.broadcaster import Broadcaster

_PER_PHONE = 4
"""Streams of one phone: two tabs, and two that it has lost."""
_IN_TOTAL = 64
_RETRY_MS = 1000
"""Time after which a browser reconnects a lost stream."""


class EventStreams:
    """Open streams of all phones, within the limits."""

    def __init__(self, broadcaster: Broadcaster) -> None:
        self._broadcaster = broadcaster
        self._open: dict[object, int] = {}  # stream to phone id, the oldest first

    def open(self, phone: int, is_paired: Callable[[], bool]) -> StreamingResponse:
        """Open a stream to a phone, which ends when the phone is unpaired."""
        return StreamingResponse(
            self._events(phone, is_paired), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def _events(self, phone: int, is_paired: Callable[[], bool]) -> AsyncIterator[str]:
        stream = object()
        self._open[stream] = phone
        self._make_room(phone)
        try:
            yield f"retry: {_RETRY_MS}\n\n"
            seen = 0
            while stream in self._open and not self._broadcaster.closed and is_paired():
                if self._broadcaster.version > seen:
                    seen = self._broadcaster.version
                    yield f"event: house\ndata: {self._broadcaster.text}\n\n"
                else:
                    yield "event: beat\ndata:\n\n"
                await self._broadcaster.await_round(seen)
        finally:
            self._open.pop(stream, None)

    def _make_room(self, phone: int) -> None:
        own = [stream for stream, owner in self._open.items() if owner == phone]
        for stream in [*own[:-_PER_PHONE], *list(self._open)[:-_IN_TOTAL]]:
            self._open.pop(stream, None)
