"""The demo in a real browser: headless Chromium asks, watches, stops, uploads, and looks around."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modaverse.agent import Agent
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Image, load_media
from modaverse_tools import echo

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

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    # Gradio and its server warn of their own ways, in threads of theirs.
    pytest.mark.filterwarnings("ignore"),
]


def answer(request: LLMRequest) -> str:
    """What the scripted LLM says."""
    text = request.messages[-1].text
    if "slowly" in text:
        return 'Here it is.\necho-image: a fox\necho-wait with {"seconds":60.0}: long'
    if "mine" in text:
        return "Let me see.\necho-caption from image1: This is an"
    return 'See ![](http://192.0.2.1/x.png).\necho-image with {"size":64}: a red fox'


@pytest.fixture
def url() -> Iterator[str]:
    pytest.importorskip("gradio", reason="the demo's packages are not installed")
    from modaverse_apps.demo import serve

    agent = Agent(ScriptedLLM([answer], repeat=True), echo.toolbox())
    with serve(agent) as url:
        yield url


@pytest.fixture
def page() -> Iterator[Any]:
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
    page.click("#fresh")
    page.wait_for_selector("#chat .example")
    page.set_input_files("#box input[type=file]", str(small_image.save(tmp_path / "mine.png")))
    page.wait_for_selector("#box .thumbnail-item, #box [class*=thumbnail]")
    ask(page, "what size is mine?")
    page.wait_for_selector("#chat >> text=This is an image, 24x16")
    idle(page)
    assert page.query_selector("#chat .user img, #chat img[src*='mine.png']")

    # An error is a sentence.
    ask(page, "make image9 darker")
    page.wait_for_selector("#chat >> text=There is no image9")
    idle(page)
    assert "Traceback" not in page.inner_text("body")

    assert {address.split("/")[2] for address in fetched if address.startswith("http")} == {
        url.split("/")[2]
    }
    assert not [fault for fault in faults if "abort" not in fault]


def test_nothing_is_left_behind() -> None:
    pytest.importorskip("gradio", reason="the demo's packages are not installed")
    from urllib.request import urlopen

    from modaverse_apps.demo import serve

    before = os.environ.get("GRADIO_TEMP_DIR")
    there = set(Path(tempfile.gettempdir()).glob("modaverse-demo-*"))
    with serve(Agent(ScriptedLLM([]), echo.toolbox())) as url:
        with urlopen(url, timeout=30) as response:
            policy = response.headers["content-security-policy"]
            html = response.read().decode()
        assert set(Path(tempfile.gettempdir()).glob("modaverse-demo-*")) - there
    assert "default-src 'self'" in policy
    assert "fonts.googleapis" not in html
    assert not set(Path(tempfile.gettempdir()).glob("modaverse-demo-*")) - there
    assert os.environ.get("GRADIO_TEMP_DIR") == before
