"""Debian's Chromium as a phone's browser, driven by playwright."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect, sync_playwright

PHONE: ViewportSize = {"width": 360, "height": 740}
"""Size of a small phone in CSS pixels."""
_OPTIONS = (
    "--no-sandbox",  # CI is root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless Chromium; skip the test where it is not installed."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


def open_phone(
    browser: Browser, scheme: Literal["dark", "light"] = "dark", motion: Literal["reduce", "no-preference"] = "reduce"
) -> BrowserContext:
    """Return a browser context with a phone's size and cookies of its own."""
    context = browser.new_context(
        viewport=PHONE,
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        color_scheme=scheme,
        reduced_motion=motion,
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def save_screenshot(shown: Page | Locator, path: Path) -> None:
    """Save a screenshot as a PNG of 128 colors, a third of the size of one in full color."""
    with Image.open(io.BytesIO(shown.screenshot())) as image:
        image.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
