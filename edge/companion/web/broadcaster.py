"""Broadcaster of the live view: from the registry, which changes in other threads, to the page's event loop.

One task builds the JSON after each change and at each refresh, once for all open streams.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from edge.companion.history.episodes import Episode
from edge.companion.history.journal import Gap
from edge.companion.mqtt.speaker_registry import SpeakerRegistry
from edge.companion.web import night_view, view_model
from edge.protocol.messages import CommandReply

REFRESH_S = 5.0
"""Interval of events on a stream; static/page.js counts the connection as lost after more than twice as long."""
_SETTLE_S = 0.1
"""Messages come in bursts; the page shows a burst at once, at most this late."""
_RECENT = timedelta(days=1)


class JournalReader(Protocol):
    """Part of a journal that the page reads."""

    def episodes(self, device: str, since: datetime) -> Sequence[Episode]:
        """Return the episodes with an event since then."""

    def gaps(self, device: str, since: datetime) -> Sequence[Gap]:
        """Return the gaps in the monitoring since then."""


class Broadcaster:
    """JSON of all speakers' live views, and its distribution to the open streams."""

    def __init__(
        self, registry: SpeakerRegistry, journal: JournalReader, utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._registry = registry
        self._journal = journal
        self._utc = utc
        self._changed = asyncio.Event()
        self._round = asyncio.Condition()
        self.text = ""
        """Live view of all speakers in JSON."""
        self.version = 0
        """A number that grows with each change of ``text``."""
        self.closed = False

    async def run(self) -> None:
        """Rebuild ``text`` after each change of the registry, until ``close``."""
        loop = asyncio.get_running_loop()

        def set_changed() -> None:
            with suppress(RuntimeError):  # the loop has just ended
                loop.call_soon_threadsafe(self._changed.set)

        unsubscribe = self._registry.subscribe(set_changed)
        try:
            while not self.closed:
                self._changed.clear()
                text = await asyncio.to_thread(self._build_text)
                async with self._round:
                    if text != self.text:
                        self.text, self.version = text, self.version + 1
                    self._round.notify_all()
                await self._next_round()
        finally:
            unsubscribe()
            async with self._round:
                self._round.notify_all()

    def close(self) -> None:
        """End ``run`` and all waiting tasks; to be called in the loop's thread."""
        self.closed = True
        self._changed.set()

    async def await_round(self, seen: int | None = None) -> None:
        """Wait for the next change or refresh; return at once where ``version`` differs from ``seen``."""
        async with self._round:
            if not self.closed and seen in (None, self.version):
                await self._round.wait()

    async def await_reply(self, device: str, command_id: str, timeout_s: float) -> CommandReply | None:
        """Return a speaker's reply to a command, or None where it does not come in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while (reply := self._registry.reply(device, command_id)) is None and not self.closed:
                    await self.await_round()
                return reply
        except TimeoutError:
            return None

    async def history(self, device: str, zone: ZoneInfo) -> dict[str, Any] | None:
        """Return the last nights of a speaker as ``night_view`` builds them, or None for an unknown speaker."""
        view = next((view for view in self._registry.devices() if view.device == device), None)
        if view is None:
            return None
        utc = self._utc()
        since = night_view.first_noon(utc, zone)

        def build_nights() -> dict[str, Any]:
            episodes, gaps = self._journal.episodes(device, since), self._journal.gaps(device, since)
            return night_view.nights_view(episodes, gaps, utc, zone, under_way=(view.state or {}).get("episode_id"))

        return await asyncio.to_thread(build_nights)

    async def _next_round(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(REFRESH_S):
                await self._changed.wait()
            await asyncio.sleep(0 if self.closed else _SETTLE_S)

    def _build_text(self) -> str:
        utc = self._utc()
        devices = []
        for view in self._registry.devices():
            episodes = self._journal.episodes(view.device, utc - _RECENT)
            gaps = self._journal.gaps(view.device, utc - _RECENT)
            # The page requests the nights again when this changes.
            news = [sum(len(each.events) + len(each.answers) for each in episodes), [gap.ended is None for gap in gaps]]
            live = view_model.live_view(view, episodes, utc, reachable=not self._registry.problem)
            devices.append({**live, "news": json.dumps(news)})
        home = {"broker": self._registry.problem, "warnings": self._registry.warnings, "devices": devices}
        return json.dumps(home, ensure_ascii=False, allow_nan=False)
