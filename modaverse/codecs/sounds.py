"""Sounds to samples and back: read with soundfile or else PyAV, written with PyAV."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from modaverse.codecs.files import Limits, check_complete, decoding, encoding, over_limit
from modaverse.errors import MediaError

if TYPE_CHECKING:
    import av
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from numpy.typing import NDArray

AudioFormat = Literal["wav", "flac", "mp3", "ogg"]

# format -> FFmpeg's muxer, encoder, sample format
_ENCODERS: dict[str, tuple[str, str, str]] = {
    "wav": ("wav", "pcm_s16le", "s16"),
    "flac": ("flac", "flac", "s16"),
    "mp3": ("mp3", "libmp3lame", "fltp"),
    "ogg": ("ogg", "libopus", "flt"),
}
# Rates in Hz that an encoder takes; the others take any.
_RATES: dict[str, tuple[int, ...]] = {
    "libmp3lame": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "libopus": (48000,),
    "aac": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000),
}
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
MAX_CHANNELS = len(_LAYOUTS)

# Not MP3: of a damaged one libsndfile's decoder complains on the terminal.
_BY_SOUNDFILE = ("wav", "flac", "ogg", "aiff")
_BLOCK = 1 << 18  # samples read at a time, so that a limit stops the decoder soon
_UNKNOWN_LENGTH = 1 << 60  # libsndfile gives such a number for streams that do not say


def decode(data: bytes, kind: str, name: str, limits: Limits) -> tuple[NDArray[np.float32], int]:
    """Samples, float32 [n, channels] in -1..1, and rate in Hz."""
    check_complete(data, kind, name)
    with decoding(name):
        found = _by_soundfile(data, name, limits) if kind in _BY_SOUNDFILE else None
        samples, rate = found or _by_pyav(data, kind, name, limits)
    return in_range(samples, name), rate


def in_range(samples: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Decoded samples cut at -1 and 1, which lossy formats overshoot a little."""
    if not len(samples):
        raise MediaError(f"{name} holds no sound", hint="check how it was recorded or exported")
    if not np.isfinite(samples).all():
        raise MediaError(f"{name} holds samples that are not numbers", hint="export it again")
    return np.clip(samples, -1, 1)


class _Seekable(io.BytesIO):
    """Bytes for libsndfile, which seeks to wrong places in damaged files and expects a -1."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        try:
            return super().seek(offset, whence)
        except ValueError:
            return -1


def _by_soundfile(data: bytes, name: str, limits: Limits) -> tuple[NDArray[np.float32], int] | None:
    """None if libsndfile does not know this kind of file."""
    import soundfile

    try:
        file = soundfile.SoundFile(_Seekable(data))
    except soundfile.LibsndfileError:
        return None
    with file:
        stated = file.frames if file.frames < _UNKNOWN_LENGTH else 0
        limit = check_length(stated, file.samplerate, file.channels, name, limits)
        blocks = []
        count = 0
        while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
            blocks.append(block)
            count += len(block)
            if count > limit:
                check_length(count, file.samplerate, file.channels, name, limits)
    if count < stated:
        raise MediaError(
            f"{name} is cut short: {count:,} of {stated:,} samples",
            hint="copy or download it again",
        )
    return np.concatenate(blocks) if blocks else np.zeros((0, 1), np.float32), file.samplerate


def check_length(count: int, rate: int, channels: int, name: str, limits: Limits) -> int:
    """Refuse a sound longer than `limits` allows; gives the number of frames that are allowed."""
    if channels > MAX_CHANNELS:
        raise MediaError(
            f"{name} has {channels} channels, the most is {MAX_CHANNELS}",
            hint="mix it down to stereo or mono first",
        )
    if count > limits.max_seconds * rate:
        raise over_limit(name, "longer", limits.max_seconds, "seconds", "max_seconds")
    if count * channels > limits.max_samples:
        raise over_limit(name, "larger", limits.max_samples, "samples", "max_samples")
    return min(int(limits.max_seconds * rate), limits.max_samples // channels)


def _by_pyav(data: bytes, kind: str, name: str, limits: Limits) -> tuple[NDArray[np.float32], int]:
    with open_container(data, kind) as container:
        if not container.streams.audio:
            raise MediaError(f"{name} holds no sound", hint="check how it was recorded or exported")
        stream = container.streams.audio[0]
        collector = SampleCollector(stream, name, limits)
        collector.check(float((stream.duration or 0) * (stream.time_base or 0)))
        for frame in container.decode(stream):
            collector.add(frame)
        collector.add(None)
        return collector.samples(), collector.rate


def open_container(data: bytes, kind: str) -> InputContainer:
    """The container in `data`, opened as `kind` and as nothing else."""
    import av

    return av.open(io.BytesIO(data), "r", format="mov" if kind == "m4a" else kind)


class SampleCollector:
    """Gathers the decoded frames of one audio stream as float32 samples, within the limits."""

    def __init__(self, stream: AudioStream, name: str, limits: Limits) -> None:
        import av

        self.rate = stream.codec_context.sample_rate
        self._layout = stream.codec_context.layout
        self._channels = stream.codec_context.channels
        self._name, self._limits = name, limits
        # Also brings frames to one form if the stream changes its own midway.
        self._resampler = av.AudioResampler(format="fltp", layout=self._layout, rate=self.rate)
        self._blocks: list[NDArray[np.float32]] = []
        self._count = 0
        self.start: float | None = None  # seconds at which the first sample is played

    def check(self, seconds: float) -> None:
        """Refuse a stated length over the limits."""
        count = int(seconds * self.rate)
        check_length(count, self.rate, self._channels, self._name, self._limits)

    def add(self, frame: av.AudioFrame | None) -> None:
        """Take in a decoded frame; None flushes."""
        if self.start is None and frame is not None:
            self.start = frame.time
        for part in self._resampler.resample(frame):
            block = part.to_ndarray()  # [channels, n]
            self._blocks.append(block.astype(np.float32, copy=False))
            self._count += block.shape[1]
        check_length(self._count, self.rate, self._channels, self._name, self._limits)

    def samples(self) -> NDArray[np.float32]:
        """Everything taken in, [n, channels]."""
        if not self._blocks:
            return np.zeros((0, self._channels), np.float32)
        return np.ascontiguousarray(np.concatenate(self._blocks, axis=1).T)


def resample(samples: NDArray[np.float32], rate: int, target: int) -> NDArray[np.float32]:
    """The same sound, [n, channels], at `target` Hz: round(n * target / rate) samples."""
    import av

    layout = _LAYOUTS[samples.shape[1]]
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=target)
    parts = [
        part.to_ndarray()
        for frame in _frames(samples, rate, "fltp", _BLOCK)
        for part in resampler.resample(frame)
    ]
    parts += [part.to_ndarray() for part in resampler.resample(None)]
    length = max(1, round(len(samples) * target / rate))
    joined = np.concatenate(parts, axis=1)[:, :length]
    joined = np.pad(joined, ((0, 0), (0, length - joined.shape[1])))
    return np.clip(np.ascontiguousarray(joined.T), -1, 1)


def _frames(
    samples: NDArray[np.float32], rate: int, sample_format: str, size: int
) -> Iterator[av.AudioFrame]:
    """`samples` as FFmpeg's frames of `size` samples, the last one shorter."""
    import av

    layout = _LAYOUTS[samples.shape[1]]
    for start in range(0, len(samples), size):
        block: NDArray[Any] = samples[start : start + size]
        if sample_format == "s16":
            block = np.clip(np.round(block * 32768), -32768, 32767).astype(np.int16)
        planes = block.T if sample_format.endswith("p") else block.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(planes), format=sample_format, layout=layout
        )
        frame.sample_rate = rate
        frame.pts = start
        yield frame


class SoundWriter:
    """Encodes samples into one stream of an open container, piece by piece."""

    def __init__(
        self,
        container: OutputContainer,
        encoder: str,
        sample_format: str,
        samples: NDArray[np.float32],
        rate: int,
    ) -> None:
        rates = _RATES.get(encoder, (rate,))
        if rate not in rates:
            target = next((known for known in rates if known >= rate), rates[-1])
            samples, rate = resample(samples, rate, target), target
        layout = _LAYOUTS[samples.shape[1]]
        self._container, self._rate = container, rate
        self._stream: Any = container.add_stream(encoder, rate=rate, layout=layout)
        context: Any = self._stream.codec_context
        context.format = sample_format
        context.open(strict=False)
        size = context.frame_size or 4096
        self._pending = _frames(samples, rate, sample_format, size)
        self._written = 0

    def write(self, until: float) -> None:
        """Encode up to `until` seconds."""
        while self._written < until * self._rate and (frame := next(self._pending, None)):
            self._container.mux(self._stream.encode(frame))
            self._written += frame.samples

    def finish(self) -> None:
        """Encode the rest and flush."""
        self.write(float("inf"))
        self._container.mux(self._stream.encode(None))


def encode(
    samples: NDArray[np.float32], rate: int, audio_format: str, tags: Mapping[str, str]
) -> bytes:
    """A WAV or FLAC (16 bits), MP3 or Ogg Opus file; the same input gives the same bytes.

    Raises:
        MediaError: an unknown format, or too many channels for it.
    """
    import av

    if audio_format not in _ENCODERS:
        allowed = ", ".join(_ENCODERS)
        raise MediaError(f"unknown sound format {audio_format!r}", hint=f"one of: {allowed}")
    muxer, encoder, sample_format = _ENCODERS[audio_format]
    if encoder in _RATES and samples.shape[1] > 2:
        raise MediaError(
            f"{audio_format} takes at most 2 channels, not {samples.shape[1]}",
            hint="use .mono() first, or write flac or wav",
        )
    file = io.BytesIO()
    options = {"fflags": "+bitexact"}
    with encoding("the sound"), av.open(file, "w", format=muxer, options=options) as container:
        write_tags(container, tags)
        SoundWriter(container, encoder, sample_format, samples, rate).finish()
    return file.getvalue()


def write_tags(container: OutputContainer, tags: Mapping[str, str]) -> None:
    """Put `tags` into the comment of a file, the one field that every format has, as JSON."""
    if tags:
        container.metadata["comment"] = json.dumps(dict(tags), ensure_ascii=False)


def read_tags(data: bytes, kind: str, name: str) -> dict[str, str]:
    """What `write_tags` wrote; a comment of another origin comes back under "comment"."""
    with decoding(name), open_container(data, kind) as container:
        found = [container.metadata, *(stream.metadata for stream in container.streams)]
    comments = (value for each in found for key, value in each.items() if key.lower() == "comment")
    comment = next(comments, "")
    try:
        tags = json.loads(comment)
    except ValueError:
        tags = None
    if isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values()):
        return tags
    return {"comment": comment} if comment else {}
