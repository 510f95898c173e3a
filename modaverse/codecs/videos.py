"""Videos to frames and sound and back, with PyAV."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from modaverse.codecs.copies import Copies, PacketWatch, PictureCopier, Sound, SoundCopier
from modaverse.codecs.files import Limits, check_complete, decoding, encoding, over_limit
from modaverse.codecs.pictures import check_frames, check_pixels
from modaverse.codecs.sounds import (
    SampleCollector,
    SoundWriter,
    in_range,
    open_container,
    write_tags,
)
from modaverse.errors import MediaError

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

MAX_FPS = 240.0
# One thread: with more, the bytes would depend on the number of cores. And the same steps on every
# CPU: those that x264 takes with AVX-512 depend on what is in memory beside the frames. Without
# frames that need later ones, a stream can be cut behind any of them.
_X264 = {
    "crf": "17",
    "preset": "medium",
    "threads": "1",
    "x264-params": "cpu-independent=1",
    "bf": "0",
}
_DEFAULT_FPS = 25.0  # for files that do not say and have one frame only
_BLOCK = 2048  # samples that an encoder of sounds may add to fill its last block
_SMPTE_170M, _MPEG_RANGE = 6, 1  # FFmpeg's numbers for the colours of a standard-definition video


@dataclass(frozen=True, slots=True)
class Decoded:
    """Frames, uint8 [t, h, w, 3], their rate, and the sound if there is one, [n, channels].

    `copies` is what of the file can be written again without encoding it.
    """

    frames: NDArray[np.uint8]
    fps: float
    samples: NDArray[np.float32] | None
    rate: int
    copies: Copies


def has_pictures(data: bytes, kind: str, name: str) -> bool:
    """True if the container holds a video stream; the cover of an album is none."""
    with decoding(name), open_container(data, kind) as container:
        return _video_stream(container) is not None


def _video_stream(container: InputContainer) -> VideoStream | None:
    from av.stream import Disposition

    streams = container.streams.video
    return next((each for each in streams if not each.disposition & Disposition.attached_pic), None)


def decode(data: bytes, kind: str, name: str, limits: Limits) -> Decoded:
    """The first video and the first audio stream of `data`, brought to a constant frame rate."""
    import av

    check_complete(data, kind, name)
    with decoding(name), open_container(data, kind) as container:
        stream = _video_stream(container)
        if stream is None:
            raise MediaError(f"{name} holds no pictures", hint="load it with Audio.load")
        _check_stated(container, stream, name, limits)
        pictures = _FrameCollector(name, limits)
        watch = PacketWatch(stream, data, kind)
        heard = container.streams.audio[:1]
        sound = SampleCollector(heard[0], name, limits) if heard else None
        for packet in container.demux([stream, *heard]):
            if packet.stream is stream:
                watch.see(packet)
            for frame in packet.decode():
                if isinstance(frame, av.VideoFrame):
                    pictures.add(frame)
                elif sound is not None and isinstance(frame, av.AudioFrame):
                    sound.add(frame)
        frames, fps = pictures.steady(float(stream.average_rate or 0))
        copies = Copies(watch.pictures(len(frames)) if pictures.as_stored else None)
        if sound is None or not len(samples := _cut(sound, heard[0])):
            return Decoded(frames, fps, None, 0, copies)
        late = _lateness(sound, pictures.start)
        if copies.pictures and late == 0 and heard[0].codec_context.name == "aac":
            copies = replace(copies, sound=Sound(data, kind, heard[0].index))
    samples = in_range(_shifted(samples, late, sound.rate), name)
    return Decoded(frames, fps, samples, sound.rate, copies)


def _check_stated(
    container: InputContainer, stream: VideoStream, name: str, limits: Limits
) -> None:
    """Refuse what the head of the file states if that is over a limit."""
    context = stream.codec_context
    check_pixels(context.width, context.height, name, limits)
    check_frames(stream.frames, (context.height, context.width), name, limits)
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = (container.duration or 0) / 1_000_000
    if seconds > limits.max_seconds:
        raise over_limit(name, "longer", limits.max_seconds, "seconds", "max_seconds")


class _FrameCollector:
    """Gathers decoded frames and their times, within the limits."""

    def __init__(self, name: str, limits: Limits) -> None:
        from av.video.reformatter import VideoReformatter

        self._name, self._limits = name, limits
        self._reformatter = VideoReformatter()
        self._frames: list[NDArray[np.uint8]] = []
        self._times: list[float] = []
        self._size: tuple[int, int] | None = None
        self._last = 0.0  # seconds that the newest frame is shown; 0 if the file does not say
        self.as_stored = True  # whether the frames are those of the file, none turned or repeated

    @property
    def start(self) -> float:
        """Seconds at which the first frame is shown."""
        return self._times[0] if self._times else 0.0

    def add(self, frame: av.VideoFrame) -> None:
        check_pixels(frame.width, frame.height, self._name, self._limits)
        width, height = self._size = self._size or (frame.width, frame.height)
        if frame.rotation or (width, height) != (frame.width, frame.height):
            self.as_stored = False
        # One for all frames: to prepare it takes far longer than to convert a small picture.
        converted = self._reformatter.reformat(frame, width, height, "rgb24")
        picture: NDArray[Any] = converted.to_ndarray()
        self._frames.append(np.rot90(picture, frame.rotation // 90))
        check_frames(len(self._frames), picture.shape, self._name, self._limits)
        self._times.append(frame.time if frame.time is not None else float("nan"))
        self._last = float((frame.duration or 0) * (frame.time_base or 0))
        if self._times[-1] - self.start > self._limits.max_seconds:
            limit = self._limits.max_seconds
            raise over_limit(self._name, "longer", limit, "seconds", "max_seconds")

    def steady(self, stated_fps: float) -> tuple[NDArray[np.uint8], float]:
        """All frames at a constant rate: each instant shows the newest frame there is by then."""
        if not self._frames:
            raise MediaError(
                f"{self._name} holds no frame that can be decoded",
                hint="see if an ordinary player shows it, and export it again",
            )
        times = np.array(self._times) - self.start
        count = len(times)
        if count == 1 or not np.isfinite(times).all() or times[-1] <= 0:
            fps = stated_fps if 0 < stated_fps <= MAX_FPS else _DEFAULT_FPS
            return self._taken(range(count)), fps
        mean = (count - 1) / float(times[-1])
        fps = min(stated_fps if 0 < stated_fps <= MAX_FPS else mean, MAX_FPS)
        if np.abs(times * fps - np.arange(count)).max() < 0.5:
            return self._taken(range(count)), fps
        self.as_stored = False
        length = max(1, round((float(times[-1]) + (self._last or 1 / fps)) * fps))
        check_frames(length, self._frames[0].shape, self._name, self._limits)
        instants = (np.arange(length) + 0.5) / fps
        newest = np.searchsorted(np.maximum.accumulate(times), instants, side="right") - 1
        return self._taken(newest.tolist()), fps

    def _taken(self, order: range | list[int]) -> NDArray[np.uint8]:
        """Copies of the frames in rising `order`, each set free as soon as it is not needed."""
        taken = np.empty((len(order), *self._frames[0].shape), np.uint8)
        for place, index in enumerate(order):
            taken[place] = self._frames[index]
            if place and order[place - 1] != index:
                self._frames[order[place - 1]] = taken[:0]
        return taken


def _cut(sound: SampleCollector, stream: AudioStream) -> NDArray[np.float32]:
    """The samples without those that only fill the last block of the encoder."""
    sound.add(None)
    samples = sound.samples()
    stated = round(float((stream.duration or 0) * (stream.time_base or 0)) * sound.rate)
    filling = len(samples) - stated
    return samples[:stated] if 0 < filling <= _BLOCK < stated else samples


def _lateness(sound: SampleCollector, video_start: float) -> int:
    """Samples by which the sound begins after the pictures; below 0 if it begins before them."""
    return round(((sound.start or 0.0) - video_start) * sound.rate)


def _shifted(samples: NDArray[np.float32], late: int, rate: int) -> NDArray[np.float32]:
    """The samples so that the first is heard when the first frame is seen."""
    if late <= 0:
        return samples[-late:]
    return np.pad(samples, ((min(late, rate * 60), 0), (0, 0)))


def encode(
    frames: NDArray[np.uint8],
    fps: float,
    sound: tuple[NDArray[np.float32], int] | None,
    tags: Mapping[str, str],
    *,
    copies: Copies | None = None,
) -> bytes:
    """An MP4 file, H.264 and AAC, that starts to play while it loads; same input, same bytes.

    H.264 stores colours for squares of 2x2 pixels, so an odd width or height grows by one, the
    last column or row twice.

    Args:
        frames: uint8, [t, h, w, 3].
        fps: Frames a second.
        sound: Samples [n, channels] and their rate in Hz.
        tags: For its comment.
        copies: What is copied instead of being encoded; it is the same as `frames` and `sound`.
    """
    import av

    copies = copies or Copies()
    rate = Fraction(fps).limit_denominator(1001)
    file = io.BytesIO()
    options = {"fflags": "+bitexact", "movflags": "+faststart"}

    def written(*_: object) -> io.BytesIO:
        """What is there so far: to put the index first, the muxer reads the file while writing."""
        return io.BytesIO(file.getvalue())

    with (
        encoding("the video"),
        av.open(file, "w", format="mp4", options=options, io_open=written) as container,
    ):
        write_tags(container, tags)
        pictures: PictureCopier | _PictureWriter
        if copies.pictures is not None:
            pictures = PictureCopier(container, copies.pictures, rate)
        else:
            pictures = _PictureWriter(container, frames, rate)
        writer: SoundCopier | SoundWriter | None = None
        if copies.sound is not None:
            writer = SoundCopier(container, copies.sound)
        elif sound is not None:
            writer = SoundWriter(container, "aac", "fltp", *sound)
        for step, _ in enumerate(pictures.write(), start=1):
            if writer is not None:
                writer.write(until=step / fps)
        if writer is not None:
            writer.finish()
    return file.getvalue()


class _PictureWriter:
    """Encodes frames, uint8 [t, h, w, 3], into an H.264 stream of an open file."""

    def __init__(
        self, container: OutputContainer, frames: NDArray[np.uint8], rate: Fraction
    ) -> None:
        height, width = frames.shape[1:3]
        self._even = ((0, height % 2), (0, width % 2), (0, 0))  # to be added
        self._container, self._frames, self._rate = container, frames, rate
        stream: Any = container.add_stream("libx264", rate=rate, options=_X264)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.colorspace = _SMPTE_170M
        stream.codec_context.color_range = _MPEG_RANGE
        self._stream = stream

    def write(self) -> Iterator[None]:
        """Encode, a frame at a time."""
        import av

        for index, array in enumerate(self._frames):
            even = np.ascontiguousarray(np.pad(array, self._even, mode="edge"))
            frame = av.VideoFrame.from_ndarray(even, format="rgb24")
            frame.pts, frame.time_base = index, 1 / self._rate
            self._container.mux(self._stream.encode(frame))
            yield
        self._container.mux(self._stream.encode(None))
