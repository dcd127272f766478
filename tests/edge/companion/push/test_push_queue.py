"""The queue of one push address: order, retries, repeats and pushes of episodes that have ended."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from edge.companion.alerting.notifications import Tier
from edge.companion.push.queue import Push, PushQueue, PushResult, outbox_path
from edge.companion.push.services import Urgency
from edge.config.companion import PushSettings

SETTINGS = PushSettings(retry_min_s=0.02, retry_max_s=0.05)
CRY = Push("cry", "body", Urgency.RING, "a")


class FakeService:
    """Push service that accepts pushes while ``up`` is true."""

    name = "a fake"

    def __init__(self) -> None:
        self.up = True
        self.taken: list[tuple[str, Urgency]] = []
        self.tries = 0
        self._changed = threading.Condition()

    def send(self, title: str, _body: str, urgency: Urgency) -> str | None:
        with self._changed:
            self.tries += 1
            if self.up:
                self.taken.append((title, urgency))
            self._changed.notify_all()
            return None if self.up else "it is down"

    def wait(self, *, taken: int = 0, tries: int = 0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.taken) >= taken and self.tries >= tries, 5), self.taken


@contextmanager
def address(
    service: FakeService,
    outcomes: list[PushResult] | None = None,
    path: Path | None = None,
    settings: PushSettings = SETTINGS,
) -> Iterator[PushQueue]:
    report = outcomes.append if outcomes is not None else lambda _: None
    running = PushQueue(service, [Tier.FIRST], settings, path, report)
    running.start()
    yield running
    running.stop()
    running.close(5)


def test_a_service_that_is_down_is_retried_and_receives_all_in_order() -> None:
    service, outcomes = FakeService(), list[PushResult]()
    service.up = False
    with address(service, outcomes) as anna:
        for number in range(3):
            anna.add(replace(CRY, title=f"{number}", episode_id=f"{number}"))
        service.wait(tries=5)
        assert anna.problem == "it is down"
        service.up = True
        service.wait(taken=3)
    assert [title for title, _ in service.taken] == ["0", "1", "2"]
    assert anna.problem is None
    assert [outcome.problem for outcome in outcomes][-3:] == [None, None, None]


def test_repeats_do_not_pile_up_while_it_is_down() -> None:
    service = FakeService()
    service.up = False
    with address(service) as anna:
        anna.add(CRY)
        service.wait(tries=2)
        for _ in range(10):
            anna.add(replace(CRY, again=True))
        service.up = True
        service.wait(taken=1)
        service.wait(tries=service.tries)
    assert len(service.taken) == 1


def test_an_alert_that_ends_before_its_push_is_delivered_does_not_ring() -> None:
    service = FakeService()
    service.up = False
    with address(service) as anna:
        anna.add(CRY)
        service.wait(tries=1)
        anna.silence_episode("a")
        anna.add(replace(CRY, title="end", urgency=Urgency.QUIET))
        service.up = True
        service.wait(taken=2)
        anna.add(replace(CRY, title="again"))  # soothing stopped
        service.wait(taken=3)
    assert service.taken == [("cry", Urgency.QUIET), ("end", Urgency.QUIET), ("again", Urgency.RING)]


def test_waiting_pushes_survive_a_restart_and_delivered_ones_are_not_repeated(tmp_path: Path) -> None:
    service, path = FakeService(), outbox_path(tmp_path, "json://secret")
    assert path is not None
    assert "secret" not in path.name
    with address(service, path=path) as anna:
        anna.add(CRY)
        service.wait(taken=1)
        service.up = False
        anna.add(replace(CRY, title="second"))
        service.wait(tries=2)
    service.up = True
    with address(service, path=path):
        service.wait(taken=2)
    assert [title for title, _ in service.taken] == ["cry", "second"]


@pytest.mark.parametrize(("late_after_s", "rings"), [(0.05, Urgency.QUIET), (60.0, Urgency.RING)])
def test_a_late_push_of_an_earlier_run_does_not_ring(tmp_path: Path, late_after_s: float, rings: Urgency) -> None:
    service, path = FakeService(), tmp_path / "push.sqlite"
    service.up = False
    settings = replace(SETTINGS, late_after_s=late_after_s)
    with address(service, path=path, settings=settings) as anna:
        anna.add(CRY)
        anna.add(replace(CRY, title="alarm", urgency=Urgency.ALARM, episode_id=None))
        service.wait(tries=6)
    service.up = True
    with address(service, path=path, settings=settings) as anna:
        service.wait(taken=2)
        anna.add(replace(CRY, title="still"))  # the heartbeat tells of it
        service.wait(taken=3)
    assert [urgency for _, urgency in service.taken] == [rings, Urgency.ALARM, Urgency.RING]


def test_a_late_push_is_marked_and_a_too_old_one_is_dropped() -> None:
    service = FakeService()
    service.up = False
    late = replace(SETTINGS, late_after_s=0.05, max_age_s=60)
    with address(service, settings=late) as anna:
        anna.add(CRY)
        service.wait(tries=6)
        service.up = True
        service.wait(taken=1)
    assert service.taken[0][0] == "Late: cry"
    service.up, service.tries = False, 0
    with address(service, settings=replace(SETTINGS, late_after_s=0.05, max_age_s=0.1)) as anna:
        anna.add(CRY)
        service.wait(tries=2)
        tries = 0
        while tries != service.tries:
            tries = service.tries
            threading.Event().wait(0.3)
        service.up = True
        anna.add(replace(CRY, title="new"))
        service.wait(taken=2)
    assert [title for title, _ in service.taken[1:]] == ["new"]


def test_a_test_push_is_attempted_once() -> None:
    service, outcomes = FakeService(), list[PushResult]()
    service.up = False
    with address(service, outcomes) as anna:
        anna.add(replace(CRY, test="test-1"))
        service.wait(tries=1)
        service.up = True
        anna.add(CRY)
        service.wait(taken=1)
    assert [title for title, _ in service.taken] == ["cry"]
    assert (outcomes[0].push.test, outcomes[0].problem) == ("test-1", "it is down")


def test_a_crash_in_its_thread_is_not_lost() -> None:
    service = FakeService()

    def crash(_: PushResult) -> None:
        raise ZeroDivisionError

    anna = PushQueue(service, [Tier.FIRST], SETTINGS, None, crash)
    anna.start()
    anna.add(CRY)
    anna.close(5)
    with pytest.raises(ZeroDivisionError):
        anna.check()


def test_push_urls_are_absent_from_the_settings_repr() -> None:
    assert "token" not in repr(PushSettings(("pover://user@token",)))


@pytest.mark.parametrize("wrong", [{"retry_min_s": 0.0}, {"retry_max_s": 1.0}, {"late_after_s": 700.0}])
def test_settings_that_could_not_work(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        PushSettings(**wrong)  # type: ignore[arg-type]
