"""The nano suite's diffusers pipelines: pictures and videos, straight in pixels, without a VAE.

Pictures and videos begin as a sketch (see `nano_sketch`), which the transformer refines. What the
prompt leaves open in it is settled by the seed (see `nano_open`). An upscaler gives them twice the
pixels if they are asked for (see `nano_upscaler`).

Their transformers predict the clean data from the noisy data (Li and He, arXiv 2511.13720), so a
picture is a few large patches and no autoencoder is needed. Everything else is stock diffusers:
`PixArtTransformer2DModel`, `T5EncoderModel`, and the `DPMSolverMultistepScheduler` on the path of
rectified flow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from diffusers import DiffusionPipeline
from diffusers.utils import BaseOutput
from torch import Tensor
from transformers import PreTrainedTokenizerFast, T5EncoderModel

from modaverse_tools.nano_open import Choice, choose, painted
from modaverse_tools.nano_sketch import NanoSketch, pooled, posed
from modaverse_tools.nano_upscaler import NanoUpscaler, enlarged
from modaverse_tools.pipeline import GUIDANCE, STEPS

__all__ = [
    "FRAMES",
    "NanoImagePipeline",
    "NanoPipeline",
    "NanoVideoPipeline",
    "PictureOutput",
    "VideoOutput",
    "frames_of",
    "laid_out",
]

FRAMES = 16  # of a nano video

OnStep = Callable[[Any, int, Tensor, dict[str, Tensor]], dict[str, Tensor]]


@dataclass
class PictureOutput(BaseOutput):
    """What `NanoImagePipeline` returns.

    Attributes:
        images: float32 [batch, h, w, 3] in 0..1, or PIL pictures.
        choices: What the seed settled, for each prompt.
    """

    images: Any
    choices: tuple[Choice, ...] = ()


@dataclass
class VideoOutput(BaseOutput):
    """What `NanoVideoPipeline` returns.

    Attributes:
        frames: float32 [batch, frames, h, w, 3] in 0..1.
        choices: What the seed settled, for each prompt.
    """

    frames: Any
    choices: tuple[Choice, ...] = ()


class NanoPipeline(DiffusionPipeline):
    """What the nano pipelines share: reading the prompt, and the loop from noise to data.

    Args:
        tokenizer: Of the text encoder.
        text_encoder: A `T5EncoderModel`. The three nano models share one, in the folder `text`
            beside theirs, unless their own folder holds one.
        transformer: Predicts the clean data.
        scheduler: With `prediction_type="sample"` and `use_flow_sigmas=True`.
    """

    model_cpu_offload_seq = "text_encoder->transformer"

    def __init__(self, tokenizer: Any, text_encoder: Any, transformer: Any, scheduler: Any) -> None:
        super().__init__()
        self.register_modules(
            tokenizer=tokenizer,
            text_encoder=text_encoder,
            transformer=transformer,
            scheduler=scheduler,
        )
        self._interrupt = False

    @classmethod
    def from_pretrained(cls, folder: str | Path, **options: Any) -> Self:
        """Load from a folder; what the nano models share is found beside it if it is not inside.

        Args:
            folder: Of the pipeline, or its name on the hub.
            **options: As of `DiffusionPipeline.from_pretrained`.
        """
        found = cls._shared_parts(Path(folder), options.get("dtype") or torch.float32)
        options = {**found, **options}
        pipeline: Self = super().from_pretrained(folder, **options)
        return pipeline

    @classmethod
    def _shared_parts(cls, folder: Path, dtype: torch.dtype) -> dict[str, Any]:
        """The text encoder and its tokenizer, unless the folder holds its own."""
        text = folder.parent / "text"
        if (folder / "text_encoder").is_dir() or not (text / "text_encoder").is_dir():
            return {}
        encoder = T5EncoderModel.from_pretrained(text / "text_encoder", dtype=dtype)
        tokenizer = PreTrainedTokenizerFast.from_pretrained(text / "tokenizer")
        return {"text_encoder": encoder.eval(), "tokenizer": tokenizer}

    @torch.no_grad()
    def _read(self, prompt: str | list[str], length: int) -> tuple[Tensor, Tensor]:
        """Prompts -> token states [b, s, d] and mask [b, s], the empty prompts first."""
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        fields = self.tokenizer(
            [""] * len(prompts) + prompts,
            padding="max_length",
            max_length=length,
            truncation=True,
            return_tensors="pt",
        ).to(self.text_encoder.device)
        states = self.text_encoder(fields.input_ids, attention_mask=fields.attention_mask)[0]
        return states.to(self.transformer.dtype), fields.attention_mask

    @torch.no_grad()
    def _denoise(
        self,
        prompt: str | list[str],
        shape: tuple[int, ...],
        *,
        steps: int,
        guidance: float,
        generator: torch.Generator | None,
        length: int = 32,
        on_step: OnStep | None = None,
        choices: Sequence[Choice] = (),
    ) -> Tensor:
        """From noise to clean data [b, *shape], float32, about unit scale.

        Args:
            prompt: One prompt or several.
            shape: Of one sample.
            steps: Of the scheduler.
            guidance: Strength of classifier-free guidance; 1 is none.
            generator: For the noise, on the CPU.
            length: Tokens of a prompt.
            on_step: diffusers' `callback_on_step_end`; sets `_interrupt` to stop. A sketch stands
                for the first steps: it is told once, as the last of them.
            choices: What the sketch is to follow beside the prompts; none if it is not to.
        """
        self._interrupt = False
        states, mask = self._read(prompt, length)
        count = len(states) // 2
        given = self._given(states[count:], mask[count:], choices)
        noise = torch.randn((count, *shape), generator=generator, dtype=torch.float32)
        latents = noise.to(self.transformer.device, self.transformer.dtype)
        self.scheduler.set_timesteps(steps, device=latents.device)
        timesteps = self.scheduler.timesteps
        begin = 0
        if given is not None:
            begin = round(steps * (1 - self.freedom))
            self.scheduler.set_begin_index(begin)
            level = self.scheduler.sigmas[begin].to(latents)
            latents = (1 - level) * given + level * latents
            if on_step is not None and begin:
                on_step(self, begin - 1, timesteps[begin - 1], {"latents": given})
        for index, timestep in enumerate(self.progress_bar(timesteps[begin:]), begin):
            if self._interrupt:
                break
            seen = latents if given is None else torch.cat([latents, given], 1)
            plain, told = self.transformer(
                torch.cat([seen, seen]),
                encoder_hidden_states=states,
                encoder_attention_mask=mask.to(seen.dtype),
                timestep=timestep.expand(2 * count),
                added_cond_kwargs={"resolution": None, "aspect_ratio": None},
                return_dict=False,
            )[0].chunk(2)
            clean = plain + guidance * (told - plain)
            clean = clean if given is None else clean + given
            latents = self.scheduler.step(clean, timestep, latents, return_dict=False)[0]
            if on_step is not None:
                changed = on_step(self, index, timestep, {"latents": latents})
                latents = changed.pop("latents", latents)
        return latents.float()

    def _given(self, states: Tensor, mask: Tensor, choices: Sequence[Choice]) -> Tensor | None:
        """A sketch of the data, [b, c, ...], that the transformer adds to; nothing here."""
        return None


class SketchedPipeline(NanoPipeline):
    """What pictures and videos share: a sketch from the text that the transformer refines.

    Args:
        tokenizer: Of the text encoder.
        text_encoder: A `T5EncoderModel`.
        sketch: A `NanoSketch`; found in the folder `sketch`, or the one beside the pipeline's.
        transformer: Predicts the clean data from the noisy data and the sketch.
        scheduler: With `prediction_type="sample"` and `use_flow_sigmas=True`.
        upscaler: A `NanoUpscaler` if there is one; found in the folder `upscaler`, or the one
            beside the pipeline's. Without, nothing is enlarged.
    """

    model_cpu_offload_seq = "text_encoder->sketch->transformer->upscaler"
    _optional_components: ClassVar[list[str]] = ["upscaler"]
    freedom = 0.8  # how much of the way from noise to data is gone; the sketch saves the rest

    def __init__(
        self,
        tokenizer: Any,
        text_encoder: Any,
        sketch: Any,
        transformer: Any,
        scheduler: Any,
        upscaler: Any = None,
    ) -> None:
        super().__init__(tokenizer, text_encoder, transformer, scheduler)
        self.register_modules(sketch=sketch, upscaler=upscaler)

    @classmethod
    def _shared_parts(cls, folder: Path, dtype: torch.dtype) -> dict[str, Any]:
        found = super()._shared_parts(folder, dtype)
        sketch = NanoSketch.from_pretrained(_place(folder, "sketch"), dtype=dtype)
        found["sketch"] = sketch.eval()
        if ((place := _place(folder, "upscaler")) / "config.json").is_file():
            found["upscaler"] = NanoUpscaler.from_pretrained(place, dtype=dtype).eval()
        return found

    def _finished(self, clean: Tensor, side: int | None) -> Tensor:
        """Clean data [b, 3, h, w] as pictures in 0..1, enlarged if more pixels are wanted."""
        if self.upscaler is not None and side is not None and side > clean.shape[-1]:
            clean = enlarged(self.upscaler, clean)
        return (clean / 2 + 0.5).clamp(0, 1)

    @torch.no_grad()
    def _chosen(
        self,
        prompt: str | list[str],
        generator: torch.Generator | None,
        length: int,
        *,
        video: bool = False,
    ) -> tuple[Choice, ...]:
        """What the seed settles for each prompt."""
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        states, mask = self._read(prompts, length)
        text = pooled(states[len(prompts) :], mask[len(prompts) :])
        _, grounds = self.sketch.layers(text)
        pairs = zip(prompts, grounds.cpu(), strict=True)
        return tuple(choose(told, ground, generator, video=video) for told, ground in pairs)


class NanoImagePipeline(SketchedPipeline):
    """Pictures from text, by a PixArt transformer on pixels."""

    def _given(self, states: Tensor, mask: Tensor, choices: Sequence[Choice]) -> Tensor:
        text = pooled(states, mask)
        if not choices:
            sketch: Tensor = self.sketch.picture(text)
            return sketch
        drawing, ground = self.sketch.layers(text)
        poses = torch.tensor([[choice.pose] for choice in choices]).to(ground)
        return posed(drawing, painted(ground, choices), poses)[:, 0]

    def __call__(
        self,
        prompt: str | list[str],
        *,
        num_inference_steps: int = STEPS,
        guidance_scale: float = GUIDANCE,
        generator: torch.Generator | None = None,
        max_sequence_length: int = 32,
        output_type: str = "pil",
        callback_on_step_end: OnStep | None = None,
        vary: bool = True,
        side: int | None = None,
    ) -> PictureOutput:
        """Paint the prompt.

        The model itself paints nearly the same for every seed. So what the prompt leaves open is
        settled by the seed before: a pale ground if it names none, a little of the thing's
        place and size. `.choices` tells what it was.

        Args:
            prompt: One prompt or several.
            num_inference_steps: Steps of the scheduler.
            guidance_scale: How closely to follow the prompt; 1 is without guidance.
            generator: For the noise, on the CPU.
            max_sequence_length: Tokens of a prompt that are read.
            output_type: "pil" or "np".
            callback_on_step_end: As in diffusers' own pipelines.
            vary: Whether the seed settles what is open; without, it gives the noise alone.
            side: Pixels that are wanted. For more than the transformer paints, the upscaler doubles
                these, once.

        Returns:
            `.images`: PIL pictures, or float32 [b, h, w, 3] in 0..1; and `.choices`.
        """
        config = self.transformer.config
        choices = self._chosen(prompt, generator, max_sequence_length) if vary else ()
        clean = self._denoise(
            prompt,
            (config.out_channels, config.sample_size, config.sample_size),
            steps=num_inference_steps,
            guidance=guidance_scale,
            generator=generator,
            length=max_sequence_length,
            on_step=callback_on_step_end,
            choices=choices,
        )
        images = self._finished(clean, side).permute(0, 2, 3, 1).cpu().numpy()
        return PictureOutput(self.numpy_to_pil(images) if output_type == "pil" else images, choices)


class NanoVideoPipeline(SketchedPipeline):
    """Short videos from text, by a PixArt transformer that attends over space and time at once.

    The frames are laid out as one wide picture, see `laid_out`.
    """

    freedom = 0.2  # more lets patches disagree about the ground

    def _given(self, states: Tensor, mask: Tensor, choices: Sequence[Choice]) -> Tensor:
        config = self.transformer.config
        groups = 3 * FRAMES // config.out_channels
        text = pooled(states, mask)
        drawing, ground = self.sketch.layers(text)
        film = posed(drawing, painted(ground, choices), self.sketch.poses(text))
        return laid_out(film, groups, config.patch_size)

    def __call__(
        self,
        prompt: str | list[str],
        *,
        num_inference_steps: int = STEPS,
        guidance_scale: float = GUIDANCE,
        generator: torch.Generator | None = None,
        max_sequence_length: int = 32,
        callback_on_step_end: OnStep | None = None,
        vary: bool = True,
        side: int | None = None,
    ) -> VideoOutput:
        """Film the prompt.

        As with pictures, the seed settles what the prompt leaves open: a pale ground, and a motion,
        whose words are added to the prompt that the model reads. `.choices` tells what it was, and
        that prompt.

        Args:
            prompt: One prompt or several.
            num_inference_steps: Steps of the scheduler.
            guidance_scale: How closely to follow the prompt; 1 is without guidance.
            generator: For the noise, on the CPU.
            max_sequence_length: Tokens of a prompt that are read.
            callback_on_step_end: As in diffusers' own pipelines.
            vary: Whether the seed settles what is open; without, it gives the noise alone.
            side: Pixels that are wanted, as with pictures.

        Returns:
            `.frames`: float32 [b, frames, h, w, 3] in 0..1; and `.choices`.
        """
        choices = self._chosen(prompt, generator, max_sequence_length, video=True) if vary else ()
        config = self.transformer.config
        high, groups = config.sample_size, 3 * FRAMES // config.out_channels
        clean = self._denoise(
            [choice.prompt for choice in choices] or prompt,
            (config.out_channels, high, groups * high),
            steps=num_inference_steps,
            guidance=guidance_scale,
            generator=generator,
            length=max_sequence_length,
            on_step=callback_on_step_end,
            choices=choices,
        )
        frames = frames_of(clean, config.patch_size)
        shown = self._finished(frames.flatten(0, 1), side)
        shown = shown.view(*frames.shape[:2], *shown.shape[1:])
        return VideoOutput(shown.permute(0, 1, 3, 4, 2).cpu().numpy(), choices)

    def preview_of(self, latents: Tensor) -> Tensor:
        """The middle frame of the first video, [3, h, w] in -1..1."""
        frames = frames_of(latents, self.transformer.config.patch_size)
        return frames[0, frames.shape[1] // 2]


def laid_out(frames: Tensor, groups: int, patch: int) -> Tensor:
    """Frames [b, t, 3, h, w] as one wide picture [b, 3 t / groups, h, groups w].

    The frames of a group (those that follow one another) become channels. The groups lie side by
    side a patch at a time, so that patch column c of group g stands at c + g / groups in PixArt's
    position grid: a transformer trained on pictures knows these places.
    """
    b, t, c, h, w = frames.shape
    columns = frames.reshape(b, groups, t // groups * c, h, w // patch, patch)
    return columns.permute(0, 2, 3, 4, 1, 5).reshape(b, t // groups * c, h, groups * w)


def frames_of(picture: Tensor, patch: int) -> Tensor:
    """The frames [b, t, 3, h, w] that `laid_out` made a picture of; h = w."""
    b, channels, h, wide = picture.shape
    groups = wide // h
    columns = picture.reshape(b, channels, h, h // patch, groups, patch)
    return columns.permute(0, 4, 1, 2, 3, 5).reshape(b, groups * channels // 3, 3, h, h)


def _place(folder: Path, part: str) -> Path:
    """Where a part lies that pipelines can share: inside the pipeline's folder, or beside it."""
    own = folder / part
    return own if own.is_dir() else folder.parent / part
