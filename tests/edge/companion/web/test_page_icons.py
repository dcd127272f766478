"""Icons on a phone's home screen, at the addresses that the pages and the manifest name."""

import io
import re
from collections.abc import Iterator

import pytest
from PIL import Image

from tests.support.page_home import Home, Phone

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phone]:
    with Home(tmp_path_factory.mktemp("home")) as home:
        yield home.unpaired_phone()


def size_of_icon(phone: Phone, url: str) -> tuple[int, int]:
    answer = phone.get(url)
    assert answer.headers["content-type"] == "image/png"
    with Image.open(io.BytesIO(answer.content), formats=["PNG"]) as icon:
        icon.load()
        return icon.size


def test_the_icons_of_the_manifest_are_png_of_the_sizes_it_announces(stranger: Phone) -> None:
    icons = stranger.get("/manifest.webmanifest").json()["icons"]
    assert icons
    for icon in icons:
        assert icon["type"] == "image/png"
        width, height = size_of_icon(stranger, icon["src"])
        assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.parametrize("path", ["/pair", "/offline"])
def test_the_icons_of_a_page_are_png_of_the_sizes_in_their_names(stranger: Phone, path: str) -> None:
    icons = re.findall(r'href="(/static/icon-(\d+)\.png)"', stranger.get(path).text)
    assert icons
    for url, size in icons:
        assert size_of_icon(stranger, url) == (int(size), int(size))
