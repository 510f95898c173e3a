"""One diffusers pipeline: loaded on first use, watched while it runs, stopped between steps."""

from __future__ import annotations

import gc
import importlib
import inspect
import json
import math
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing, ModaVerseError, OutOfMemory
from modaverse.faults import is_out_of_memory
from modaverse.hub import nearby
from modaverse.media import Image
from modaverse.tool import Availability, Context

__all__ = ["GUIDANCE", "NANO", "STEPS", "WEIGHTS", "Pipeline", "Watch", "native_arguments"]

NANO = "nano"
WEIGHTS = Path(__file__).parent / "weights"
STEPS = 16  # in which the nano models sample, unless told otherwise; the judges measure these
GUIDANCE = 2.0  # how closely they follow the prompt then

_OWN_CLASSES: Mapping[str, str] = {
    "NanoImagePipeline": "modaverse_tools.nano_pipelines:NanoImagePipeline",
    "NanoVideoPipeline": "modaverse_tools.nano_pipelines:NanoVideoPipeline",
    "NanoAudioPipeline": "modaverse_tools.nano_audio:NanoAudioPipeline",
}
_PREVIEWS = 4  # in a run, at most
_BYTES = 4  # of a parameter once loaded; half of it on a GPU, where more room does no harm

# diffusers and transformers fill lazy modules while importing, which two threads at once break.
_importing = threading.Lock()


class Pipeline:
    """A diffusers pipeline by the place of its weights.

    Args:
        model: "nano" for the weights that come with the package, a folder, or a name on the hub.
        kind: Which of the nano weights: "image", "video" or "audio".
        loading: More arguments of `from_pretrained`, such as `{"variant": "fp16"}`.
    """

    def __init__(self, model: str, kind: str, loading: Mapping[str, Any] | None = None) -> None:
        self.model = str(model)
        self.kind = kind
        self._loading = dict(loading or {})
        self._lock = threading.RLock()
        self._pipe: Any = None
        self._device = ""

    @property
    def is_nano(self) -> bool:
        """Whether it is the one that comes with the package."""
        return self.model == NANO

    @property
    def folder(self) -> Path | None:
        """Folder of the weights; None for a name on the hub."""
        if self.is_nano:
            return WEIGHTS / self.kind
        path = Path(self.model).expanduser()
        return path if path.is_dir() or path.is_absolute() or self.model[:1] in ".~" else None

    @property
    def memory(self) -> int:
        """Bytes of all parameters once loaded; 0 for a name on the hub that is not yet loaded."""
        if (folder := self.folder) is None:
            return 0
        own = (folder / "text_encoder").is_dir()  # the nano models share what is beside them
        names = () if own else ("text",) if self.kind == "audio" else ("text", "sketch", "upscaler")
        shared = [folder.parent / name for name in names]
        files = (file for place in [folder, *shared] for file in place.rglob("*.safetensors"))
        return _BYTES * sum(_parameters(file) for file in files)

    def available(self) -> Availability:
        """Whether the weights are there, as far as a look into the folder tells."""
        folder = self.folder
        if folder is None or (folder / "model_index.json").is_file():
            return Availability(ok=True)
        return Availability(
            ok=False, reason=f"there are no {self.kind} weights in {folder}", hint=self._hint()
        )

    def load(self, device: str) -> Any:
        """The pipeline on `device`, loaded if it is not there.

        Raises:
            BackendMissing: Packages, weights or the device are missing.
            OutOfMemory: It does not fit.
        """
        with self._lock:
            if self._pipe is None:
                with self._guard(loading=True):
                    self._pipe = self._loaded(device)
                self._device = ""
            if self._device != device:
                with self._guard(loading=True):
                    self._pipe.to(device)
                self._device = device
            return self._pipe

    def unload(self) -> None:
        """Let go of the weights and give the memory back."""
        with self._lock:
            self._pipe = None
            gc.collect()
            if self._device.startswith("cuda"):
                import torch

                torch.cuda.empty_cache()

    def run(
        self,
        context: Context,
        wanted: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> tuple[Any, Any]:
        """Run the pipeline, one run at a time, telling progress.

        Args:
            context: Of the run: seed, device, progress, stop.
            wanted: Arguments to pass if the pipeline takes them.
            given: Arguments to pass in any case; they win.

        Returns:
            The pipeline's output object, and the pipeline.

        Raises:
            Cancelled: Somebody asked to stop.
            BackendMissing: Packages, weights or the device are missing.
            OutOfMemory: It does not fit.
        """
        with self._turn(context):
            pipe = self.load(context.device)
            context.check()
            watch = Watch(pipe, context, previews=self.is_nano or context.device != "cpu")
            arguments = {**native_arguments(pipe), **wanted, "generator": _generator(context.seed)}
            accepted = _accepted(pipe)
            fitting = {key: value for key, value in arguments.items() if key in accepted}
            with self._guard(), watch.hooked():
                return pipe(**{**fitting, **watch.arguments(), **given}), pipe

    def _loaded(self, device: str) -> Any:
        with nearby(self.model if self.folder is None else None), _importing, _quiet():
            import torch

            half = device.startswith("cuda") and not self.is_nano
            dtype = torch.float16 if half else torch.float32
            source = str(self.folder or self.model)
            pipe = self._class().from_pretrained(source, **{"dtype": dtype, **self._loading})
        pipe.set_progress_bar_config(disable=True)
        return pipe

    def _class(self) -> Any:
        """Whose `from_pretrained` loads it."""
        return _pipeline_class(self.folder)

    @contextmanager
    def _turn(self, context: Context) -> Iterator[None]:
        """Wait for the pipeline, which keeps the state of one run; stop waiting when asked to."""
        while not self._lock.acquire(timeout=0.05):
            context.check()
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def _guard(self, *, loading: bool = False) -> Iterator[None]:
        """Turn what the libraries raise into our errors."""
        try:
            yield
        except ModaVerseError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                self.unload()
                raise OutOfMemory(
                    f"{self.model} does not fit into the memory of {self._device or 'the device'}",
                    hint="close other programs, choose a smaller size or model, or device 'cpu'",
                ) from error
            if loading:
                raise BackendMissing(
                    f"the {self.kind} model '{self.model}' cannot be loaded: {_first_line(error)}",
                    hint=self._hint(error),
                ) from error
            raise

    def _hint(self, error: Exception | None = None) -> str:
        """The line to type."""
        if isinstance(error, ImportError):
            return "pip install torch transformers diffusers accelerate"
        if error is not None and "CUDA" in str(error):
            return "use device 'cpu', or install a torch build for this GPU"
        if self.is_nano:
            return "pip install --force-reinstall --no-deps modaverse"
        return f"hf download {self.model}" if self.folder is None else f"ls {self.folder}"


class Watch:
    """Follows one run of a pipeline: progress, previews, and the stop between two steps.

    diffusers pipelines tell of a step in three ways: `callback_on_step_end` (most), `callback` (the
    older ones), or not at all; for the last the denoising model is hooked. Raising from inside ends
    the run at once, so that nothing more is computed.

    Args:
        pipe: The pipeline.
        context: Receives the progress.
        previews: Whether to decode a few pictures on the way.
    """

    def __init__(self, pipe: Any, context: Context, *, previews: bool = True) -> None:
        self.pipe = pipe
        self.context = context
        self.previews = previews
        self._accepted = _accepted(pipe)
        self._calls = 0
        self._shown = 0  # the step of the last preview

    def arguments(self) -> dict[str, Any]:
        """What to pass to the pipeline, so that it tells of its steps."""
        if "callback_on_step_end" in self._accepted:
            return {"callback_on_step_end": self._on_step_end}
        if "callback" in self._accepted:
            return {"callback": self._on_step, "callback_steps": 1}
        return {}

    @contextmanager
    def hooked(self) -> Iterator[None]:
        """Watch the denoising model itself, if the pipeline tells nothing."""
        model = getattr(self.pipe, "transformer", None) or getattr(self.pipe, "unet", None)
        if self.arguments() or model is None:
            yield
            return
        handle = model.register_forward_pre_hook(self._before_forward)
        try:
            yield
        finally:
            handle.remove()

    def _on_step_end(self, pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> Any:
        self._step(step + 1, tensors.get("latents"))
        return tensors

    def _on_step(self, step: int, timestep: Any, latents: Any) -> None:
        self._step(step + 1, latents)

    def _before_forward(self, model: Any, arguments: Any) -> None:
        self._calls += 1
        self._step(self._calls, None)

    def _step(self, step: int, latents: Any) -> None:
        self.context.check()
        timesteps = getattr(getattr(self.pipe, "scheduler", None), "timesteps", ())
        total = max(step, getattr(self.pipe, "num_timesteps", None) or len(timesteps))
        # counted from the last one, since a run may begin in the middle of its steps
        due = self.previews and self._shown + math.ceil(total / _PREVIEWS) <= step < total
        if due:
            self._shown = step
        self.context.report(step, total, self._preview(latents) if due else None)

    def _preview(self, latents: Any) -> Image | None:
        """The picture so far, the middle frame of a video; None if the latents are of another sort.

        A pipeline whose latents are neither pixels nor a VAE's may bring its own
        `preview_of(latents) -> pixels [3, h, w] in -1..1`.
        """
        latents = _foreseen(self.pipe, latents)
        if latents is None or (pixels := _pixels(self.pipe, latents)) is None:
            return None
        levels = (pixels.float().clamp(-1, 1) + 1) * 127.5  # [3, h, w]
        return Image(levels.round().byte().permute(1, 2, 0).cpu().numpy())


def _pixels(pipe: Any, latents: Any) -> Any:
    """Latents as pixels [3, h, w] in -1..1; None if nobody knows how."""
    if (own := getattr(pipe, "preview_of", None)) is not None:
        return own(latents)
    if latents.ndim == 5:  # [b, c, t, h, w]
        latents = latents[:, :, latents.shape[2] // 2]
    if latents.ndim != 4:
        return None
    if (vae := getattr(pipe, "vae", None)) is not None:
        return _decoded(vae, latents[:1])
    return latents[0] if latents.shape[1] == 3 else None


def _decoded(vae: Any, latents: Any) -> Any:
    """Latents [1, c, h, w] -> pixels [3, h, w] in -1..1; None if this VAE is of another sort."""
    config = vae.config
    if type(vae).__name__ != "AutoencoderKL" or latents.shape[1] != config.latent_channels:
        return None
    import torch

    with torch.no_grad():
        shifted = latents / config.scaling_factor + (config.get("shift_factor") or 0)
        return vae.decode(shifted.to(vae.dtype)).sample[0]


def native_arguments(pipe: Any) -> dict[str, Any]:
    """Arguments that make a pipeline work in the size it was trained for.

    PixArt picks sizes from a list that small models are not in, and Latte assumes 512 pixels.
    """
    config = getattr(getattr(pipe, "transformer", None), "config", {})
    arguments: dict[str, Any] = {"clean_caption": False}
    if (sample := config.get("sample_size")) and isinstance(sample, int):
        if sample not in (32, 64, 128):
            arguments["use_resolution_binning"] = False
        if "video_length" in config:
            side = sample * getattr(pipe, "vae_scale_factor", 1)
            length = config["video_length"]
            arguments |= {"height": side, "width": side, "video_length": length}
    return arguments


def _pipeline_class(folder: Path | None) -> Any:
    """The exact class that a folder names, so that no other need be imported."""
    if folder is None:
        return importlib.import_module("diffusers").DiffusionPipeline
    name = json.loads((folder / "model_index.json").read_text())["_class_name"]
    if (reference := _OWN_CLASSES.get(name)) is not None:
        module, _, attribute = reference.partition(":")
        return getattr(importlib.import_module(module), attribute)
    diffusers = importlib.import_module("diffusers")
    return getattr(diffusers, name, None) or diffusers.DiffusionPipeline


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the progress bars of diffusers and transformers, which would tear our own."""
    loggers = [
        importlib.import_module("transformers.utils.logging"),
        importlib.import_module("diffusers.utils.logging"),
    ]
    active: list[Callable[[], bool]] = [module.is_progress_bar_enabled for module in loggers]
    shown = [is_active() for is_active in active]
    for module in loggers:
        module.disable_progress_bar()
    try:
        yield
    finally:
        for module, was_shown in zip(loggers, shown, strict=True):
            if was_shown:
                module.enable_progress_bar()


def _generator(seed: int) -> Any:
    """On the CPU whatever the device, so that a seed means the same noise everywhere."""
    import torch

    return torch.Generator("cpu").manual_seed(seed % (1 << 63))


def _accepted(pipe: Any) -> frozenset[str]:
    return frozenset(inspect.signature(type(pipe).__call__).parameters)


def _foreseen(pipe: Any, latents: Any) -> Any:
    """The scheduler's present guess of the clean latents, if it keeps one; else `latents`."""
    scheduler = getattr(pipe, "scheduler", None)
    algorithm = str(getattr(scheduler, "config", {}).get("algorithm_type", ""))
    outputs = getattr(scheduler, "model_outputs", None) or [None]
    guess = outputs[-1]
    fits = getattr(guess, "shape", None) == getattr(latents, "shape", None)
    return guess if fits and algorithm.endswith("dpmsolver++") else latents


def _parameters(file: Path) -> int:
    """Number of parameters in a safetensors file, from its header; 0 if it is damaged."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            header = json.loads(stream.read(min(length, 100_000_000)))
        tensors = (entry for name, entry in header.items() if name != "__metadata__")
        return sum(math.prod(entry["shape"]) for entry in tensors)
    except (OSError, ValueError, struct.error, KeyError, TypeError):
        return 0


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
