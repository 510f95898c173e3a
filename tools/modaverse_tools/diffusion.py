"""Pictures, videos and sounds from text by diffusion: the nano models, or any diffusers pipeline.

`TextToImage()` is the small one that comes with the package, `TextToImage("name/on-the-hub")`
or `TextToImage("folder/of/a/pipeline")` is another, by that one argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from modaverse.errors import RequestError, ToolError
from modaverse.media import Audio, Image, Video
from modaverse.tool import Availability, Context, Tool, ToolOptions, packages_available
from modaverse_tools import nano_several, nano_words
from modaverse_tools.pipeline import GUIDANCE, NANO, STEPS, Pipeline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DiffusionTool", "TextToAudio", "TextToImage", "TextToVideo"]

Size = Literal[64, 128, 256, 512]

_FADE = 0.02  # seconds, where a sound is cut


class SampleOptions(ToolOptions):
    """What every diffusion tool can be told."""

    steps: int = Field(STEPS, ge=4, le=50, description="more is slower and finer")
    guidance: float = Field(GUIDANCE, ge=1, le=10, description="how closely to follow the prompt")


class PictureOptions(SampleOptions):
    """What a tool that makes pictures can be told beside."""

    size: Size = Field(256, description="pixels of the longer side")


class SoundOptions(SampleOptions):
    """What a tool that makes sounds can be told beside."""

    seconds: float = Field(3.0, ge=0.5, le=10, description="length")


class DiffusionTool(Tool):
    """A tool that runs a diffusers pipeline, loaded when first used.

    With the nano model the options have the defaults shown. Any other model keeps its own defaults
    for steps, guidance and size, unless a call asks for something else.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub. With
            HF_HUB_OFFLINE=1 in the environment nothing is downloaded.
        loading: More arguments of `from_pretrained`: `{"variant": "fp16"}`.
        calling: More arguments of the pipeline's call; they win: `{"guidance_scale": 0.0}`.
    """

    kind: ClassVar[nano_words.Kind]
    needs = ("torch", "transformers", "diffusers")

    def __init__(
        self,
        model: str = NANO,
        *,
        loading: Mapping[str, Any] | None = None,
        calling: Mapping[str, Any] | None = None,
    ) -> None:
        self.pipeline = self._pipeline_of(model, loading)
        self.calling = dict(calling or {})

    def _pipeline_of(self, model: str, loading: Mapping[str, Any] | None) -> Pipeline:
        """What runs the model, not yet loaded."""
        return Pipeline(model, self.kind, loading)

    @property
    def model(self) -> str:
        """Name of the model, as given."""
        return self.pipeline.model

    @property
    def knows(self) -> tuple[str, ...]:
        """What the nano model was taught; nothing is known of others."""
        return nano_words.knows(self.kind) if self.pipeline.is_nano else ()

    @property
    def memory(self) -> int:
        """Bytes of the loaded model, from the headers of its files; 0 for a name on the hub."""
        return self.pipeline.memory

    def available(self) -> Availability:
        """Whether packages and weights are there; imports and loads nothing."""
        packages = packages_available(self.needs)
        return self.pipeline.available() if packages.ok else packages

    def load(self, device: str) -> None:
        """Bring the pipeline to `device`.

        Raises:
            BackendMissing: Packages, weights or the device are missing.
            OutOfMemory: It does not fit.
        """
        self.pipeline.load(device)

    def unload(self) -> None:
        """Let go of the pipeline."""
        self.pipeline.unload()

    def _generate(
        self, prompt: str, options: SampleOptions, context: Context, **wanted: Any
    ) -> tuple[Any, Any]:
        """The pipeline's output, and the pipeline."""
        if not prompt.strip():
            raise RequestError("the prompt is empty", hint="say what to make")
        if self.pipeline.is_nano:
            for told in (f.remark(self.kind, prompt) for f in (nano_words, nano_several)):
                if told:
                    context.note(told)
        arguments = {"prompt": prompt, **wanted}
        if self._chosen(options, "steps"):
            arguments["num_inference_steps"] = options.steps
        if self._chosen(options, "guidance"):
            arguments["guidance_scale"] = options.guidance
        return self.pipeline.run(context, arguments, self.calling)

    def _drawn(self, prompt: str, options: PictureOptions, context: Context) -> tuple[Any, Any]:
        """As `_generate`, of pictures; nano's pipelines are told the size, lest they be soft."""
        sized = {"side": options.size} if self._chosen(options, "size") else {}
        return self._generate(prompt, options, context, output_type="np", **sized)

    def _pictures(self, output: Any) -> NDArray[np.uint8]:
        """The first picture of an output, [1, h, w, 3], unless the model itself kept it back."""
        if any(getattr(output, "nsfw_content_detected", None) or ()):
            raise ToolError(
                "the model's safety checker kept the picture back",
                tool=self.spec.name,
                hint="word the prompt differently",
            )
        return _levels(output.images)[:1]

    def _chosen(self, options: SampleOptions, name: str) -> bool:
        """Whether an option's value stands: always for nano, else if somebody asked for it."""
        return self.pipeline.is_nano or name in options.model_fields_set


class TextToImage(DiffusionTool):
    """Paint a picture of the prompt.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    kind = "image"

    def run(self, prompt: str, *, options: PictureOptions, context: Context) -> Image:
        """One picture: uint8 [h, w, 3], the longer side of `options.size` pixels.

        Raises:
            RequestError: The prompt is empty.
            ToolError: The model's own safety checker kept the picture back.
            Cancelled, BackendMissing, OutOfMemory: As they say.
        """
        output, _ = self._drawn(prompt, options, context)
        pictures = self._pictures(output)
        if self._chosen(options, "size"):
            pictures = _resized(pictures, options.size)
        return Image(pictures[0])


class FilmingTool(DiffusionTool):
    """A tool that makes videos.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        fps: Frames a second.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    kind = "video"

    def __init__(
        self,
        model: str = NANO,
        *,
        fps: float = 8.0,
        loading: Mapping[str, Any] | None = None,
        calling: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(model, loading=loading, calling=calling)
        self.fps = fps


class TextToVideo(FilmingTool):
    """Film the prompt: a short video without sound.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        fps: Frames a second.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    def run(self, prompt: str, *, options: PictureOptions, context: Context) -> Video:
        """One video: frames uint8 [t, h, w, 3], the longer side of `options.size` pixels.

        Raises:
            RequestError: The prompt is empty.
            Cancelled, BackendMissing, OutOfMemory: As they say.
        """
        output, _ = self._drawn(prompt, options, context)
        frames = _levels(output.frames[0])  # [t, h, w, 3]
        if self._chosen(options, "size"):
            frames = _resized(frames, options.size)
        return Video(frames, self.fps)


class TextToAudio(DiffusionTool):
    """Make a sound or a piece of music from the prompt: noises, animals, instruments; no speech.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    kind = "audio"

    def run(self, prompt: str, *, options: SoundOptions, context: Context) -> Audio:
        """One sound: float32 [n, channels], at the rate of the model.

        Raises:
            RequestError: The prompt is empty.
            Cancelled, BackendMissing, OutOfMemory: As they say.
        """
        chosen = self._chosen(options, "seconds")
        length = {"audio_length_in_s": options.seconds, "audio_end_in_s": options.seconds}
        output, pipe = self._generate(prompt, options, context, **(length if chosen else {}))
        sound = Audio(_waveform(output.audios[0]), _sampling_rate(pipe))
        return _cut(sound, options.seconds) if chosen else sound


def _levels(pictures: Any) -> NDArray[np.uint8]:
    """Pictures of any sort that diffusers gives, as uint8 [n, h, w, 3]."""
    import numpy as np

    levels = np.stack([np.asarray(picture) for picture in pictures])
    if levels.dtype == np.uint8:
        return levels
    scaled: NDArray[np.uint8] = (np.nan_to_num(levels).clip(0, 1) * 255).round().astype(np.uint8)
    return scaled


def _resized(pictures: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Pictures [n, h, w, 3] with the longer side of `size` pixels, by Lanczos' filter."""
    import numpy as np
    from PIL import Image as PillowImage

    height, width = pictures.shape[1:3]
    scale = size / max(height, width)
    to = (max(1, round(width * scale)), max(1, round(height * scale)))
    if to == (width, height):
        return pictures
    lanczos = PillowImage.Resampling.LANCZOS
    made = [np.asarray(PillowImage.fromarray(p).resize(to, lanczos), np.uint8) for p in pictures]
    return np.stack(made)


def _waveform(samples: Any) -> NDArray[np.float32]:
    """Samples [n] or [channels, n], a tensor or an array, as float32 [n, channels] in -1..1."""
    import numpy as np

    array = np.asarray(samples.float().cpu() if hasattr(samples, "cpu") else samples, np.float32)
    array = array[None] if array.ndim == 1 else array
    return np.ascontiguousarray(np.nan_to_num(array).clip(-1, 1).T)


def _sampling_rate(pipe: Any) -> int:
    """Hz; where a pipeline keeps it differs."""
    for part in (pipe, getattr(pipe, "vae", None), getattr(pipe, "vocoder", None)):
        for holder in (part, getattr(part, "config", None)):
            if rate := getattr(holder, "sampling_rate", None):
                return int(rate)
    raise ToolError(
        f"{type(pipe).__name__} does not tell its sampling rate",
        tool="text-to-audio",
        hint="use a model whose vae or vocoder has sampling_rate in its config.json",
    )


def _cut(sound: Audio, seconds: float) -> Audio:
    """At most `seconds` of `sound`, faded out where it was cut, lest it click."""
    import numpy as np

    wanted = round(seconds * sound.rate)
    if len(sound.samples) <= wanted:
        return sound
    samples = sound.samples[:wanted].copy()
    fade = min(wanted, round(_FADE * sound.rate))
    samples[wanted - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return Audio(samples, sound.rate)
