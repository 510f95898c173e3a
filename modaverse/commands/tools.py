"""`modaverse tools`: what can be called, and whether it can run here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.commands import OK, Choices
from modaverse.commands.learned import NANO, remarks
from modaverse.commands.listing import show_list
from modaverse.commands.screen import show_rows
from modaverse.commands.setup import chosen_settings
from modaverse.commands.streams import note, tell, tell_json
from modaverse.config import build_toolbox
from modaverse.errors import BackendMissing, RequestError
from modaverse.plan import closest
from modaverse.tool import Availability

if TYPE_CHECKING:
    from modaverse.toolbox import Toolbox

__all__ = ["availability", "new", "show", "tools"]


def tools(choices: Choices, *, json: bool) -> int:
    """List the tools; gives the exit code.

    Raises:
        ConfigError: A setting or a choice is wrong.
    """
    settings = chosen_settings(choices)
    toolbox = build_toolbox(settings)
    forms = [_form(toolbox, name) for name in toolbox]
    if json:
        tell_json(forms)
        return OK
    show_list(("tool", "from", "makes", "what it does"), map(_row, forms), map(_entry, forms))
    for problem in toolbox.problems:
        note(f"warning: {problem}")
    for remark in remarks(toolbox) if settings.llm == NANO else ():
        note(remark)
    return OK


def show(name: str, choices: Choices, *, json: bool) -> int:
    """Tell all about one tool; gives the exit code.

    Raises:
        ConfigError: A setting or a choice is wrong.
        RequestError: There is no such tool.
    """
    toolbox = build_toolbox(chosen_settings(choices))
    if name not in toolbox:
        raise RequestError(f"there is no tool {name!r}", hint=closest(name, toolbox))
    form = _form(toolbox, name)
    if json:
        tell_json(form)
        return OK
    _, inputs, output, _, options, here = _entry(form)
    told = {
        "tool": name,
        "from": inputs,
        "makes": output,
        "about": form["description"],
        "options": options,
        "model": form["model"],
        "runs here": here,
        "knows": ", ".join(form["knows"]),
    }
    show_rows((label, text) for label, text in told.items() if text)
    return OK


def new(name: str, output: str, folder: Path | None, *, json: bool) -> int:
    """Write a package with a tool that works; gives the exit code.

    Raises:
        ToolDefinitionError: The name cannot name a tool.
        RequestError: There is no such modality, or the folder holds something.
        LibraryError: The folder cannot be written.
    """
    from modaverse.scaffold import write_package

    written = write_package(name, output=output, folder=folder)
    files = sorted(path for path in written.rglob("*") if path.is_file())
    if json:
        tell_json({"folder": str(written), "files": [str(path) for path in files]})
        return OK
    for path in files:
        tell(str(path))
    note(f"next: pip install -e {written}, then modaverse tools")
    return OK


def availability(toolbox: Toolbox, name: str) -> Availability:
    """Whether a tool can run here, even one whose module cannot be imported."""
    try:
        return toolbox[name].available()
    except BackendMissing as error:
        return Availability(False, error.message, error.hint)


def _form(toolbox: Toolbox, name: str) -> dict[str, Any]:
    """A tool as JSON; of one whose module cannot be imported, only the name and why."""
    state = availability(toolbox, name)
    form: dict[str, Any] = {
        "name": name,
        "description": "",
        "inputs": [],
        "output": None,
        "options": {},
        "model": "",
        "knows": [],
    }
    try:
        tool = toolbox[name]
    except BackendMissing:
        pass
    else:
        spec = tool.spec
        media = [
            {"name": slot.name, "modality": slot.modality, "required": slot.required}
            for slot in spec.inputs
        ]
        form |= {
            "description": spec.description,
            "inputs": [{"name": "prompt", "modality": "text", "required": not media}, *media],
            "output": spec.output,
            "options": spec.option_schema(),
            "model": tool.model,
            "knows": list(tool.knows),
        }
    return {**form, "available": state.ok, "reason": state.reason, "hint": state.hint}


def _row(form: dict[str, Any]) -> tuple[str, ...]:
    """What people see of it."""
    name, inputs, output, about, options, here = _entry(form)
    told = [about, options, "" if form["available"] else f"cannot run here; {here}"]
    return name, inputs, output, "\n".join(filter(None, told))


def _entry(form: dict[str, Any]) -> tuple[str, ...]:
    """Name, inputs, output, what it does, options with their defaults, whether it runs here."""
    properties = form["options"].get("properties", {})
    return (
        form["name"],
        ", ".join(slot["modality"] for slot in form["inputs"]),
        form["output"] or "?",
        form["description"].split("\n\n")[0],
        " ".join(f"{name}={rule.get('default')}" for name, rule in properties.items()),
        "yes" if form["available"] else f"no: {form['reason']}; {form['hint']}",
    )
