"""Plans from the multimodal LLM, which sees and hears what is attached to a request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import ConfigError, LLMError, ModaVerseError, PlanError, RequestError
from modaverse.hub import nearby
from modaverse.llm.backend import memory_errors, quiet, require
from modaverse.llm.base import DialectName, LLMRequest, never
from modaverse.llm.checkpoint import (
    SETTINGS_FILE,
    Checkpoint,
    ModelSettings,
    fit_for,
    load_errors,
    refuse_gaps,
)
from modaverse.llm.guided import Guide
from modaverse.llm.local import Loaded, LocalLLM, context_of, device_for
from modaverse.llm.template import Prompt
from modaverse.llm.transformers import ends_of
from modaverse.media import Video, modality_of

if TYPE_CHECKING:
    from modaverse.llm.base import Message
    from modaverse.llm.template import Prompted
    from modaverse.media import Modality
    from modaverse.model.alignment import Alignment
    from modaverse.model.modeling import ModaVerseForConditionalGeneration
    from modaverse.model.processing import ModaVerseProcessor
    from modaverse.plan import Handle, Plan, ToolCall

__all__ = ["MultimodalLLM", "is_multimodal"]

_PARTS = ("language_model", "vision", "audio")
# Words about a file: neither a verdict, nor of the speaker, nor any of the standing replies.
_DESCRIBED = re.compile(
    r"(?!(yes|no|it is|i|you|all|here|hello|goodbye|nothing)\b)\w", re.IGNORECASE
)
# What a language model says of a file that has to be looked at, and of none that cannot be changed.
_BLIND = re.compile(r"\b(look inside|listen to|watch|see|hear)\b", re.IGNORECASE)
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class MultimodalLLM(LocalLLM):
    """A multimodal LLM from a folder or the hub: a whole one, or an alignment on its parts.

    Nothing is loaded before the first use, or `load()`. Of an alignment, the encoders are loaded
    when the first request brings something to see or hear; text alone is read by the language model
    alone, which costs what it costs without them. Where the alignment says `"adapter": "media"`,
    the language model is then without the alignment's adapter, always: a text is planned the same
    whatever came before it, and so is what hands an attached file to a tool. It is in memory
    twice after the first media.

    Args:
        model: Folder or hub id with a whole model (`save_pretrained` of model and processor), or
            with an alignment (`save_alignment`).
        language_model: Where the language model of an alignment lies; by default where it lay when
            it was trained. The same holds for `vision` and `audio`.
        vision: Where the vision encoder lies.
        audio: Where the audio encoder lies.
        adapter: Folder or hub id of a further peft adapter for the language model, such as
            `modaverse align --tool` makes.
        device: In torch's words; by default a GPU if there is one, else the CPU.
        dtype: "float32", "bfloat16" or "float16"; by default what suits weights and device.
        dialect: How plans are written; "auto" as it was trained.
        threads: CPU threads for decoding; by default one for tiny models, else torch's own number.
        name: Name for people and for provenance; by default the last part of `model`.

    Raises:
        ConfigError: The dtype or the dialect is none, or a whole model was given parts.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        language_model: str | Path | None = None,
        vision: str | Path | None = None,
        audio: str | Path | None = None,
        adapter: str | Path | None = None,
        device: str | None = None,
        dtype: str | None = None,
        dialect: DialectName | Literal["auto"] = "auto",
        threads: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name or Path(model).name or str(model),
            device=device,
            dtype=dtype,
            dialect=dialect,
            threads=threads,
        )
        self._home = str(model)
        given = zip(_PARTS, (language_model, vision, audio), strict=True)
        self._parts: dict[str, Any] = {
            part: str(place) for part, place in given if place is not None
        }
        self._adapter = str(adapter) if adapter else None
        self._words: Loaded | None = None  # what reads the texts of an alignment

    def __repr__(self) -> str:
        """The model and its further adapter."""
        return f"MultimodalLLM({self._home!r}, adapter={self._adapter!r})"

    @property
    def memory(self) -> int:
        """Bytes of the weights on disk, as far as they are in folders."""
        if not Path(self._home).is_dir():
            return 0
        homes = [self._home, *self._part_homes]
        if self._alignment is not None and (adapter := self._alignment.adapter):
            homes.append(str(adapter))
        files = [file for home in homes for file in Path(home).glob("*.safetensors")]
        return sum(file.stat().st_size for file in files)

    def perceives(self) -> frozenset[Modality]:
        """What it sees and hears; of other media it knows the handles. Loads nothing."""
        alignment = self._alignment
        if alignment is not None:
            there = {part: part in alignment.parts for part in ("vision", "audio")}
        else:
            there = {part: bool(self._config.get(f"{part}_config")) for part in ("vision", "audio")}
        seen: tuple[Modality, ...] = ("image", "video") if there["vision"] else ()
        return frozenset((*seen, "audio") if there["audio"] else seen)

    @cached_property
    def _folder(self) -> Path:
        """Where the files lie; those of a hub repository are fetched."""
        if Path(self._home).is_dir():
            return Path(self._home)
        with load_errors(self._home), nearby(self._home):
            return Path(require("huggingface_hub").snapshot_download(self._home))

    @cached_property
    def _alignment(self) -> Alignment | None:
        """What its alignment says; None for a whole model."""
        return _alignment_in(_fetched(str(self._folder), SETTINGS_FILE))

    @property
    def _part_homes(self) -> list[str]:
        """Where the parts of an alignment lie: folders or hub ids; none of a whole model."""
        if (alignment := self._alignment) is None:
            return []
        homes = (self._parts.get(part) or alignment.home(part) for part in _PARTS)
        return [home for home in homes if home]

    @cached_property
    def _config(self) -> dict[str, Any]:
        """The `config.json` of a whole model."""
        path = self._folder / "config.json"
        return _json(path) if path.is_file() else {}

    def _said(self) -> ModelSettings:
        said = self._alignment.options if self._alignment is not None else self._config
        aligned: dict[str, Any] = {"dialect": "lines", "system": False, "context": None}
        return ModelSettings(**{name: said.get(name, usual) for name, usual in aligned.items()})

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """As of every local model; where some turns are planned without looking, all at once."""
        if not self._apart or not self._visible(request):
            yield from super().stream(request)
            return
        text = self._tried(replace(request, media={}))
        look = self._look(request, text)
        if look is not None:
            looked = self._tried(look)
            text = self._settled(request, text, looked, anew=look is not request)
        if isinstance(text, ModaVerseError):
            raise text
        yield text

    def _tried(self, request: LLMRequest) -> str | ModaVerseError:
        """The whole of a plan, or why there is none."""
        try:
            return "".join(super().stream(request))
        except (LLMError, RequestError) as error:
            return error

    def write(
        self,
        requests: Sequence[LLMRequest],
        *,
        batch: int = 16,
        cancelled: Callable[[], bool] = never,
    ) -> list[str | ModaVerseError]:
        """As of every local model; each request is written by what `stream` writes it with."""
        if not self._apart:
            return super().write(requests, batch=batch, cancelled=cancelled)
        alone = [replace(each, media={}) if self._visible(each) else each for each in requests]
        written = super().write(alone, batch=batch, cancelled=cancelled)
        looks = {
            number: look
            for number, request in enumerate(requests)
            if self._visible(request) and (look := self._look(request, written[number]))
        }
        if looks:
            looked = super().write([*looks.values()], batch=batch, cancelled=cancelled)
            for (number, look), text in zip(looks.items(), looked, strict=True):
                request = requests[number]
                anew = look is not request
                written[number] = self._settled(request, written[number], text, anew=anew)
        return written

    def _visible(self, request: LLMRequest) -> bool:
        """Whether there is anything in the conversation that could be looked at."""
        return any(modality_of(value) in self.perceives() for value in request.media.values())

    def _look(self, request: LLMRequest, alone: str | ModaVerseError) -> LLMRequest | None:
        """What to ask who looks: at what a turn brings, and later if words speak of a file.

        Where media are planned by an adapter that knows little else, the language model plans later
        turns by itself, until it speaks of a file in words alone, by its handle ("I cannot look
        inside image1"): such an answer is for those who can. Where that is a file that an answer
        has made, they are asked as if it had just been attached.
        """
        attached = self._perceived(request.messages, request)
        plan = self._plan_in(request, alone)
        if self._perceived(request.messages[-1:], request) or (plan is None and attached):
            return request
        if plan is None or plan.calls:
            return None
        named = re.findall(r"\b(?:image|audio|video)[0-9]+\b", plan.text)
        if attached.intersection(named):
            return request
        made = self._made(request, named[0]) if named and _BLIND.search(plan.text) else None
        if made is None:
            return None
        *before, asked = request.messages
        told = [message for message in before if message.role == "system"]
        return replace(request, messages=(*told, replace(asked, handles=(made,))))

    def _made(self, request: LLMRequest, named: Handle) -> Handle | None:
        """The result that a handle names; if there is no such handle, the newest like it, or any.

        A language model that reads no handles of results has to count them, and may err; but what
        the person names is meant.
        """
        perceived, media = self.perceives(), request.media
        answers = [message for message in request.messages if message.role == "assistant"]
        results = [h for message in answers for h in message.handles if h in media]
        visible = [h for h in results if modality_of(media[h]) in perceived]
        if named in media or named in request.messages[-1].text or not visible:
            return named if named in visible else None
        kind = named.rstrip("0123456789")
        return ([h for h in visible if h.rstrip("0123456789") == kind] or visible)[-1]

    def _settled(
        self,
        request: LLMRequest,
        alone: str | ModaVerseError,
        looked: str | ModaVerseError,
        *,
        anew: bool,
    ) -> str | ModaVerseError:
        """What was written with a look, or, where that hands a file to a tool, without.

        Changing a picture or taking the sound out of a video needs nobody who looks, and the
        language model knows more of the ways in which that is asked for. But who looks knows better
        where both make something of words, where it makes what no tool can make of the files, such
        as the sound of a picture, and where it describes them. (It takes nearly anything for the
        question whether it is something, so such an answer tells nothing. Nor does it know
        the options of tools that take files: what was said to one, "3 seconds", is believed.)

        Of a result that was looked at `anew`, apart from the conversation, only words are taken.
        """
        plan, other = self._plan_in(request, alone), self._plan_in(request, looked)
        if plan is None:
            return looked
        if anew:
            return alone if other is None or other.calls else looked
        brought = self._perceived(request.messages[-1:], request)
        handed = [call for call in plan.calls if _is_handed(call, brought, request)]
        if not handed:
            return looked
        if other is None or any(_is_said(call, request) for call in handed):
            return alone
        if not other.calls:
            return looked if _DESCRIBED.match(other.text) else alone
        box = request.toolbox
        from_words = {call.tool for call in plan.calls if not box[call.tool].spec.inputs}
        if from_words.issuperset(call.tool for call in other.calls):
            return looked
        given = {request.handles[handle] for handle in brought}
        of_files = {
            tool.spec.output
            for tool in box.values()
            if tool.spec.inputs and given.issuperset(slot.modality for slot in tool.spec.inputs)
        }
        made = of_files | {box[call.tool].spec.output for call in plan.calls}
        wanted = {box[call.tool].spec.output for call in other.calls}
        return looked if wanted.isdisjoint(made) else alone

    def _plan_in(self, request: LLMRequest, text: str | ModaVerseError) -> Plan | None:
        """The plan that a text is; None if it is none."""
        if isinstance(text, ModaVerseError):
            return None
        try:
            return self.dialect(request.toolbox).parse(text)
        except PlanError:
            return None

    def unload(self) -> None:
        """Let go of the weights; the next use loads them again."""
        super().unload()
        with self._lock:
            self._words = None

    def _loaded_for(self, requests: Sequence[LLMRequest]) -> Loaded:
        """The whole model if it is there or something is to be perceived, else its words.

        Where texts are planned without the alignment's adapter, they are never by the whole.
        """
        if self._alignment is None or (self._loaded is not None and not self._apart):
            return self.load()
        if any(self._perceived(request.messages, request) for request in requests):
            return self.load()
        with self._lock:
            return self._reader(self._alignment, device_for(self._device))

    @property
    def _apart(self) -> bool:
        """Whether texts are planned by another language model than media are."""
        return self._alignment is not None and self._alignment.adapted == "media"

    def _perceived(self, messages: Iterable[Message], request: LLMRequest) -> set[Handle]:
        """What is to be seen or heard of what comes with these messages.

        An aligned model reads of an answer's results by their prompts alone, so they bring nothing:
        what a chat has made must not change how its next request is planned.
        """
        perceived, media = self.perceives(), request.media
        names = {
            name
            for message in messages
            if message.role == "user" or self.settings.system
            for name in message.handles
        }
        return {name for name in names if name in media and modality_of(media[name]) in perceived}

    def _load(self, device: str) -> Loaded:
        torch = require("torch")
        near = nearby(*self._part_homes)
        with load_errors(self._home), memory_errors(self._home), near, quiet():
            if self._alignment is not None:
                return self._with_senses(self._alignment, device)
            model, processor = self._whole(getattr(torch, self._dtype) if self._dtype else "auto")
            model = model if self._dtype else fit_for(model, device)
            model = model.to(torch.device(device)).eval()
            model.language_model = self._adapted(
                model.language_model, (model.config.part_names or {}).get("language_model", "")
            )
        processor = processor.told(self.settings)
        processor.prompt.context = context_of(model, self.settings)
        return Loaded(
            model=model,
            prompt=processor.prompt,
            guide=_guide(model, processor.tokenizer, processor.prompt),
            threads=self._threads_for(model, device),
            perceive=_perceiving(processor, model),
        )

    def _reader(self, alignment: Alignment, device: str) -> Loaded:
        """What reads the texts of an alignment; loaded once."""
        if self._words is None:
            adapter = None if self._apart else alignment.adapter
            self._words = self._language(alignment, device, adapter)
        return self._words

    def _language(self, alignment: Alignment, device: str, adapter: Path | None) -> Loaded:
        """The language model of an alignment, with this adapter and the further one."""
        from modaverse.model.alignment import check_language

        home = self._parts.get("language_model") or alignment.place("language_model") or ""
        model, tokenizer = Checkpoint(home).load(device, self._dtype)
        check_language(alignment, model)
        with load_errors(self._home), memory_errors(self._home), quiet():
            if adapter is not None:
                model = Checkpoint(home, str(adapter)).adapted(model)
            model = self._adapted(model, home).eval()
        prompt = Prompt(tokenizer, self.settings, context_of(model, self.settings))
        return Loaded(
            model=model,
            prompt=prompt,
            guide=_guide(model, tokenizer, prompt),
            threads=self._threads_for(model, device),
        )

    def _with_senses(self, alignment: Alignment, device: str) -> Loaded:
        """The language model of an alignment behind its encoders."""
        from modaverse.model.alignment import assemble

        if self._apart:
            words = self._language(alignment, device, alignment.adapter)
        else:
            words = self._reader(alignment, device)
        parts = {**self._parts, "language_model": words.model}
        model, processor = assemble(alignment.folder, **parts, adapter=False)
        processor = processor.told(self.settings)
        processor.prompt.context = words.prompt.context
        model = model.eval()
        return replace(
            words, model=model, prompt=processor.prompt, perceive=_perceiving(processor, model)
        )

    def _adapted(self, model: Any, base: str) -> Any:
        """A language model with the further adapter in its weights, if there is one."""
        if self._adapter is None:
            return model
        checkpoint = Checkpoint(base, self._adapter)
        checkpoint.check_adapter()
        with nearby(self._adapter):
            return checkpoint.adapted(model)

    def _whole(self, dtype: Any) -> tuple[ModaVerseForConditionalGeneration, ModaVerseProcessor]:
        """A whole model, on the CPU, and its processor."""
        if self._parts:
            raise ConfigError(
                f"{self._home} is a whole model, whose parts cannot be changed",
                hint=f"leave out {', '.join(self._parts)}",
            )
        from modaverse.model.modeling import ModaVerseForConditionalGeneration
        from modaverse.model.processing import ModaVerseProcessor

        model, report = ModaVerseForConditionalGeneration.from_pretrained(
            self._folder, dtype=dtype, trust_remote_code=False, output_loading_info=True
        )
        refuse_gaps(self._home, report)
        return model, ModaVerseProcessor.from_pretrained(self._folder)


def is_multimodal(name: str) -> bool:
    """Whether this is a whole multimodal LLM or the alignment of one; asks no other machine.

    Args:
        name: A folder; or a hub id, which is known if it was fetched before.
    """
    path = _fetched(name, "config.json")
    whole = path is not None and _json(path).get("model_type") == "modaverse"
    return whole or _alignment_in(_fetched(name, SETTINGS_FILE)) is not None


def _is_said(call: ToolCall, request: LLMRequest) -> bool:
    """Whether an option of a call is a number that the newest message says."""
    words = re.findall(r"[\w.]*\w", request.messages[-1].text.lower())
    numbers = [float(value) for value in call.options.values() if isinstance(value, (int, float))]
    said = {f"{number:g}" for number in numbers}
    said |= {_NUMBERS[int(number)] for number in numbers if number in range(len(_NUMBERS))}
    return not said.isdisjoint(words)


def _is_handed(call: ToolCall, files: set[Handle], request: LLMRequest) -> bool:
    """Whether a call takes one of these files; a silent video cannot be asked for its sound."""
    taken = files.intersection(call.inputs)
    if request.toolbox[call.tool].spec.output != "audio":
        return bool(taken)
    values = [request.media[handle] for handle in taken]
    return any(not isinstance(value, Video) or value.audio is not None for value in values)


def _fetched(name: str, file: str) -> Path | None:
    """A file of a folder, or of a hub repository as far as it was fetched; None if not there."""
    if Path(name).is_dir():
        path = Path(name) / file
        return path if path.is_file() else None
    if Path(name).is_absolute() or name.startswith("."):
        return None
    hub = require("huggingface_hub")  # and not transformers, which takes a second to import
    try:
        found = hub.try_to_load_from_cache(name, file)
    except hub.errors.HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def _json(path: Path) -> dict[str, Any]:
    """A JSON object; empty if it cannot be read: what loads the model says what is wrong."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _alignment_in(path: Path | None) -> Alignment | None:
    """The alignment that this `modaverse.json` is of; None if it is that of something else."""
    from modaverse.model.alignment import read_alignment

    if path is None or "language_model" not in _json(path):
        return None
    return read_alignment(path.parent)


def _guide(model: Any, tokenizer: Any, prompt: Prompt) -> Guide:
    """The tokenizer, prepared for grammars; an answer may end as it does in the template."""
    ends = dict.fromkeys((*ends_of(model, tokenizer), prompt.end))
    return Guide(tokenizer, model.get_output_embeddings().weight.shape[0], tuple(ends))


def _perceiving(
    processor: ModaVerseProcessor, model: ModaVerseForConditionalGeneration
) -> Callable[[LLMRequest, Prompted], Mapping[str, Any]]:
    """What turns the media of a request into what the model reads beside the tokens."""
    torch = require("torch")

    def perceive(request: LLMRequest, prompted: Prompted) -> dict[str, Any]:
        if not prompted.media:
            return {}
        media = processor.perceive(prompted.media, request)
        found = {name: getattr(media, name) for name in type(media).__slots__}
        given = {
            name: torch.from_numpy(values) for name, values in found.items() if values is not None
        }
        given["media_kinds"] = torch.tensor([prompted.kinds])
        return {name: tensor.to(model.device) for name, tensor in given.items()}

    return perceive
