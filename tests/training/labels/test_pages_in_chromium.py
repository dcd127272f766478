"""The report pages in a browser: audio plays, pictures show, keys work, a thousand clips stay usable.

Screenshots lie in the test's folder (``--basetemp``), to be looked at.
"""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from matplotlib.image import imread
from playwright.sync_api import Browser, Page

from tests.support import audit_sounds as sounds
from tests.support.browser import PATIENCE_MS, chromium
from tests.support.command_line import run
from tests.support.small_store import clip, labels
from training.labels import importers
from training.labels.agreement import measure_agreement
from training.labels.clip_media import write_media
from training.labels.disagreements import disagreements
from training.labels.records import guideline_of
from training.labels.report import write_report
from training.labels.run_import import ImportSettings, import_all
from training.labels.store import LabelStore

pytestmark = pytest.mark.real

MANY = 1_000
CURRENT = ".clip.current"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 1400}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    found = context.new_page()
    complaints: list[str] = []
    found.on("pageerror", lambda error: complaints.append(str(error)))
    yield found
    assert complaints == []
    context.close()


def report(folder: Path) -> Path:
    """Write an agreement report on six voices, three of them with a disagreement."""
    for number in range(6):
        sounds.write(folder / "clips" / "none" / f"{number}.flac", sounds.voice(number, seed=4))
    with LabelStore(folder / "store", create=True) as store:
        import_all(store, importers.folder(folder / "clips"), ImportSettings())
        store.add([], labels(list(store.clips().values()), {"anna": "cfs...", "bo": "css.c."}))
        return written(store, folder / "report")


def written(store: LabelStore, out: Path) -> Path:
    given, clips, guideline = store.labels(2), store.clips(), guideline_of(2)
    return write_report(
        store, measure_agreement(given, clips, 2), disagreements(given, clips, guideline), guideline, out, 1
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    report(folder)
    run("audit", "--store", folder / "store", "--out", folder / "audit", "--jobs", "1")
    return folder


def plays(page: Page, audio: str) -> None:
    """Wait until only this audio has played for a while."""
    page.wait_for_function("at => document.querySelector(at)?.currentTime > 0.2", arg=audio)
    assert page.locator(".sound.playing").count() <= 1  # 0 if it has ended already


def test_a_disagreement_is_played_and_decided_by_keyboard(page: Page, desk: Path, tmp_path: Path) -> None:
    page.goto((desk / "report" / "index.html").as_uri())
    page.keyboard.press("j")
    page.keyboard.press(" ")
    plays(page, f"{CURRENT} audio")
    page.screenshot(path=tmp_path / "disagreement.png")
    picture = tmp_path / "spectrogram.png"
    page.locator(f"{CURRENT} .picture img").screenshot(path=picture)
    assert imread(picture)[..., :3].std() > 0.05  # more than one color
    page.keyboard.press(" ")
    page.wait_for_function("at => document.querySelector(at).paused", arg=f"{CURRENT} audio")
    page.keyboard.press("2")
    assert page.locator(f"{CURRENT} input:checked").get_attribute("value") == "fussing"
    first = page.locator(CURRENT).get_attribute("data-clip")
    page.keyboard.press("j")
    assert page.locator(CURRENT).get_attribute("data-clip") != first
    page.keyboard.press("k")
    assert page.locator(CURRENT).get_attribute("data-clip") == first

    page.reload()  # decisions survive
    assert page.locator("#decided").text_content() == "1"
    page.locator("#adjudicator").fill("eve j k 1")  # keys that are shortcuts outside the field
    with page.expect_download() as download:
        page.locator("#save").click()
    table = tmp_path / "adjudications.csv"
    download.value.save_as(table)
    (row,) = csv.DictReader(table.read_text().splitlines())
    assert (row["clip"], row["label"], row["labeller"]) == (first, "fussing", "adjudication:eve j k 1")
    run("import", "csv", table, "--store", desk / "store", "--jobs", "1")


def test_a_click_on_the_picture_plays_from_that_time(page: Page, desk: Path) -> None:
    page.goto((desk / "report" / "index.html").as_uri())
    page.locator(".picture").nth(1).click()  # in its middle
    page.wait_for_function("() => document.querySelectorAll('.sound')[1].querySelector('audio')?.currentTime > 0.6")


def test_an_audit_has_two_sounds_for_one_pair(page: Page, tmp_path: Path) -> None:
    voice = sounds.voice(0, seed=4)
    sounds.write(tmp_path / "clips" / "crying" / "a.flac", voice)
    sounds.write(tmp_path / "clips" / "crying" / "b.flac", sounds.quieter(voice))
    at = ("--store", tmp_path / "store", "--jobs", "1")
    run("import", "folder", tmp_path / "clips", *at)
    run("audit", "--out", tmp_path / "audit", *at)
    page.goto((tmp_path / "audit" / "index.html").as_uri())
    page.keyboard.press("j")
    page.keyboard.press(" ")
    plays(page, f"{CURRENT} .pair > :first-child audio")
    page.keyboard.press("o")
    plays(page, f"{CURRENT} .pair > :last-child audio")
    page.keyboard.press("1")
    page.screenshot(path=tmp_path / "audit.png")
    assert page.locator("#decided").text_content() == "1"


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a thousand disagreements on six voices."""
    folder = tmp_path_factory.mktemp("thousand")
    voices = [sounds.write(folder / f"{number}.flac", sounds.voice(number, seed=4)) for number in range(6)]
    drawn = write_media({str(number): voice for number, voice in enumerate(voices)}, folder, jobs=1)
    clips = [clip(number) for number in range(MANY)]
    (folder / "report" / "clips").mkdir(parents=True)
    for number, each in enumerate(clips):
        media = drawn[str(number % 6)]
        for address in (media.audio, media.picture):
            os.link(folder / address, folder / "report" / "clips" / f"{each.clip}{Path(address).suffix}")
    with LabelStore(folder / "store", create=True) as store:
        store.add(clips, labels(clips, {"anna": "cfs." * (MANY // 4), "bo": "fs.c" * (MANY // 4)}))
        return written(store, folder / "report")


def test_a_thousand_disagreements_stay_usable(page: Page, thousand: Path, tmp_path: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(Path(request.url).suffix))
    page.goto(thousand.as_uri(), timeout=3 * PATIENCE_MS)
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    figures = {
        "page_mb": thousand.stat().st_size / 1e6,
        "first_paint_ms": page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"),
        "loaded_ms": page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"),
    }
    assert page.locator(".clip").count() == MANY
    assert asked.count(".flac") == 0  # audio loads on play
    assert asked.count(".png") < 50  # pictures load near the viewport
    figures["next_clip_ms"] = per_frame(page, 100, press("j"))
    figures["answer_ms"] = per_frame(page, 20, press("2") + press("j"))
    assert page.locator("#decided").text_content() == "20"
    figures["scroll_frame_ms"] = per_frame(page, 50, "scrollBy({ top: 200, behavior: 'instant' });")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    plays(page, f"{CURRENT} audio")
    page.locator(".clip").last.scroll_into_view_if_needed()
    page.screenshot(path=tmp_path / "thousand.png")
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")
    heap = {each["name"]: each["value"] for each in metrics.send("Performance.getMetrics")["metrics"]}
    figures |= {"heap_mb": heap["JSHeapUsedSize"] / 2**20, "nodes": heap["Nodes"], "pictures": asked.count(".png")}
    # The times are printed and not asserted: a busy machine takes twenty times as long.
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}))
    assert figures["nodes"] < 90_000
    assert figures["heap_mb"] < 64
    assert figures["pictures"] < MANY // 2


def press(key: str) -> str:
    """Return a line of JavaScript that presses a key."""
    return f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}));"


def per_frame(page: Page, times: int, act: str) -> float:
    """Return the mean time from an action to its frame, milliseconds; a screen shows a frame every 17."""
    mean_ms: float = page.evaluate(
        f"""async times => {{
          const start = performance.now();
          for (let time = 0; time < times; time++) {{
            {act}
            await new Promise(requestAnimationFrame);
          }}
          return (performance.now() - start) / times;
        }}""",
        times,
    )
    return mean_ms
