"""Plans from the multimodal LLM, which sees and hears what is attached to a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import ConfigError, LLMError, ModaVerseError, RequestError
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
from modaverse.llm.looking import Sight, Turn
from modaverse.llm.template import Prompt
from modaverse.llm.transformers import ends_of

if TYPE_CHECKING:
    from modaverse.llm.template import Prompted
    from modaverse.media import Modality
    from modaverse.model.alignment import Alignment
    from modaverse.model.modeling import ModaVerseForConditionalGeneration
    from modaverse.model.processing import ModaVerseProcessor

__all__ = ["MultimodalLLM", "is_multimodal"]

_PARTS = ("language_model", "vision", "audio")


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
        aligned: dict[str, Any] = {"dialect": "lines", "system": False, "context": None, "beams": 1}
        return ModelSettings(**{name: said.get(name, usual) for name, usual in aligned.items()})

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """As of every local model; where some turns are planned without looking, all at once."""
        if not self._apart or not self._sight.anything(request):
            yield from super().stream(request)
            return
        turn = self._turn(request, self._tried(replace(request, media={})))
        look = turn.look
        text = turn.alone if look is None else turn.settled(self._tried(look))
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
        seen = {n for n, request in enumerate(requests) if self._sight.anything(request)}
        alone = [replace(each, media={}) if n in seen else each for n, each in enumerate(requests)]
        written = super().write(alone, batch=batch, cancelled=cancelled)
        turns = {n: self._turn(requests[n], written[n]) for n in sorted(seen)}
        looks = {n: turn.look for n, turn in turns.items() if turn.look is not None}
        if looks:
            looked = super().write([*looks.values()], batch=batch, cancelled=cancelled)
            for number, text in zip(looks, looked, strict=True):
                written[number] = turns[number].settled(text)
        return written

    def _beams(self, request: LLMRequest) -> int:
        looked = self._sight.brought(request.messages, request)
        return super()._beams(request) if looked else 1

    @property
    def _sight(self) -> Sight:
        """What it perceives of a conversation."""
        return Sight(self.perceives(), self.settings.system)

    def _turn(self, request: LLMRequest, alone: str | ModaVerseError) -> Turn:
        """A turn of which the language model alone wrote this."""
        return Turn(request, self._sight, alone, self.dialect(request.toolbox).parse)

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
        if any(self._sight.brought(request.messages, request) for request in requests):
            return self.load()
        with self._lock:
            return self._reader(self._alignment, device_for(self._device))

    @property
    def _apart(self) -> bool:
        """Whether texts are planned by another language model than media are."""
        return self._alignment is not None and self._alignment.adapted == "media"

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
