"""What alignment teaches, as small files: an adapter, the projections, and what they belong to.

A folder holds `adapter/` (a plain LoRA of peft, on the language model alone), the weights in
`projections.safetensors`, and `modaverse.json`. The language model and the encoders stay where they
came from. `"adapter"` in `modaverse.json` says what is planned with the adapter: everything (true);
or, with "media", only requests with something to perceive, while text alone is planned by the
language model as it is; or there is none (false), as it has been merged into the language model, or
none was trained.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import BackendMissing, ConfigError, LLMError
from modaverse.llm.backend import quiet, require
from modaverse.model.probe import alike, probe

if TYPE_CHECKING:
    from torch import Tensor

    from modaverse.model.modeling import ModaVerseForConditionalGeneration
    from modaverse.model.processing import ModaVerseProcessor

__all__ = [
    "PAPER_TARGETS",
    "Alignment",
    "Part",
    "add_lora",
    "assemble",
    "check_language",
    "load_alignment",
    "read_alignment",
    "save_alignment",
]

FILE, ADAPTER, PROJECTIONS = "modaverse.json", "adapter", "projections.safetensors"
PAPER_TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj")
_OPTIONS = (
    "vision_tokens", "audio_tokens", "max_frames", "video_sound", "projection",
    "dialect", "system", "context", "beams",
)  # fmt: skip
_PARTS = ("language_model", "vision", "audio")


@dataclass(frozen=True, slots=True)
class Part:
    """A checkpoint that an alignment was trained on.

    Attributes:
        name: Folder or hub id; a folder may be given relative to the alignment's own.
        model_type: Its kind in transformers.
        sizes: What must be the same of another that takes its place.
        probe: Some of its weights (see `modaverse.model.probe`); None where they were not at hand,
            and in older files.
    """

    name: str
    model_type: str
    sizes: dict[str, int]
    probe: Sequence[float] | None = None

    def fits(self, other: Part) -> bool:
        """Whether the other one is the same model, wherever it lies and whatever it is called.

        Where their weights cannot be compared, it goes by the name.
        """
        if self.probe and other.probe and len(self.probe) == len(other.probe):
            same = alike(self.probe, other.probe)
        else:
            named = self.name and other.name
            same = not named or Path(self.name).name.lower() == Path(other.name).name.lower()
        return same and self.model_type == other.model_type and self.sizes == other.sizes


@dataclass(frozen=True, slots=True)
class Alignment:
    """What `modaverse.json` of an alignment says.

    Attributes:
        folder: Where it lies.
        parts: By part: language_model, vision, audio; those that there are.
        options: For `ModaVerseConfig`.
        adapted: Whether an adapter belongs to it; "media" if it is used only where something is
            perceived, while text alone is planned by the language model as it is.
    """

    folder: Path
    parts: dict[str, Part]
    options: dict[str, Any]
    adapted: bool | Literal["media"]

    @property
    def adapter(self) -> Path | None:
        """The folder of its adapter; None if it has none.

        Raises:
            ConfigError: It should be there and is not.
        """
        if not self.adapted:
            return None
        if not (self.folder / ADAPTER).is_dir():
            raise ConfigError(
                f"the alignment {self.folder} lacks its {ADAPTER}/",
                hint=f'copy or download the folder whole; {FILE} may say "adapter": false where '
                "the language model has it in its weights already",
            )
        return self.folder / ADAPTER

    def home(self, part: str) -> str | None:
        """The folder or hub id of a part; None if there is no such part."""
        if part not in self.parts:
            return None
        name = self.parts[part].name
        beside = self.folder / name
        return str(beside.resolve()) if name and beside.is_dir() else name

    def place(self, part: str) -> str | None:
        """As `home`, where something is to be read from there.

        Raises:
            BackendMissing: It was a folder, which is gone.
        """
        home = self.home(part)
        if home and (Path(home).is_absolute() or home[0] == ".") and not Path(home).is_dir():
            raise BackendMissing(
                f"{_shown(self.parts[part], part)}, which the alignment {self.folder} was "
                "trained on, is not there any more",
                hint=f"say where it lies now: {part}= in load_llm, or its name in "
                f"{self.folder / FILE}",
            )
        return home


def add_lora(model: ModaVerseForConditionalGeneration, lora: Any | None = None) -> None:
    """Put a LoRA adapter on the language model; afterwards it and the projections learn, no more.

    Args:
        model: Without an adapter.
        lora: A `peft.LoraConfig`; by default the paper's: rank 32, alpha 32, dropout 0.1 on the
            query, key, value and output projections.

    Raises:
        BackendMissing: peft is not installed.
    """
    peft = require("peft")
    lora = lora or peft.LoraConfig(
        r=32,
        lora_alpha=32,
        lora_dropout=0.1,
        target_modules=list(PAPER_TARGETS),
        task_type="CAUSAL_LM",
    )
    model.requires_grad_(False)
    model.language_model = peft.get_peft_model(model.language_model, lora)
    model.projections.requires_grad_(True)


def save_alignment(
    model: ModaVerseForConditionalGeneration,
    folder: str | Path,
    *,
    state: Mapping[str, Tensor] | None = None,
) -> Path:
    """Write adapter, projections and `modaverse.json`; gives the folder.

    Args:
        model: With an adapter, or without one if only the projections were trained.
        folder: Made if it is not there.
        state: The model's whole state, where it has been gathered from several processes; by
            default its own.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    adapted = hasattr(model.language_model, "peft_config")
    if adapted:
        model.language_model.save_pretrained(
            folder / ADAPTER, state_dict=_within(state, "language_model.")
        )
    projections = _within(state, "projections.") or model.projections.state_dict()
    if projections:
        weights = {name: value.detach().cpu().contiguous() for name, value in projections.items()}
        require("safetensors.torch").save_file(weights, folder / PROJECTIONS, {"format": "pt"})
    said = {name: getattr(model.config, name) for name in _OPTIONS}
    said |= {"adapter": adapted}
    said |= {name: asdict(part) for name, part in _parts(model).items()}
    text = json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")  # the last: with it the folder is whole
    return folder


def load_alignment(
    model: ModaVerseForConditionalGeneration,
    folder: str | Path,
    *,
    trainable: bool = False,
    adapter: bool = True,
) -> None:
    """Take adapter and projections from a folder.

    Args:
        model: Of the same parts. If it has an adapter already, that one takes the weights.
        folder: As `save_alignment` wrote it.
        trainable: Whether a new adapter is to learn on.
        adapter: Whether the adapter is taken; not where the language model has it in its weights.

    Raises:
        ConfigError: The folder holds no alignment, or one of other parts; both are named.
        LLMError: Its weights are damaged.
    """
    alignment = read_alignment(folder)
    _check(alignment, model, merged=not adapter)
    path = alignment.folder / PROJECTIONS
    place = alignment.adapter if adapter else None
    try:
        weights = require("safetensors.torch").load_file(path) if path.is_file() else {}
        model.projections.load_state_dict(weights)
        if place is not None:
            _load_adapter(model, place, trainable=trainable)
    except require("safetensors").SafetensorError as error:
        raise LLMError(
            f"the weights of the alignment {folder} are damaged: {error}", hint="download it again"
        ) from error
    except (RuntimeError, ValueError, KeyError) as error:
        raise ConfigError(
            f"the weights of the alignment {folder} do not fit the model: {error}",
            hint="take the model that it was trained on, with the options of its modaverse.json",
        ) from error


def assemble(
    folder: str | Path,
    *,
    language_model: Any | None = None,
    vision: str | Path | None = None,
    audio: str | Path | None = None,
    merge: bool = True,
    adapter: bool = True,
    **options: Any,
) -> tuple[ModaVerseForConditionalGeneration, ModaVerseProcessor]:
    """The whole model that an alignment belongs to, and its processor.

    Args:
        folder: As `save_alignment` wrote it.
        language_model: Where it lies now, or the loaded model; by default where it lay. The same
            holds for `vision` and `audio`.
        vision: The vision encoder.
        audio: The audio encoder.
        merge: Add the adapter into the weights, so that it costs nothing a token.
        adapter: Whether it is taken at all; not where the loaded language model has it already.
        **options: For `ModaVerseForConditionalGeneration.from_parts`, such as `dtype=`.

    Raises:
        ConfigError: The folder holds no alignment, or one of other parts; both are named.
        BackendMissing: A folder is not where it was.
        OSError: A part is not on the hub.
    """
    from modaverse.model.modeling import ModaVerseForConditionalGeneration
    from modaverse.model.processing import ModaVerseProcessor

    alignment = read_alignment(folder)
    given = {"language_model": language_model, "vision": vision, "audio": audio}
    options |= {part: given[part] or alignment.place(part) for part in _PARTS}
    model = ModaVerseForConditionalGeneration.from_parts(**alignment.options, **options)
    load_alignment(model, folder, adapter=adapter)
    if merge and hasattr(model.language_model, "merge_and_unload"):
        model.language_model = model.language_model.merge_and_unload()
    return model, ModaVerseProcessor.from_parts(model.config)


def read_alignment(folder: str | Path) -> Alignment:
    """What `modaverse.json` in the folder says; loads neither torch nor transformers.

    Its `"adapter"` is true, false or "media": only where something is perceived; text alone is
    planned by the language model as it is. Without one, it is whether the folder is there.

    Raises:
        ConfigError: There is none, or it is not that of an alignment.
    """
    folder = Path(folder)
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        parts = {name: _part(said[name]) for name in _PARTS if name in said}
        options = {name: said[name] for name in _OPTIONS if name in said}
        if "language_model" not in parts:
            raise KeyError("language_model")
        adapted = said.get("adapter", (folder / ADAPTER).is_dir())  # older ones do not say
        if not isinstance(adapted, bool) and adapted != "media":
            raise TypeError(f'adapter is {adapted!r}, neither true nor false nor "media"')
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{folder} holds no alignment: {type(error).__name__}: {error}",
            hint=f"name a folder with {FILE}, {ADAPTER}/ and {PROJECTIONS}",
        ) from error
    return Alignment(folder, parts, options, adapted)


def check_language(alignment: Alignment, model: Any) -> None:
    """Refuse a language model that is not the one of an alignment.

    Args:
        alignment: What it is to fit.
        model: The loaded language model alone.

    Raises:
        ConfigError: It is another; both are named.
    """
    name = "language_model"
    there = _language(model.config, model.name_or_path, probe(model))
    if not alignment.parts[name].fits(there):
        raise _foreign(alignment, name, there)


def _part(said: Mapping[str, Any]) -> Part:
    """A part as a file has it."""
    part = Part(**said)
    if part.probe is not None:
        return replace(part, probe=tuple(map(float, part.probe)))
    return part


def _parts(model: ModaVerseForConditionalGeneration) -> dict[str, Part]:
    """What a model is made of."""
    from modaverse.model.configuration import feature_width

    config = model.config
    names = config.part_names
    probes = {
        "language_model": probe(model.language_model),
        "vision": probe(model.vision_encoder),
        "audio": probe(model.audio_encoder),
    }
    own = names.get("language_model", "")
    parts = {"language_model": _language(config.text_config, own, probes["language_model"])}
    for name, part in (("vision", config.vision_config), ("audio", config.audio_config)):
        if part is not None:
            width = {"features": feature_width(part)}
            parts[name] = Part(names.get(name, ""), part.model_type, width, probes[name])
    return parts


def _language(config: Any, name: str, weights: Sequence[float] | None) -> Part:
    """The part that a language model of this configuration is."""
    sizes = ("hidden_size", "num_hidden_layers", "vocab_size")
    return Part(name, config.model_type, {size: getattr(config, size) for size in sizes}, weights)


def _check(alignment: Alignment, model: ModaVerseForConditionalGeneration, *, merged: bool) -> None:
    """Refuse an alignment of other parts; where an adapter is merged, weights tell nothing."""
    there = _parts(model)
    if merged:
        there["language_model"] = replace(there["language_model"], probe=None)
    for name in _PARTS:
        trained, given = alignment.parts.get(name), there.get(name)
        if trained is None and given is None:
            continue
        if trained is None or given is None or not trained.fits(given):
            raise _foreign(alignment, name, given)


def _foreign(alignment: Alignment, name: str, given: Part | None) -> ConfigError:
    """The error that an alignment is of another part."""
    before = alignment.parts.get(name)
    trained, there = _shown(before, name), _shown(given, name)
    if before and given:
        if (before.model_type, before.sizes) == (given.model_type, given.sizes):
            there += ", which has other weights"
        elif trained == there:  # the name does not tell it from what it was
            trained, there = (f"{trained} {_sized(part)}" for part in (before, given))
    return ConfigError(
        f"the alignment {alignment.folder} was trained on {trained} and does not fit {there}",
        hint=f"take {trained}, or another alignment",
    )


def _sized(part: Part) -> str:
    sizes = ", ".join(f"{size} {value}" for size, value in part.sizes.items())
    return f"({part.model_type}: {sizes})"


def _shown(part: Part | None, name: str) -> str:
    kind = name.replace("_", " ") if name == "language_model" else f"{name} encoder"
    return f"no {kind}" if part is None else f"the {kind} {part.name or part.model_type!r}"


def _load_adapter(
    model: ModaVerseForConditionalGeneration, folder: Path, *, trainable: bool
) -> None:
    peft = require("peft")
    if hasattr(model.language_model, "peft_config"):
        weights = require("peft.utils").load_peft_weights(str(folder), device="cpu")
        report = peft.set_peft_model_state_dict(model.language_model, weights)
        if report.unexpected_keys:
            raise ConfigError(
                f"the adapter {folder} has weights for which there is no place, such as "
                f"{report.unexpected_keys[0]}",
                hint="give the model an adapter of the same kind",
            )
        return
    with quiet():
        model.language_model = peft.PeftModel.from_pretrained(
            model.language_model, str(folder), is_trainable=trainable
        )


def _within(state: Mapping[str, Any] | None, prefix: str) -> dict[str, Any] | None:
    """The part of a state under a prefix, which is taken off."""
    if state is None:
        return None
    return {
        name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)
    }
