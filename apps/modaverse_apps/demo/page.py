"""The page: what stands where, and what happens on a click. The only file that knows Gradio."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from modaverse.agent import Agent
from modaverse.toolbox import Toolbox
from modaverse_apps.demo.session import Sessions, View

__all__ = ["LOOKS", "QUIET", "build"]

_HERE = Path(__file__).parent
_SYSTEM_FONTS = ("ui-sans-serif", "system-ui", "sans-serif")
_SYSTEM_MONO = ("ui-monospace", "Consolas", "monospace")
_PRIVATE = {"api_visibility": "private"}  # for this page only
_LARGEST_SEED = 2**31 - 1
_NO_PLAN = "{}"
_KEEP_UPLOADS = 24 * 3600  # seconds
_TITLE = """# ModaVerse
One sentence in; pictures, sounds, speech and short videos out."""
_ABOUT_PLAN = "What the tools are asked to do."
_PLACEHOLDER = """## What would you like?
Ask in your own words, and attach pictures, sounds or videos if you like."""

LOOKS: dict[str, Any] = {
    "theme": gr.themes.Soft(
        primary_hue="indigo", neutral_hue="slate", font=_SYSTEM_FONTS, font_mono=_SYSTEM_MONO
    ).set(
        body_background_fill="*neutral_50",
        block_title_background_fill="none",
        block_title_background_fill_dark="none",
        block_title_padding="0",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        block_title_text_weight="400",
    ),
    "css_paths": _HERE / "page.css",
}
"""How it looks, for `launch`."""

QUIET: dict[str, Any] = {
    "prevent_thread_lock": True,
    "quiet": True,
    "share": False,
    "inbrowser": False,
    "footer_links": [],
    "run_history": False,
    "enable_monitoring": False,
    "ssr_mode": False,
    "mcp_server": False,
}
"""What Gradio shall leave alone, for `launch`."""


@dataclass(frozen=True)
class _Example:
    """A request that one click makes, if there are tools for all of `outputs`."""

    request: str
    outputs: frozenset[str]


_EXAMPLES = (
    _Example("Draw a red fox in the snow", frozenset({"image"})),
    _Example("What does a thunderstorm sound like?", frozenset({"audio"})),
    _Example('Say "Welcome to ModaVerse" in a female voice', frozenset({"audio"})),
    _Example("A short video of a jumping ball", frozenset({"video"})),
    _Example("A picture of a dog, and the sound of its bark", frozenset({"image", "audio"})),
    _Example("Play a slow violin melody", frozenset({"audio"})),
)


def build(sessions: Sessions) -> gr.Blocks:
    """The page, not yet served."""
    gr.set_static_paths([sessions.root])  # results are shown from where they are, not copied

    def leave(request: gr.Request) -> None:
        sessions.leave(_name(request))

    with gr.Blocks(
        title="ModaVerse",
        analytics_enabled=False,
        fill_width=True,  # up to the width of the style sheet
        delete_cache=(3600, _KEEP_UPLOADS),
    ) as blocks:
        _wire(sessions, _lay_out(sessions.agent))
        blocks.unload(leave)
    return blocks


@dataclass(frozen=True)
class _Parts:
    """What on the page takes part in what happens."""

    chat: gr.Chatbot
    box: gr.MultimodalTextbox
    seed: gr.Number
    dice: gr.Button
    fresh: gr.Button
    plan: gr.Code


def _lay_out(agent: Agent) -> _Parts:
    """What stands where."""
    with gr.Row(elem_id="head"):
        gr.Markdown(_TITLE, elem_id="title")
        fresh = gr.Button("New chat", size="sm", scale=0, min_width=100, elem_id="fresh")
    with gr.Row(elem_id="body"):
        with gr.Column(scale=3, min_width=360, elem_id="talk"):
            chat = gr.Chatbot(
                show_label=False,
                height=None,  # the style sheet knows
                layout="bubble",
                buttons=[],
                placeholder=_PLACEHOLDER,
                examples=_examples(agent.toolbox),
                feedback_options=None,
                latex_delimiters=[],
                allow_tags=False,
                elem_id="chat",
            )
            box = gr.MultimodalTextbox(
                show_label=False,
                placeholder="Ask for a picture, a sound, a spoken sentence, a short video …",
                file_types=["image", "audio", "video"],
                file_count="multiple",
                max_plain_text_length=agent.settings.max_request + 1,
                autofocus=True,
                elem_id="box",
            )
        with gr.Column(scale=1, min_width=280, elem_id="side"):
            with gr.Group(elem_id="seeds"):
                seed = gr.Number(
                    0,
                    label="Seed",
                    info="The same seed and the same requests give the same results.",
                    precision=0,
                    minimum=0,
                    maximum=_LARGEST_SEED,
                    elem_id="seed",
                )
                dice = gr.Button("Take another seed", size="sm", elem_id="dice")
            with gr.Accordion("Plan", open=True):
                gr.Markdown(_ABOUT_PLAN, elem_id="about-plan")
                plan = gr.Code(
                    _NO_PLAN,
                    language="json",
                    show_label=False,
                    interactive=False,
                    wrap_lines=True,
                    show_line_numbers=False,
                    buttons=["copy"],
                    elem_id="plan",
                )
    return _Parts(chat, box, seed, dice, fresh, plan)


def _wire(sessions: Sessions, parts: _Parts) -> None:
    """What happens on a click. The request of the browser names the session."""
    shown = [parts.chat, parts.plan, parts.box]

    def send(said: dict[str, Any], seed: float | None, request: gr.Request) -> Iterator[Any]:
        files = [Path(file) for file in said.get("files") or ()]
        session = sessions[_name(request)]
        yield from _shown(session.send(said.get("text") or "", files, seed=int(seed or 0)))

    def pick(picked: gr.SelectData, seed: float | None, request: gr.Request) -> Iterator[Any]:
        session = sessions[_name(request)]
        yield from _shown(session.send(picked.value["text"], seed=int(seed or 0)))

    def stop(request: gr.Request) -> None:
        sessions[_name(request)].stop()

    def reset(request: gr.Request) -> Iterator[Any]:
        yield from _shown(sessions[_name(request)].reset())

    def settle(request: gr.Request) -> Iterator[Any]:
        told = False
        for view in sessions[_name(request)].settled():
            told = True
            yield _update(view)
        if not told:
            yield gr.skip(), gr.skip(), gr.skip()

    # What tells of the chat goes through the queue, which keeps the order in which it was told.
    # Nobody waits in it: a request that waits there would be answered in the chat that is next.
    told: dict[str, Any] = {
        "concurrency_limit": None,
        "trigger_mode": "multiple",
        "show_progress": "hidden",
        **_PRIVATE,
    }
    at_once: dict[str, Any] = {"queue": False, "show_progress": "hidden", **_PRIVATE}
    asked = parts.box.submit(send, [parts.box, parts.seed], shown, **told)
    picked = parts.chat.example_select(pick, [parts.seed], shown, **told)
    for event in (asked, picked):
        event.then(settle, None, shown, **told)
    parts.fresh.click(reset, None, shown, **told)
    parts.chat.clear(reset, None, shown, **told)
    parts.box.stop(stop, **at_once)
    parts.dice.click(lambda: secrets.randbelow(_LARGEST_SEED), None, parts.seed, **at_once)


def _shown(views: Iterator[View]) -> Iterator[tuple[Any, ...]]:
    """Views as updates of the chat, the plan and the box, whose button stops while it works."""
    begun = False
    for view in views:
        if view.busy and begun:
            yield view.messages, _json(view.plan), gr.skip()
        else:
            yield _update(view)
        begun = True
    if not begun:  # it was busy with another request, and what was typed stays in the box
        gr.Info("Still working on the last request; press stop to end it.")
        yield gr.skip(), gr.skip(), gr.skip()


def _update(view: View) -> tuple[Any, ...]:
    """A view as an update of the chat, the plan and the box; if busy, what was typed is taken."""
    if view.busy:
        box = gr.MultimodalTextbox(submit_btn=False, stop_btn=True, value=None)
    else:
        box = gr.MultimodalTextbox(submit_btn=True, stop_btn=False)
    return view.messages, _json(view.plan), box


def _json(plan: dict[str, Any] | None) -> str:
    """The plan as text for people."""
    return json.dumps(plan, indent=2, ensure_ascii=False) if plan else _NO_PLAN


def _examples(toolbox: Toolbox) -> list[Any]:
    """The requests that the tools at hand can answer."""
    there = {spec.output for spec in toolbox.specs()}
    return [{"text": each.request} for each in _EXAMPLES if each.outputs <= there]


def _name(request: gr.Request) -> str:
    """The name that the server gives to a browser's visit of the page."""
    return request.session_hash or ""
