"""The nano pipelines that begin with a picture: what is asked for is done to its layers.

Words become edits (`nano_edits`), a U-Net takes the thing out of its ground (`nano_layers`), and
the edits are drawn at the size of the picture (`nano_drawing`). New grounds and paths of motion are
those of the nano sketch; a thing that is new in a picture is painted by the nano picture model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image as PillowImage
from torch import Tensor
from torch.nn import functional

from modaverse_tools import nano_drawing as drawing
from modaverse_tools import nano_edits
from modaverse_tools.nano_drawing import Box, Pose, box_of
from modaverse_tools.nano_edits import COLOURS, Edit
from modaverse_tools.nano_layers import Layers, NanoLayers, taken_apart
from modaverse_tools.nano_open import MOTIONS
from modaverse_tools.nano_pipelines import NanoImagePipeline
from modaverse_tools.nano_sketch import pooled
from modaverse_tools.pipeline import GUIDANCE, STEPS

__all__ = ["FPS", "NanoEditPipeline", "NanoMotionPipeline", "PicturesOutput"]

FPS = 8
_NOTHING = 0.01  # of the picture: a thing that is smaller was not found
_EVERYTHING = 0.85  # a thing that is larger is the picture itself
_CALM = 0.6  # of the paths of nano's videos, whose things begin where they like
_WORN = {"crown": 0.5, "top hat": 0.6, "pair of glasses": 0.7}  # on the head, so wide

OnStep = Callable[[Any, int, Any, dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class PicturesOutput:
    """What the pipelines return.

    Attributes:
        images: The picture, or the frames of the video: uint8 [n, h, w, 3].
        notes: What a person should know of it.
    """

    images: NDArray[np.uint8]
    notes: tuple[str, ...] = ()


class _PicturePipeline:
    """What both share: the nano picture model with its text encoder and sketch, and the layers.

    Args:
        painter: Paints what comes new into a picture; its text encoder and sketch are used too.
        layers: Takes pictures apart.
    """

    def __init__(self, painter: NanoImagePipeline, layers: NanoLayers) -> None:
        self.painter = painter
        self.layers = layers.eval()
        self.num_timesteps = 1  # of the present run, for those who watch it

    @classmethod
    def from_pretrained(cls, folder: str | Path, **options: Any) -> Self:
        """Load the layers from their folder, and the picture model from the one beside it.

        Args:
            folder: With the weights of `NanoLayers`; beside it `image`, `sketch` and `text`.
            **options: As of diffusers' `from_pretrained`.
        """
        layers = NanoLayers.from_pretrained(folder, **options)
        painter = NanoImagePipeline.from_pretrained(Path(folder).parent / "image", **options)
        painter.set_progress_bar_config(disable=True)
        return cls(painter, layers)

    def to(self, device: str) -> Self:
        """Move all models."""
        self.painter.to(device)
        self.layers.to(device)
        return self

    def set_progress_bar_config(self, **options: Any) -> None:
        """As of diffusers' pipelines."""
        self.painter.set_progress_bar_config(**options)

    def preview_of(self, latents: Tensor) -> Tensor:
        """What a step tells is a picture already, [1, 3, h, w]: [3, h, w] in -1..1."""
        return latents[0]

    def _pixels(self, image: PillowImage.Image) -> Tensor:
        """float32 [1, 3, h, w] in -1..1."""
        levels = torch.from_numpy(np.array(image.convert("RGB")))
        pixels = levels.permute(2, 0, 1)[None].float() / 127.5 - 1
        return pixels.to(self.layers.device)

    @torch.no_grad()
    def _features(self, prompt: str) -> Tensor:
        """Pooled text features [1, d]."""
        states, mask = self.painter._read(prompt, 32)
        return pooled(states[1:], mask[1:])


def _found(layers: Layers) -> bool:
    """Whether a picture shows a thing before a ground."""
    return _NOTHING < float(layers.opacity.mean()) < _EVERYTHING


def _levels(pictures: Sequence[Tensor]) -> NDArray[np.uint8]:
    """Pictures [1, 3, h, w] in -1..1 as uint8 [n, h, w, 3]."""
    levels = ((torch.cat(list(pictures)).clamp(-1, 1) + 1) * 127.5).round().byte()
    return levels.permute(0, 2, 3, 1).cpu().numpy()


class NanoEditPipeline(_PicturePipeline):
    """Changes a picture as an instruction says.

    Args:
        painter: Paints what comes new into a picture; its text encoder and sketch are used too.
        layers: Takes pictures apart.
    """

    @torch.no_grad()
    def __call__(
        self,
        prompt: str,
        image: PillowImage.Image,
        *,
        strength: float = 1.0,
        num_inference_steps: int = STEPS,
        guidance_scale: float = GUIDANCE,
        generator: torch.Generator | None = None,
        callback_on_step_end: OnStep | None = None,
    ) -> PicturesOutput:
        """Do to a picture what the prompt asks for.

        Args:
            prompt: The instruction; all edits that it names are done.
            image: Any size and shape.
            strength: How much of the change to take, in 0..1; where the shape of the picture
                changes, all of it.
            num_inference_steps: Of the picture model, if something new is painted.
            guidance_scale: Of the same.
            generator: Of the same.
            callback_on_step_end: As in diffusers' own pipelines.
        """
        edits = nano_edits.read(prompt)
        picture = self._pixels(image)
        if not edits:
            return PicturesOutput(_levels([picture]), (nano_edits.remark(prompt),))
        painting = sum(edit.kind in ("thing", "add") for edit in edits)
        self.num_timesteps = 2 + num_inference_steps * painting
        told = _Told(self, callback_on_step_end)

        def paint(name: str) -> Layers:
            article = "an" if name[0] in "aeiou" else "a"
            made = self.painter(
                f"{article} {name}", output_type="np", vary=False, generator=generator,
                num_inference_steps=num_inference_steps, guidance_scale=guidance_scale,
                callback_on_step_end=told.painting,
            ).images  # fmt: skip
            told.done += num_inference_steps
            painted = torch.from_numpy(made).permute(0, 3, 1, 2).to(picture) * 2 - 1
            return taken_apart(self.layers, painted)

        def ground(name: str) -> Tensor:
            if name in COLOURS:
                return _plain(name, picture)
            text = self._features(_SCENES.get(name, f"a dog in the {name}"))
            _, behind = self.painter.sketch.layers(text)
            return functional.interpolate(
                behind.to(picture), picture.shape[2:], mode="bicubic", align_corners=False
            ).clamp(-1, 1)

        sheet = _Sheet(picture, taken_apart(self.layers, picture))
        told.step(picture)
        notes = sheet.apply(edits, paint, ground)
        made = sheet.picture()
        told.step(made)
        for edit in edits:
            made = _on_the_whole(made, edit, sheet.box)
        if strength < 1 and made.shape == picture.shape:
            made = torch.lerp(picture, made, strength)
        return PicturesOutput(_levels([made]), notes)


#: A caption by which the sketch paints each place.
_SCENES = {
    "beach": "a dog on a beach", "sea": "a dog in the sea", "underwater": "a dog underwater",
    "sky": "a dog in the sky", "meadow": "a dog in a meadow", "night": "a dog at night",
    "forest": "a dog in a forest", "space": "a dog in space", "sunset": "a dog at sunset",
    "room": "a dog in a room",
}  # fmt: skip


class _Told:
    """Counts the steps of a run for diffusers' `callback_on_step_end`."""

    def __init__(self, pipe: Any, callback: OnStep | None) -> None:
        self.pipe, self.callback, self.done = pipe, callback, 0

    def step(self, picture: Tensor) -> None:
        """One step of the pipeline's own."""
        if self.callback is not None:
            self.callback(self.pipe, self.done, None, {"latents": picture})
        self.done += 1

    def painting(self, _: Any, index: int, timestep: Any, tensors: dict[str, Any]) -> Any:
        """A step of the picture model; its noise is nothing to look at."""
        if self.callback is not None:
            self.callback(self.pipe, self.done + index, timestep, {"latents": tensors["latents"]})
        return tensors


class _Sheet:
    """A picture taken apart while it is changed."""

    def __init__(self, picture: Tensor, layers: Layers) -> None:
        self.original = picture
        self.there = _found(layers)
        self.opacity = layers.opacity if self.there else torch.zeros_like(layers.opacity)
        self.thing, self.ground = layers.thing, layers.ground if self.there else picture
        self.box = box_of(self.opacity)
        self.size = (picture.shape[2], picture.shape[3])
        self._before = (self.thing, self.opacity, self.ground)
        self._added: list[Tensor] = []
        self._reshaped = False

    def apply(
        self,
        edits: Sequence[Edit],
        paint: Callable[[str], Layers],
        ground: Callable[[str], Tensor],
    ) -> tuple[str, ...]:
        """Do all edits that are done to layers; what was not possible is told."""
        notes = []
        known = {(edit.kind, edit.where): edit for edit in edits}
        if (edit := known.get(("thing", "all"))) is not None:
            self._replace(paint(str(edit.value)))
        needs = {"place", "size", "remove", "ground"} & {edit.kind for edit in edits}
        if needs and not self.there:
            notes.append("nano finds no single thing in the picture, so it leaves it where it is")
        colour = known.get(("colour", "all"))
        if colour is not None:
            self._tint(str(colour.value), on_ground=False)
        if (edit := known.get(("ground", "all"))) is not None and self.there:
            self._reshaped, self.ground = True, ground(str(edit.value))
        if (edit := known.get(("colour", "ground"))) is not None:
            self._tint(str(edit.value), on_ground=True)
        if ("remove", "all") in known and self.there:
            self._reshaped, self.opacity = True, torch.zeros_like(self.opacity)
        for edit in edits:
            if edit.where != "all":
                self._tone(edit)
        added = known.get(("add", "all"))
        self._move([edit for edit in edits if not (added and edit.kind == "place")])
        if added is not None:
            self._add(str(added.value), paint(str(added.value)), known.get(("place", "all")))
        return tuple(notes)

    def picture(self) -> Tensor:
        """All layers laid together; where nothing changed, the pixels that were given."""
        if self._reshaped:
            made = drawing.laid_over(drawing.sheet_of(self.thing, self.opacity), self.ground)
        else:
            thing, opacity, ground = self._before
            made = self.original + opacity * (self.thing - thing)
            made = (made + (1 - opacity) * (self.ground - ground)).clamp(-1, 1)
        for sheet in self._added:
            made = drawing.laid_over(sheet, made)
        return made

    def _replace(self, new: Layers) -> None:
        """Another thing where the old one was, about as large."""
        box = self.box
        if not self.there:
            box = Box(self.size[1] / 2, self.size[0] / 2, *(0.65 * min(self.size),) * 2)
        sheet = self._fitted(new, box)
        self._take(sheet)
        self.there, self.box = True, box_of(self.opacity)

    def _fitted(self, new: Layers, box: Box) -> Tensor:
        """A painted thing on this canvas, in the middle of a box and about as large."""
        own = box_of(new.opacity)
        scale = math.sqrt(box.width * box.height / (own.width * own.height))
        scale = min(scale, self.size[1] / own.width, self.size[0] / own.height)
        source = drawing.sheet_of(new.thing, new.opacity)
        made = drawing.placed(source, Pose(box.x, box.y, scale), (own.x, own.y), self.size)
        return _crisp(made, scale)

    def _take(self, sheet: Tensor) -> None:
        """Let a sheet be the thing from now on."""
        self._reshaped = True
        self.opacity = sheet[:, 3:]
        self.thing = (sheet[:, :3] / self.opacity.clamp(min=1e-3) - 1).clamp(-1, 1)

    def _tint(self, name: str, *, on_ground: bool) -> None:
        if on_ground or not self.there:
            self.ground = drawing.tinted(self.ground, 1 - self.opacity, COLOURS[name])
        else:
            self.thing = drawing.tinted(self.thing, self.opacity, COLOURS[name])

    def _tone(self, edit: Edit) -> None:
        """Light, blur or tone of the thing or the ground alone."""
        change = _TONES.get(edit.kind)
        if change is None:
            return
        if edit.where == "ground" or not self.there:
            self.ground = change(self.ground, edit.value)
        else:
            self.thing = change(self.thing, edit.value)

    def _move(self, edits: Sequence[Edit]) -> None:
        """Size, place, turn and mirroring of the thing, about its own middle."""
        known = {edit.kind: edit.value for edit in edits if edit.kind in ("size", "place")}
        own = [edit for edit in edits if edit.where != "all"]
        known |= {edit.kind: edit.value for edit in own if edit.kind in ("turn", "mirror")}
        if not known or not self.there:
            return
        box = self.box
        scale = float(known.get("size", 1.0))
        scale = min(scale, 1.25 * self.size[1] / box.width, 1.25 * self.size[0] / box.height)
        box = Box(box.x, box.y, scale * box.width, scale * box.height)
        if "place" in known:
            box = _moved_to(box, str(known["place"]), self.size)
        pose = Pose(
            box.x, box.y, scale, math.radians(float(known.get("turn", 0.0))),
            mirrored=known.get("mirror") == "x", flipped=known.get("mirror") == "y",
        )  # fmt: skip
        sheet = drawing.sheet_of(self.thing, self.opacity)
        self._take(drawing.placed(sheet, pose, (self.box.x, self.box.y), self.size))
        self.box = box

    def _add(self, name: str, new: Layers, place: Edit | None) -> None:
        """Another thing, on the head of the one that is there, where it is asked for, or beside."""
        high, wide = self.size
        own = box_of(new.opacity)
        shape = own.height / own.width
        box = self.box if self.there else Box(wide / 2, high / 2, wide / 2, high / 2)
        if place is not None or not self.there:
            side = 0.4 * min(self.size)
            at = _moved_to(Box(wide / 2, high / 2, side, side), str(place.value if place else ""),
                           self.size)  # fmt: skip
        elif name in _WORN:
            width = _WORN[name] * box.width
            top = box.y - box.height / 2
            y = box.y - 0.08 * box.height if "glasses" in name else top - 0.2 * shape * width
            at = Box(box.x, max(y, 0.35 * shape * width), width, shape * width)
        else:
            side = 0.7 * max(box.width, box.height)
            right = wide - (box.x + box.width / 2) >= box.x - box.width / 2
            x = box.x + (0.5 if right else -0.5) * (box.width + 0.9 * side)
            low = box.y + 0.5 * (box.height - side)  # both stand on one floor
            at = Box(min(max(x, side / 2), wide - side / 2), low, side, side)
        self._added.append(self._fitted(new, at))


def _crisp(sheet: Tensor, scale: float) -> Tensor:
    """A sheet that was enlarged, with edges as hard as those of a picture of its new size."""
    if scale <= 2:
        return sheet
    opacity = sheet[:, 3:]
    hard = ((opacity - 0.5) * scale / 2 + 0.5).clamp(0, 1)
    colour = sheet[:, :3] / opacity.clamp(min=1e-3)
    return torch.cat([colour.clamp(0, 2) * hard, hard], 1)


def _moved_to(box: Box, place: str, size: tuple[int, int]) -> Box:
    """A box at the left, right, top or bottom, or in the middle, of a picture [h, w]."""
    x, y = box.x, box.y
    near = 0.04
    words = place.split(",")
    if "middle" in words:
        x, y = size[1] / 2, size[0] / 2
    if "left" in words or "right" in words:
        x = near * size[1] + box.width / 2
        x = min(x, size[1] / 3) if "left" in words else max(size[1] - x, size[1] * 2 / 3)
    if "top" in words or "bottom" in words:
        y = near * size[0] + box.height / 2
        y = min(y, size[0] / 3) if "top" in words else max(size[0] - y, size[0] * 2 / 3)
    return replace(box, x=x, y=y)


def _plain(name: str, like: Tensor) -> Tensor:
    """A plain ground in the colour that training scenes have; white is paper-white."""
    levels = torch.tensor(COLOURS[name], dtype=torch.float32, device=like.device)
    levels = 0.8 * levels + 51 * (name not in ("black", "gray"))
    levels = torch.full_like(levels, 255) if name == "white" else levels
    return (levels / 127.5 - 1).view(1, 3, 1, 1).expand_as(like)


_TONES: dict[str, Callable[[Tensor, Any], Tensor]] = {
    "tone": drawing.toned,
    "light": drawing.lit,
    "blur": drawing.softened,
}


def _on_the_whole(picture: Tensor, edit: Edit, box: Box) -> Tensor:
    """An edit of the picture as a whole; others leave it as it is."""
    if edit.kind == "crop":
        return _cropped(picture, str(edit.value), box)
    if edit.where != "all":
        return picture
    if edit.kind in _TONES:
        return _TONES[edit.kind](picture, edit.value)
    if edit.kind == "style":
        return drawing.styled(picture, str(edit.value))
    if edit.kind == "mirror":
        return picture.flip(3 if edit.value == "x" else 2)
    if edit.kind == "turn":
        return _turned(picture, float(edit.value))
    return picture


def _turned(picture: Tensor, degrees: float) -> Tensor:
    """Quarter turns are exact; by any other angle the corners are mirrored in."""
    if degrees % 90 == 0:
        return torch.rot90(picture, -int(degrees // 90) % 4, (2, 3))
    high, wide = picture.shape[2:]
    return drawing.seen_from(picture, wide / 2, high / 2, 1.0, math.radians(degrees))


def _cropped(picture: Tensor, to: str, box: Box) -> Tensor:
    """A square of the picture, a half of it, or the thing with a little around it."""
    high, wide = picture.shape[2:]
    if to in ("left", "right"):
        return picture[..., : wide // 2] if to == "left" else picture[..., wide // 2 :]
    if to in ("top", "bottom"):
        return picture[:, :, : high // 2] if to == "top" else picture[:, :, high // 2 :]
    if to == "square":
        width = height = min(high, wide)
    else:
        share = max(1.2 * box.width / wide, 1.2 * box.height / high)
        share = min(share, 1.0) if box.width < wide else 0.6
        width, height = round(share * wide), round(share * high)
    left = min(max(round(box.x - width / 2), 0), wide - width)
    top = min(max(round(box.y - height / 2), 0), high - height)
    part = picture[:, :, top : top + height, left : left + width]
    if to == "square":
        return part
    return functional.interpolate(part, (high, wide), mode="bicubic", align_corners=False)


class NanoMotionPipeline(_PicturePipeline):
    """Lets what a picture shows move.

    Args:
        painter: Its text encoder and sketch tell the paths.
        layers: Takes pictures apart.
    """

    @torch.no_grad()
    def __call__(
        self,
        prompt: str,
        image: PillowImage.Image,
        *,
        num_frames: int = 2 * FPS,
        generator: torch.Generator | None = None,
        callback_on_step_end: OnStep | None = None,
    ) -> PicturesOutput:
        """Film the picture: its first frame is the picture itself.

        Args:
            prompt: Names a motion, of the thing or of the camera; else the seed chooses one.
            image: Any size; a row or column is cut off if their number is odd.
            num_frames: Of the video.
            generator: For the choice, on the CPU.
            callback_on_step_end: As in diffusers' own pipelines.
        """
        picture = self._pixels(image)
        picture = picture[:, :, : image.height // 2 * 2 or 1, : image.width // 2 * 2 or 1]
        layers = taken_apart(self.layers, picture)
        motion, notes = _motion(prompt, generator)
        self.num_timesteps = num_frames
        if motion in nano_edits.CAMERA or not _found(layers):
            if motion in MOTIONS and motion in _SEEN:
                notes = (*notes, "nano finds no single thing in the picture: all of it moves")
            film = _filmed(picture, _SEEN.get(motion, motion), num_frames)
        else:
            poses = self.painter.sketch.poses(self._features(f"a dog {motion}"))[0].float()
            film = _acted(picture, layers, _path(poses, motion, num_frames))
        frames = []
        for index, frame in enumerate(film):
            frames.append(frame)
            if callback_on_step_end is not None:
                callback_on_step_end(self, index, None, {"latents": frame})
        return PicturesOutput(_levels(frames), notes)


#: What a camera does where no thing is found that could move.
_SEEN = {
    "moving to the right": "pan left", "moving to the left": "pan right", "rising": "pan down",
    "falling": "pan up", "growing": "zoom in", "shrinking": "zoom out", "spinning": "spin",
    "bouncing": "bounce", "shaking": "shake", "swinging": "swing",
}  # fmt: skip


def _motion(prompt: str, generator: torch.Generator | None) -> tuple[str, tuple[str, ...]]:
    """The motion that a prompt names, or one of the seed's choice, which is told."""
    if (named := nano_edits.motion_of(prompt)) is not None:
        return named, ()
    pick = int(torch.rand((), generator=generator) * len(MOTIONS))
    return MOTIONS[pick], (f"no motion is named that nano knows, so it chose {MOTIONS[pick]}",)


def _path(poses: Tensor, motion: str, frames: int) -> Tensor:
    """Poses [16, 4] of the sketch as [frames, 4], beginning with none at all."""
    times = torch.linspace(0, len(poses) - 1, frames)
    before = times.floor().long()
    after = (before + 1).clamp(max=len(poses) - 1)
    path = torch.lerp(poses[before], poses[after], (times - before).unsqueeze(1))
    path = path - path[:1]
    travels = motion.startswith("moving") or motion in ("rising", "falling")
    return path * torch.tensor([_CALM if travels else 1.0] * 2 + [_CALM, 1.0])


def _acted(picture: Tensor, layers: Layers, path: Tensor) -> Iterator[Tensor]:
    """The picture, then its thing on a path [t, 4] over its ground."""
    high, wide = picture.shape[2:]
    box = box_of(layers.opacity)
    sheet = drawing.sheet_of(layers.thing, layers.opacity)
    reach = min(high, wide) / 2
    yield picture
    for right, down, size, turn in path[1:].tolist():
        pose = Pose(box.x + right * reach, box.y + down * reach, math.exp(size), -turn)
        moved = drawing.placed(sheet, pose, (box.x, box.y), (high, wide))
        yield drawing.laid_over(moved, layers.ground)


def _filmed(picture: Tensor, motion: str, frames: int) -> Iterator[Tensor]:
    """A picture, then what a camera sees that moves before it."""
    high, wide = picture.shape[2:]
    yield picture
    for index in range(1, frames):
        t = index / (frames - 1)
        ease = t * t * (3 - 2 * t)
        x, y, zoom, turn = 0.0, 0.0, 1.0, 0.0
        if motion in ("zoom in", "zoom out"):
            zoom = 1.7 ** (ease if motion == "zoom in" else -ease)
        elif motion.startswith("pan"):
            zoom = 1 + 0.4 * ease  # closer, so that nothing beyond the rim is seen
            way = (1 - 1 / zoom) * {"left": -1, "right": 1, "up": -1, "down": 1}[motion[4:]]
            x, y = (way, 0.0) if motion[4:] in ("left", "right") else (0.0, way)
        elif motion == "bounce":
            y = 0.2 * abs(math.sin(3 * math.pi * t))
        elif motion == "shake":
            x = 0.06 * math.sin(10 * math.pi * t)
        else:
            turn = 2 * math.pi * ease if motion == "spin" else 0.3 * math.sin(4 * math.pi * t)
        centre = ((1 + x) * wide / 2, (1 + y) * high / 2)
        yield drawing.seen_from(picture, *centre, zoom, turn)
