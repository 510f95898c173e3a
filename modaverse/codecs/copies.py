"""Encoded pictures and sound of a file, written into another one as they are: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from modaverse.codecs.sounds import open_container

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer
    from av.video.stream import VideoStream

# Kinds whose packets an MP4 file takes as they are.
_CONTAINERS = ("mov", "matroska")
_PIXELS = ("yuv420p", "yuvj420p")  # which every player shows


@dataclass(frozen=True, slots=True)
class Pictures:
    """The H.264 stream of a file.

    Attributes:
        data: The file.
        kind: Its container.
        stream: Number of the stream in it.
        places: For each packet, in the order of decoding, the place of its frame in the video.
        count: Frames to write; if there are fewer, they start again.
    """

    data: bytes
    kind: str
    stream: int
    places: tuple[int, ...]
    count: int

    def lasting(self, count: int) -> Pictures | None:
        """The same with `count` frames; None if frames that stay need some that would go."""
        rest = count % len(self.places)
        if rest and max(self.places[:rest]) >= rest:
            return None
        return replace(self, count=count)


@dataclass(frozen=True, slots=True)
class Sound:
    """The AAC stream of a file whose pictures and sound begin together."""

    data: bytes
    kind: str
    stream: int


@dataclass(frozen=True, slots=True)
class Copies:
    """What of a video need not be encoded again; None: that is to be encoded."""

    pictures: Pictures | None = None
    sound: Sound | None = None

    def with_sound(self, count: int) -> Copies:
        """For `count` frames with another sound."""
        return Copies(self.pictures and self.pictures.lasting(count))


class PictureCopier:
    """Writes an H.264 stream into an open file at `rate` frames a second."""

    def __init__(self, container: OutputContainer, pictures: Pictures, rate: Fraction) -> None:
        self._container, self._pictures, self._tick = container, pictures, 1 / rate
        with open_container(pictures.data, pictures.kind) as source:
            given = source.streams[pictures.stream]
            self._stream: Any = container.add_stream_from_template(given)
            found = (packet for packet in source.demux(given) if packet.size)
            self._packets = [(bytes(packet), packet.is_keyframe) for packet in found]
        self._stream.time_base = self._tick

    def write(self) -> Iterator[None]:
        """Write, a frame at a time."""
        import av

        places = self._pictures.places
        delay = max(step - place for step, place in enumerate(places))
        for step in range(self._pictures.count):
            turn, index = divmod(step, len(places))
            data, is_keyframe = self._packets[index]
            packet: Any = av.Packet(data)
            packet.stream, packet.is_keyframe = self._stream, is_keyframe
            packet.time_base, packet.duration = self._tick, 1
            packet.pts, packet.dts = turn * len(places) + places[index], step - delay
            self._container.mux(packet)
            yield


class SoundCopier:
    """Writes an AAC stream piece by piece, as SoundWriter does one that it encodes."""

    def __init__(self, container: OutputContainer, sound: Sound) -> None:
        self._container = container
        self._source = open_container(sound.data, sound.kind)
        given = self._source.streams[sound.stream]
        self._stream: Any = container.add_stream_from_template(given)
        self._pending = (packet for packet in self._source.demux(given) if packet.size)
        self._until = float("-inf")

    def write(self, until: float) -> None:
        """Write up to `until` seconds."""
        while self._until < until and (packet := next(self._pending, None)):
            end = (packet.pts or 0) + (packet.duration or 0)
            self._until = float(end * packet.time_base)
            packet.stream = self._stream
            self._container.mux(packet)

    def finish(self) -> None:
        """Write the rest."""
        self.write(float("inf"))
        self._source.close()


class PacketWatch:
    """Sees the packets of a video stream as they are decoded, to tell if they can be copied."""

    def __init__(self, stream: VideoStream, data: bytes, kind: str) -> None:
        context = stream.codec_context
        self._file = (data, kind, stream.index)
        self._times: list[int] = []
        self._fit = (
            kind in _CONTAINERS
            and context.name == "h264"
            and context.pix_fmt in _PIXELS
            and (stream.sample_aspect_ratio or 1) == 1
        )

    def see(self, packet: av.Packet[Any]) -> None:
        """Look at the next packet of the stream."""
        if not packet.size:
            return
        changed = packet.is_discard or packet.is_corrupt or packet.has_sidedata("new_extradata")
        if packet.pts is None or changed or not (self._times or packet.is_keyframe):
            self._fit = False
        self._times.append(packet.pts or 0)

    def pictures(self, count: int) -> Pictures | None:
        """The stream, if each of its packets made one of the `count` frames that were taken."""
        if not self._fit or len(self._times) != count or len(set(self._times)) != count:
            return None
        place_at = {time: place for place, time in enumerate(sorted(self._times))}
        return Pictures(*self._file, tuple(place_at[time] for time in self._times), count)
