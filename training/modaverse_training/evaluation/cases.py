"""Cases: a request, what came before it, and the plan that is wanted; read from rows of both kinds.

A file holds either instruction rows (`modaverse_training.instructions.row`: messages, tools, media)
or hand-written rows: {"family", "request", "text", "calls"[, "attachments"][, "history"]}.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modaverse.conversation import next_handles
from modaverse.dialect import Lines
from modaverse.errors import DataError, MediaError, PlanError
from modaverse.llm.base import LLM, LLMRequest, Message
from modaverse.media import MODALITIES, Media, Modality, load_media
from modaverse.plan import Handle, Plan
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.standins import standin
from modaverse_training.instructions import row as instructions

__all__ = ["Case", "OnError", "case_of", "read_cases", "request_of", "wanted_plan"]

OnError = instructions.OnError
_HINT = 'a row is {"family", "request", "text", "calls"}, or {"id", "messages", "tools", "media"}'


@dataclass(frozen=True)
class Case:
    """What is asked and what is wanted.

    Attributes:
        id: Its name, unique in a file.
        messages: The conversation, the request last; assistants' texts in the lines dialect.
        wanted: The plan that answers it, in the lines dialect.
        handles: The media it may speak of.
        files: Where the media lie, as far as there are files.
        tools: The tools that are offered; empty for all of them.
        family: The kind of phrasing.
    """

    id: str
    messages: tuple[Message, ...]
    wanted: str
    handles: Mapping[Handle, Modality] = field(default_factory=dict)
    files: Mapping[Handle, Path] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    family: str = ""

    @property
    def request(self) -> str:
        """What the person said last."""
        return self.messages[-1].text

    def unfilled(self, sees: Container[Modality]) -> tuple[Handle, ...]:
        """What a person attached of these modalities, as far as there is no file of it."""
        asked = [told for told in self.messages if told.role == "user"]
        attached = dict.fromkeys(handle for told in asked for handle in told.handles)
        return tuple(
            handle
            for handle in attached
            if handle not in self.files and self.handles[handle] in sees
        )


def request_of(
    case: Case, llm: LLM, toolbox: Toolbox, *, sees: Container[Modality] = ()
) -> LLMRequest:
    """The case as the product would ask it, the results of earlier plans under their handles.

    Args:
        case: What is asked.
        llm: Who is asked; earlier answers are put in its dialect.
        toolbox: The tools that are offered.
        sees: The modalities of which an attachment without a file comes with a stand-in.

    Raises:
        DataError: A file of the case cannot be read, or an earlier answer is no plan.
    """
    dialect, known, messages = llm.dialect(toolbox), dict(case.handles), []
    taken: dict[Handle, Modality] = {}
    for told in case.messages:
        if told.role != "assistant":
            taken |= {handle: case.handles[handle] for handle in told.handles}
            messages.append(told)
            continue
        results = _results(plan := _parsed(told.text, case, toolbox), toolbox, taken)
        taken |= results
        text = told.text if dialect.name == Lines.name else dialect.render(plan)
        messages.append(Message("assistant", text, tuple(results)))
    media = {handle: _medium(path, case) for handle, path in case.files.items()}
    for handle in case.unfilled(sees):
        media[handle] = standin(case.handles[handle], f"{case.id}/{handle}")
    return LLMRequest(tuple(messages), toolbox, {**taken, **known}, media=media)


def wanted_plan(case: Case, toolbox: Toolbox) -> Plan:
    """The plan that the case wants.

    Raises:
        DataError: It is none.
    """
    return _parsed(case.wanted, case, toolbox)


def read_cases(path: str | Path, *, on_error: OnError = "raise") -> list[Case]:
    """Every case of a JSONL or parquet file.

    Args:
        path: The file; its first row tells which kind of rows it holds.
        on_error: "skip" leaves broken rows and those without their files out, and logs them.

    Raises:
        DataError: The file cannot be read or holds nothing, or a row is broken or lacks a file.
    """
    source = Path(path)
    if _holds_instructions(source):
        rows = instructions.read_rows(source, on_error=on_error)
        read = (_of_instruction(row, source.parent) for row in rows)
        cases = [case for case in read if _complete(case, source, on_error)]
    else:
        cases = list(_hand_written(source, on_error))
    if not cases:
        raise DataError("there are no rows in it", file=str(source), hint=_HINT)
    return cases


def case_of(record: Mapping[str, Any], name: str) -> Case:
    """The case of a hand-written row.

    Raises:
        KeyError, TypeError, ValueError: It is none.
    """
    request, text, calls = record["request"], record["text"], record["calls"]
    attachments, history = record.get("attachments") or (), record.get("history") or ()
    said = (request, text, *calls, *attachments, *(text for _, text in history))
    if isinstance(calls, str) or not all(isinstance(part, str) for part in said):
        raise TypeError("request and text are texts, calls and attachments lists of texts")
    earlier = [
        Message("user" if n % 2 == 0 else "assistant", t) for n, (_, t) in enumerate(history)
    ]
    handles = _handles(attachments)
    return Case(
        id=name,
        messages=(*earlier, Message("user", request, tuple(handles))),
        wanted="\n".join(([text] if text else []) + list(calls)),
        handles=handles,
        family=str(record.get("family", "")),
    )


def _medium(path: Path, case: Case) -> Media:
    try:
        return load_media(path)
    except MediaError as error:
        raise DataError(f"row {case.id}: {error.message}", hint=error.hint) from error


def _parsed(text: str, case: Case, toolbox: Toolbox) -> Plan:
    try:
        return Lines(toolbox).parse(text)
    except PlanError as error:
        raise DataError(f"an answer of row {case.id} is no plan: {error.message}") from error


def _results(plan: Plan, toolbox: Toolbox, taken: Iterable[Handle]) -> dict[Handle, Modality]:
    """What a plan of an earlier turn left behind."""
    known = [call for call in plan.calls if call.tool in toolbox]
    outputs = [toolbox[call.tool].spec.output for call in known]
    return dict(zip(next_handles(outputs, taken), outputs, strict=True))


def _handles(attachments: tuple[str, ...] | list[str]) -> dict[Handle, Modality]:
    """Attachments are told by modality ("image"), or by handle ("image2") for an earlier result."""
    named: dict[Handle, Modality] = {}
    for given in attachments:
        kind = next((m for m in MODALITIES if m == given.rstrip("0123456789")), None)
        if kind is None:
            raise ValueError(f"{given!r} is no attachment; write image, audio or video")
        numbered = given[-1].isdigit()
        named[given if numbered else next_handles([kind], named)[0]] = kind
    return named


def _of_instruction(row: instructions.Row, folder: Path) -> Case:
    found = {reference.handle: reference.file(folder) for reference in row.media}
    *earlier, _ = row.messages
    return Case(
        id=row.id,
        messages=tuple(Message(turn.role, turn.content, turn.handles) for turn in earlier),
        wanted=row.answer,
        handles=row.handles(),
        files={handle: file for handle, file in found.items() if file is not None},
        tools=row.tools,
        family=row.family,
    )


def _complete(case: Case, source: Path, on_error: OnError) -> bool:
    """Whether the files of a case are there."""
    missing = next((path for path in case.files.values() if not path.is_file()), None)
    if missing is None:
        return True
    fault = DataError(f"row {case.id}: there is no file {missing}", file=str(source))
    if on_error == "raise":
        raise fault
    instructions.log.warning("left out %s", fault.message)
    return False


def _holds_instructions(path: Path) -> bool:
    if path.suffix == instructions.PARQUET:
        return True
    for _, line in _lines(path):
        try:
            first = json.loads(line)
        except ValueError:
            return False
        return isinstance(first, dict) and "messages" in first
    return False


def _hand_written(path: Path, on_error: OnError) -> Iterator[Case]:
    for number, line in _lines(path):
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise TypeError("it is no JSON object")
            yield case_of(record, f"{path.stem}-{number}")
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            missing = isinstance(error, KeyError)
            reason = f"it has no {error}" if missing else str(error)
            fault = DataError(reason, file=str(path), line=number, hint=_HINT)
            if on_error == "raise":
                raise fault from error
            instructions.log.warning("left out %s", fault.message)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not blank, counted from 1."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"it cannot be read: {reason}", file=str(path), hint=_HINT) from error
