"""Pictures from pictures, and videos from pictures: the nano models, or any diffusers pipeline.

`ImageToImage()` and `ImageToVideo()` are the small ones that come with the package; a folder or a
name on the hub takes their place: `ImageToImage("timbrooks/instruct-pix2pix")`,
`ImageToVideo("stabilityai/stable-video-diffusion-img2vid")`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from modaverse.errors import BackendMissing, RequestError
from modaverse.media import Image, Video
from modaverse.tool import Availability, Context, ToolOptions
from modaverse_tools.diffusion import DiffusionTool, FilmingTool, SampleOptions, _levels, _resized
from modaverse_tools.pipeline import NANO, WEIGHTS, Pipeline

if TYPE_CHECKING:
    from PIL import Image as Pil

__all__ = ["ImageToImage", "ImageToVideo"]

Side = Literal[64, 128, 256, 512, 1024]

_LONGEST = 512  # pixels, unless a call asks for more
_GRID = 8  # other models want sides that this divides


class EditOptions(SampleOptions):
    """What an edit can be told."""

    strength: float = Field(1.0, ge=0.1, le=1, description="how far to go from the given picture")
    size: Side | None = Field(None, description="pixels of the longer side; else as given, to 512")


class MotionOptions(ToolOptions):
    """What a picture that moves can be told."""

    seconds: float = Field(2.0, ge=1, le=6, description="length")


class PicturePipeline(Pipeline):
    """A pipeline that begins with a picture; nano's own, or another.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        nano: The class of `nano_pictures` that "nano" means.
        loading: More arguments of `from_pretrained`.
    """

    def __init__(self, model: str, nano: str, loading: Mapping[str, Any] | None = None) -> None:
        super().__init__(model, "layers", loading)
        self._nano = nano

    @property
    def memory(self) -> int:
        """Bytes of all parameters once loaded; 0 for a name on the hub that is not yet loaded."""
        beside = Pipeline(str(WEIGHTS / "image"), "image").memory if self.is_nano else 0
        return beside + self._own_memory()

    def available(self) -> Availability:
        """Whether the weights are there, as far as a look into the folder tells."""
        if self.is_nano and (WEIGHTS / "layers" / "config.json").is_file():
            return Pipeline(NANO, "image").available()
        return super().available()

    def _own_memory(self) -> int:
        if not self.is_nano:
            return super().memory
        from modaverse_tools.pipeline import _BYTES, _parameters

        return _BYTES * sum(map(_parameters, (WEIGHTS / "layers").glob("*.safetensors")))

    def _class(self) -> Any:
        if not self.is_nano:
            return super()._class()
        from modaverse_tools import nano_pictures

        return getattr(nano_pictures, self._nano)

    def _loaded(self, device: str) -> Any:
        """The pipeline; of one that begins with text alone, diffusers' sister for pictures."""
        pipe = super()._loaded(device)
        if "image" in inspect.signature(type(pipe).__call__).parameters:
            return pipe
        if self._nano == "NanoEditPipeline":
            from diffusers import AutoPipelineForImage2Image

            try:
                return AutoPipelineForImage2Image.from_pipe(pipe)
            except ValueError:
                pass
        raise BackendMissing(
            f"{type(pipe).__name__} of '{self.model}' takes no picture",
            hint="use a pipeline that begins with a picture, such as "
            + ("timbrooks/instruct-pix2pix" if self._nano == "NanoEditPipeline"
               else "stabilityai/stable-video-diffusion-img2vid"),
        )  # fmt: skip


class PictureTool(DiffusionTool):
    """A tool that begins with a picture.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    nano: ClassVar[str]

    def _pipeline_of(self, model: str, loading: Mapping[str, Any] | None) -> Pipeline:
        return PicturePipeline(model, self.nano, loading)

    def _fit(self, image: Image, side: int | None) -> Pil.Image:
        """The picture as RGB on white, its longer side as asked or at most 512 pixels."""
        from PIL import Image as Pillow

        picture = image.pil().convert("RGBA")
        paper = Pillow.new("RGBA", picture.size, "white")
        paper.alpha_composite(picture)
        picture = paper.convert("RGB")
        longest = max(picture.size)
        scale = (side or min(longest, _LONGEST)) / longest
        grid = 1 if self.pipeline.is_nano else _GRID
        to = [max(grid, round(length * scale / grid) * grid) for length in picture.size]
        if tuple(to) == picture.size:
            return picture
        return picture.resize((to[0], to[1]), Pillow.Resampling.LANCZOS)

    def _made(self, prompt: str, context: Context, **wanted: Any) -> Any:
        """The pipeline's output, its notes told."""
        output, _ = self.pipeline.run(context, {"prompt": prompt, **wanted}, self.calling)
        for note in getattr(output, "notes", ()):
            context.note(note)
        return output


class ImageToImage(PictureTool):
    """Change a given picture as the prompt says.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub. A pipeline
            that paints from text alone serves as its image-to-image sister.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    kind = "image"
    nano = "NanoEditPipeline"

    def run(self, prompt: str, image: Image, *, options: EditOptions, context: Context) -> Image:
        """The changed picture: uint8 [h, w, 3].

        Raises:
            RequestError: The prompt is empty.
            ToolError: The model's own safety checker kept the picture back.
            Cancelled, BackendMissing, OutOfMemory: As they say.
        """
        if not prompt.strip():
            raise RequestError("the prompt is empty", hint="say what to change in the picture")
        wanted = {
            name: value
            for name, option, value in (
                ("num_inference_steps", "steps", options.steps),
                ("guidance_scale", "guidance", options.guidance),
                ("strength", "strength", options.strength),
            )
            if self._chosen(options, option)
        }
        given = self._fit(image, options.size)
        output = self._made(prompt, context, image=given, **wanted)
        made = self._pictures(output)
        return Image((_resized(made, options.size) if options.size else made)[0])


class ImageToVideo(PictureTool, FilmingTool):
    """Let a given picture move as the prompt says: a short video without sound.

    Args:
        model: "nano", a folder in diffusers' format, or a name on the Hugging Face hub.
        fps: Frames a second.
        loading: More arguments of `from_pretrained`.
        calling: More arguments of the pipeline's call; they win.
    """

    nano = "NanoMotionPipeline"

    def run(self, prompt: str, image: Image, *, options: MotionOptions, context: Context) -> Video:
        """The video: uint8 [t, h, w, 3], whose first frame is the picture if nano makes it.

        An empty prompt means that it is to move in any way.

        Raises:
            Cancelled, BackendMissing, OutOfMemory: As they say.
        """
        wanted: dict[str, Any] = {"image": self._fit(image, None)}
        if self.pipeline.is_nano or "seconds" in options.model_fields_set:
            wanted["num_frames"] = round(options.seconds * self.fps)
        if not self.pipeline.is_nano:
            wanted |= {"output_type": "np", "fps": round(self.fps)}
        output = self._made(prompt.strip() or "animate it", context, **wanted)
        frames = output.images if self.pipeline.is_nano else output.frames[0]
        return Video(_levels(frames), self.fps)
