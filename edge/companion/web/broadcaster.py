"""Between the house, which changes in other threads, and the page's event loop.

One task puts the house into words after each change and at each beat, once for all phones that look at it.
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
"""A phone hears from us this often; static/page.js takes us for lost after more than twice as long."""
_SETTLE_S = 0.1
"""News come in bursts; the page shows them together, at most this late."""
_RECENT = timedelta(days=1)


class JournalReader(Protocol):
    """What the page needs of a journal."""

    def episodes(self, device: str, since: datetime) -> Sequence[Episode]:
        """What was told since then."""

    def gaps(self, device: str, since: datetime) -> Sequence[Gap]:
        """When nobody watched since then."""


class Broadcaster:
    """The house as all phones see it."""

    def __init__(
        self, registry: SpeakerRegistry, journal: JournalReader, utc: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._registry = registry
        self._journal = journal
        self._utc = utc
        self._poked = asyncio.Event()
        self._round = asyncio.Condition()
        self.text = ""
        """The house in JSON."""
        self.version = 0
        """Grows with each change of it."""
        self.closed = False

    async def run(self) -> None:
        """Follow the house until ``close``."""
        loop = asyncio.get_running_loop()

        def poke() -> None:
            with suppress(RuntimeError):  # the loop has ended this very moment
                loop.call_soon_threadsafe(self._poked.set)

        unsubscribe = self._registry.subscribe(poke)
        try:
            while not self.closed:
                self._poked.clear()
                told = await asyncio.to_thread(self._build_text)
                async with self._round:
                    if told != self.text:
                        self.text, self.version = told, self.version + 1
                    self._round.notify_all()
                await self._next_round()
        finally:
            unsubscribe()
            async with self._round:
                self._round.notify_all()

    def close(self) -> None:
        """End ``run`` and everything that waits; from the loop's own thread."""
        self.closed = True
        self._poked.set()

    async def await_round(self, seen: int | None = None) -> None:
        """Wait for the next change or beat; not at all where the house has changed since version ``seen``."""
        async with self._round:
            if not self.closed and seen in (None, self.version):
                await self._round.wait()

    async def await_reply(self, device: str, command_id: str, timeout_s: float) -> CommandReply | None:
        """A speaker's answer to a command; None where it has not come in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while (reply := self._registry.reply(device, command_id)) is None and not self.closed:
                    await self.await_round()
                return reply
        except TimeoutError:
            return None

    async def history(self, device: str, zone: ZoneInfo) -> dict[str, Any] | None:
        """The last nights of a speaker; None where there is none of this name."""
        view = next((view for view in self._registry.devices() if view.device == device), None)
        if view is None:
            return None
        utc = self._utc()
        since = night_view.first_noon(utc, zone)

        def told() -> dict[str, Any]:
            episodes, gaps = self._journal.episodes(device, since), self._journal.gaps(device, since)
            return night_view.nights_view(episodes, gaps, utc, zone, under_way=(view.state or {}).get("episode_id"))

        return await asyncio.to_thread(told)

    async def _next_round(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(REFRESH_S):
                await self._poked.wait()
            await asyncio.sleep(0 if self.closed else _SETTLE_S)

    def _build_text(self) -> str:
        utc = self._utc()
        devices = []
        for view in self._registry.devices():
            episodes = self._journal.episodes(view.device, utc - _RECENT)
            gaps = self._journal.gaps(view.device, utc - _RECENT)
            # The nights are asked for again when this changes.
            news = [sum(len(each.events) + len(each.answers) for each in episodes), [gap.ended is None for gap in gaps]]
            told = view_model.live_view(view, episodes, utc, reachable=not self._registry.problem)
            devices.append({**told, "news": json.dumps(news)})
        house = {"broker": self._registry.problem, "warnings": self._registry.warnings, "devices": devices}
        return json.dumps(house, ensure_ascii=False, allow_nan=False)
