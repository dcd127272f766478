"""axe-core, which checks a page for accessibility; loaded from the npm registry into a cache folder."""

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"


def violations(page: Page) -> list[str]:
    """Return each rule that the page violates, with the element."""
    page.evaluate(_load_program().read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate("() => axe.run().then((result) => result.violations)")
    return [f"{each['id']}: {node['html'][:200]} {node['failureSummary']}" for each in found for node in each["nodes"]]


def _load_program() -> Path:
    cache = Path(os.environ.get("HUSHD_TEST_CACHE", "~/.cache/hushd-tests")).expanduser() / f"axe-core-{VERSION}"
    program = cache / "package" / "axe.min.js"
    if not program.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed, so axe-core cannot be loaded")
        cache.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", f"axe-core@{VERSION}", "--pack-destination", cache],
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
        )
        if packed.returncode != 0:
            pytest.skip(f"axe-core cannot be loaded: {packed.stderr.strip()[-200:]}")
        with tarfile.open(cache / packed.stdout.strip()) as archive:
            archive.extract("package/axe.min.js", cache, filter="data")
    return program
