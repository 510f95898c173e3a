"""The demo in a real browser: headless Chromium asks, watches, stops, uploads, and looks around."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from modaverse.media import Image, load_media

CHROMIUM = next(
    (
        found
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (found := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--mute-audio",
]
PATIENCE = 60_000  # milliseconds; a busy machine is slow to start a browser

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("gradio") is None, reason="the demo's packages are not installed"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo in a process of its own, as Gradio leaves open what would fail other tests."""
    scratch = tmp_path_factory.mktemp("scratch")
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("demo_server.py"))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(scratch)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    told = ""
    with process:
        for line in process.stderr:
            told += line
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                assert list(scratch.glob("modaverse-demo-*"))
                yield found[0]
                break
        else:
            pytest.fail(f"the demo did not start: {told}")
        process.terminate()
    assert not list(scratch.glob("modaverse-demo-*")), "the demo leaves files behind"


@pytest.fixture
def page() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        yield page
        browser.close()


def ask(page: Any, text: str) -> None:
    page.fill("#box textarea", text)
    page.press("#box textarea", "Enter")


def fresh(page: Any) -> None:
    """Begin a new chat."""
    page.click("#fresh")
    page.wait_for_selector("#chat .example")


def idle(page: Any) -> None:
    page.wait_for_selector("#box button.submit-button")


def test_a_person_uses_the_demo(url: str, page: Any, tmp_path: Path, small_image: Image) -> None:
    fetched: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(url, wait_until="commit")
    page.wait_for_selector("#box textarea")
    assert page.title() == "ModaVerse"

    # An example is one click; the step, the picture and the plan appear, and the file can be kept.
    page.click("#chat .example >> nth=0")
    page.wait_for_selector("#chat .thought-group >> text=echo-image")
    page.wait_for_selector("#chat img[src*='image1.png']")
    idle(page)
    assert "red fox" in page.inner_text("#plan")
    with page.expect_download() as download:
        page.click("#chat a[download='image1.png']")
    assert load_media(download.value.path()).face() == "image, 64x64"

    # Stop really stops, and keeps what was made.
    ask(page, "slowly, please")
    page.wait_for_selector("#chat >> text=/step \\d+ of/")
    page.click("#box button.stop-button")
    page.wait_for_selector("#chat >> text=echo-wait: stopped")
    page.wait_for_selector("#chat >> text=Stopped. What was made until then is kept.")
    idle(page)
    assert page.query_selector("#chat img[src*='image2.png']")

    # A new chat forgets, and numbers from the start; a file goes with a request.
    fresh(page)
    page.set_input_files("#box input[type=file]", str(small_image.save(tmp_path / "mine.png")))
    page.wait_for_selector("#box .thumbnail-item, #box [class*=thumbnail]")
    ask(page, "what size is mine?")
    page.wait_for_selector("#chat >> text=This is an image, 24x16")
    idle(page)
    assert page.query_selector("#chat .user img, #chat img[src*='mine.png']")

    # A new chat in the middle of the work ends it, and the next request is answered.
    ask(page, "slowly, please")
    page.wait_for_selector("#chat >> text=/step \\d+ of/")
    fresh(page)
    page.wait_for_timeout(1500)  # what the server says last of it arrives, and does not stay
    page.wait_for_selector("#chat .example")
    idle(page)

    # An error is a sentence.
    ask(page, "make image9 darker")
    page.wait_for_selector("#chat >> text=There is no image9")
    idle(page)
    assert "Traceback" not in page.inner_text("body")

    assert {address.split("/")[2] for address in fetched if address.startswith("http")} == {
        url.split("/")[2]
    }
    assert not [fault for fault in faults if "abort" not in fault]


def test_a_page_may_load_nothing_from_outside(url: str) -> None:
    with urlopen(url, timeout=60) as response:
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert "fonts.googleapis" not in response.read().decode()
