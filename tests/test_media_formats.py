"""Files of many kinds: told by content, decoded right, written the same each time, tagged."""

from __future__ import annotations

import io
import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pil

from modaverse.media import Audio, Image, Limits, Modality, Video, load_media, read_tags, sniff

TAGS = {"modaverse": json.dumps({"prompt": "a fox, “Füchslein”", "seed": 7}, ensure_ascii=False)}


def pil_bytes(picture: Pil.Image, file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def blocks(width: int = 32, height: int = 16) -> Pil.Image:
    """A picture of four plain colours, which lossy formats keep well."""
    array = np.zeros((height, width, 3), np.uint8)
    array[:, : width // 2] = (200, 40, 40)
    array[:, width // 2 :] = (40, 40, 200)
    array[: height // 2, : width // 2] = (40, 200, 40)
    return Pil.fromarray(array)


def animation(file_format: str, durations: list[int]) -> bytes:
    """An animated picture, each frame of another grey; durations in milliseconds."""
    frames = [Pil.new("RGB", (8, 6), (60 * index,) * 3) for index in range(len(durations))]
    return pil_bytes(
        frames[0], file_format, save_all=True, append_images=frames[1:], duration=durations
    )


def movie(
    file_format: str,
    encoder: str,
    *,
    times: list[int] | None = None,
    size: tuple[int, int] = (32, 16),
    pixels: str = "yuv420p",
) -> bytes:
    """A silent video, frame k of grey 50 k; `times` in eighths of a second."""
    file = io.BytesIO()
    with av.open(file, "w", format=file_format) as container:
        stream: Any = container.add_stream(encoder, rate=8)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.time_base = Fraction(1, 8)
        for index, time in enumerate(times or [0, 1, 2, 3]):
            array = np.full((size[1], size[0], 3), 50 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(array, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 8)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def sound_only(file_format: str, encoder: str, rate: int = 48000) -> bytes:
    """One second of 440 Hz."""
    file = io.BytesIO()
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate, dtype=np.float32) / rate)
    with av.open(file, "w", format=file_format) as container:
        stream: Any = container.add_stream(encoder, rate=rate, layout="mono")
        fifo = av.AudioFifo()
        frame = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = rate
        fifo.write(frame)
        resampler = av.AudioResampler(stream.codec_context.format, "mono", rate)
        while (part := fifo.read(960, partial=True)) is not None:
            for converted in resampler.resample(part):
                container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return file.getvalue()


# --- pictures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file_format", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "PPM"]
)
def test_still_pictures(file_format: str) -> None:
    data = pil_bytes(blocks(), file_format)
    assert sniff(data) == "image"
    image = load_media(data)
    assert isinstance(image, Image)
    assert np.abs(image.array.astype(int) - np.asarray(blocks())).mean() < 6


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV"]
)
def test_every_mode_becomes_rgb(mode: str) -> None:
    source = blocks()
    converted = {
        "LAB": lambda: Pil.new("LAB", source.size, (128, 0, 0)),
        "P": lambda: source.quantize(8),
    }.get(mode, lambda: source.convert(mode))()
    image = Image.load(converted)
    assert image.array.shape == (16, 32, 4 if mode in ("LA", "RGBA") else 3)
    if mode in ("P", "RGB", "RGBA", "CMYK", "HSV"):
        assert np.abs(image.array[..., :3].astype(int) - np.asarray(source)).mean() < 6


def test_cmyk_jpeg() -> None:
    image = load_media(pil_bytes(blocks().convert("CMYK"), "JPEG"))
    assert isinstance(image, Image)
    assert np.abs(image.array[0, 0].astype(int) - (40, 200, 40)).max() < 25


def test_transparent_palette() -> None:
    picture = Pil.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.putpixel((1, 0), 1)
    image = load_media(pil_bytes(picture, "PNG", transparency=0))
    assert isinstance(image, Image)
    assert image.array[0, 0].tolist() == [255, 0, 0, 0]
    assert image.array[0, 1].tolist() == [0, 255, 0, 255]


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_keep_their_brightness(file_format: str) -> None:
    grey = np.array([[0, 257 * 10, 257 * 200]], np.uint16)
    image = load_media(pil_bytes(Pil.fromarray(grey), file_format))
    assert isinstance(image, Image)
    assert image.array[0].tolist() == [[0] * 3, [10] * 3, [200] * 3]


@pytest.mark.parametrize(
    ("values", "expected"), [([0.0, 0.5, 1.0], [0, 128, 255]), ([0.0, 51.0, 255.0], [0, 51, 255])]
)
def test_grey_as_floats(values: list[float], expected: list[int]) -> None:
    picture = Pil.fromarray(np.array([values], np.float32))
    image = load_media(pil_bytes(picture, "TIFF"))
    assert isinstance(image, Image)
    assert image.array[0, :, 0].tolist() == expected


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(orientation: int) -> None:
    exif = Pil.Exif()
    exif[0x0112] = orientation
    image = load_media(pil_bytes(blocks(64, 32), "JPEG", exif=exif, quality=95))
    assert isinstance(image, Image)
    plain = np.asarray(blocks(64, 32))
    upright = {
        1: plain,
        2: plain[:, ::-1],
        3: plain[::-1, ::-1],
        4: plain[::-1],
        5: plain.transpose(1, 0, 2),
        6: np.rot90(plain, -1),
        7: plain[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(plain, 1),
    }[orientation]
    assert image.array.shape == upright.shape
    assert np.abs(image.array.astype(int) - upright).mean() < 6


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP"])
def test_animated_pictures_are_videos(file_format: str) -> None:
    options = {} if file_format != "WEBP" else {"lossless": True}
    frames = [Pil.new("RGB", (8, 6), (60 * index,) * 3) for index in range(4)]
    data = pil_bytes(
        frames[0], file_format, save_all=True, append_images=frames[1:], duration=100, **options
    )
    video = load_media(data)
    assert isinstance(video, Video)
    assert video.fps == pytest.approx(10)
    assert video.audio is None
    assert video.frames[:, 0, 0, 0].tolist() == [0, 60, 120, 180]
    assert Video.load(data) == video
    assert Image.load(data) == video.frame(0)


def test_a_frame_shown_longer_is_repeated() -> None:
    video = Video.load(animation("GIF", [50, 150, 50]))
    assert video.fps == pytest.approx(20)
    assert video.frames[:, 0, 0, 0].tolist() == [0, 60, 60, 60, 120]


def test_frames_without_a_duration_are_shown() -> None:
    video = Video.load(animation("GIF", [0, 0]))
    assert video.fps == pytest.approx(50)


def test_transparent_animations_stand_on_white() -> None:
    frames = [Pil.new("RGBA", (4, 4), (255, 0, 0, 0)), Pil.new("RGBA", (4, 4), (0, 0, 255, 255))]
    data = pil_bytes(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100)
    video = Video.load(data)
    assert video.frames[0, 0, 0].tolist() == [255, 255, 255]
    assert video.frames[1, 0, 0].tolist() == [0, 0, 255]


# --- sounds --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file_format", "error"), [("wav", 1e-4), ("flac", 1e-4), ("mp3", 0.05), ("ogg", 0.05)]
)
def test_sounds_come_back(small_audio: Audio, file_format: Any, error: float) -> None:
    data = small_audio.encode(format=file_format)
    assert sniff(data) == "audio"
    back = load_media(data)
    assert isinstance(back, Audio)
    assert back.rate == (48000 if file_format == "ogg" else 16000)
    assert back.seconds == pytest.approx(0.25, abs=0.02)
    same_rate = back.resample(16000).samples[:4000, 0]
    np.testing.assert_allclose(same_rate[500:-500], small_audio.samples[500:-500, 0], atol=error)


@pytest.mark.parametrize("channels", range(1, 9))
@pytest.mark.parametrize("file_format", ["wav", "flac"])
def test_channels_stay_in_order(channels: int, file_format: Any) -> None:
    levels = np.linspace(-0.8, 0.8, channels)
    audio = Audio.load(np.tile(levels, (2000, 1)), rate=16000)
    back = Audio.load(audio.encode(format=file_format))
    np.testing.assert_allclose(back.samples, audio.samples, atol=1e-4)


@pytest.mark.parametrize("rate", [11025, 16000, 37123, 96000])
@pytest.mark.parametrize("file_format", ["wav", "flac", "mp3", "ogg"])
def test_every_rate_can_be_written(rate: int, file_format: Any) -> None:
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    back = Audio.load(Audio.load(tone, rate=rate).encode(format=file_format))
    assert back.seconds == pytest.approx(1, abs=0.05)
    if file_format in ("wav", "flac"):
        assert back.rate == rate


@pytest.mark.parametrize("length", [1, 7, 959, 961, 5000])
@pytest.mark.parametrize("file_format", ["wav", "flac", "mp3", "ogg"])
def test_every_length_can_be_written(length: int, file_format: Any) -> None:
    audio = Audio.load(np.full(length, 0.1), rate=48000)
    back = Audio.load(audio.encode(format=file_format))
    assert abs(len(back.samples) - length) <= (0 if file_format in ("wav", "flac") else 1200)


@pytest.mark.parametrize(
    ("file_format", "subtype"),
    [
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "DOUBLE"),
        ("WAV", "ULAW"),
        ("FLAC", "PCM_24"),
        ("AIFF", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
    ],
)
def test_files_of_other_writers(small_audio: Audio, file_format: str, subtype: str) -> None:
    file = io.BytesIO()
    soundfile.write(file, small_audio.samples, 16000, format=file_format, subtype=subtype)
    back = load_media(file.getvalue())
    assert isinstance(back, Audio)
    assert back.rate in (16000, 48000)
    assert back.seconds == pytest.approx(0.25, abs=0.1)
    assert 0.3 < np.abs(back.samples).max() < 0.7


@pytest.mark.parametrize(
    ("file_format", "encoder"),
    [
        ("ipod", "aac"),
        ("mp4", "aac"),
        ("adts", "aac"),
        ("matroska", "libopus"),
        ("webm", "libopus"),
        ("mp3", "libmp3lame"),
    ],
)
def test_containers_of_sound_alone_are_sounds(file_format: str, encoder: str) -> None:
    data = sound_only(file_format, encoder)
    audio = load_media(data)
    assert isinstance(audio, Audio)
    assert audio.seconds == pytest.approx(1, abs=0.1)
    spectrum = np.abs(np.fft.rfft(audio.samples[:48000, 0]))
    assert spectrum.argmax() == 440
    assert Audio.load(data) == audio


def test_overshooting_floats_are_cut(small_audio: Audio) -> None:
    file = io.BytesIO()
    soundfile.write(file, 4 * small_audio.samples, 16000, format="WAV", subtype="FLOAT")
    assert np.abs(Audio.load(file.getvalue()).samples).max() == 1


def test_the_cover_of_an_album_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        sound: Any = container.add_stream("libmp3lame", rate=44100, layout="mono")
        cover: Any = container.add_stream("png", rate=1)
        cover.width, cover.height, cover.pix_fmt = 8, 8, "rgb24"
        cover.disposition = av.stream.Disposition.attached_pic
        picture = av.VideoFrame.from_ndarray(np.zeros((8, 8, 3), np.uint8), format="rgb24")
        container.mux(cover.encode(picture))
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.float32), "fltp", "mono")
        frame.sample_rate = 44100
        container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
        container.mux(cover.encode(None))
    assert isinstance(load_media(path), Audio)


# --- videos --------------------------------------------------------------------------------------


def test_videos_come_back(small_video: Video) -> None:
    data = small_video.encode()
    assert sniff(data) == "video"
    back = load_media(data)
    assert isinstance(back, Video)
    assert back.frames.shape == small_video.frames.shape
    assert back.fps == 8
    assert np.abs(back.frames.astype(int) - small_video.frames).mean() < 12
    assert back.audio is not None
    assert small_video.audio is not None
    ours, theirs = small_video.audio.samples[:4000, 0], back.audio.samples[:4000, 0]
    assert np.correlate(ours, theirs, "same").argmax() == 2000  # not a sample early or late
    np.testing.assert_allclose(theirs[2000:3500], ours[2000:3500], atol=0.05)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (15, 24), (16, 25), (33, 17)])
def test_odd_sizes_grow_by_one(height: int, width: int) -> None:
    frames = np.full((2, height, width, 3), (180, 90, 30), np.uint8)
    back = Video.load(Video(frames, 8).encode())
    assert back.frames.shape == (2, height + height % 2, width + width % 2, 3)
    assert np.abs(back.frames.astype(int) - (180, 90, 30)).max() < 8


@pytest.mark.parametrize("fps", [1, 8, 23.976, 29.97, 60])
def test_frame_rates_come_back(fps: float) -> None:
    frames = np.zeros((5, 16, 16, 3), np.uint8)
    back = Video.load(Video(frames, fps).encode())
    assert back.fps == pytest.approx(fps, rel=1e-4)
    assert len(back.frames) == 5


def test_one_frame_is_a_video() -> None:
    back = Video.load(Video(np.zeros((1, 16, 16, 3), np.uint8), 8).encode())
    assert len(back.frames) == 1


def test_players_can_start_before_all_is_loaded(small_video: Video) -> None:
    data = small_video.encode(TAGS)
    assert 0 < data.find(b"moov") < data.find(b"mdat")
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert container.streams.audio[0].codec_context.name == "aac"


def test_sound_longer_than_the_pictures_is_kept(small_video: Video) -> None:
    long = Audio.load(np.full(32000, 0.1), rate=16000)
    back = Video.load(Video(small_video.frames, 8, long).encode())
    assert back.seconds == 0.5
    assert back.audio is not None
    assert back.audio.seconds == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(
    ("file_format", "encoder", "pixels"),
    [
        ("matroska", "ffv1", "bgr0"),
        ("webm", "libvpx", "yuv420p"),
        ("avi", "mpeg4", "yuv420p"),
        ("mov", "libx264", "yuv444p"),
        ("mpegts", "libx264", "yuv420p"),
        ("flv", "libx264", "yuv420p"),
    ],
)
def test_videos_of_other_writers(file_format: str, encoder: str, pixels: str) -> None:
    video = load_media(movie(file_format, encoder, pixels=pixels))
    assert isinstance(video, Video)
    assert video.fps == pytest.approx(8)
    assert len(video.frames) == 4
    np.testing.assert_allclose(video.frames.mean(axis=(1, 2, 3)), [0, 50, 100, 150], atol=6)


def test_a_variable_rate_becomes_constant() -> None:
    data = movie("matroska", "ffv1", times=[0, 1, 5, 6], pixels="bgr0")
    video = Video.load(data)
    shown = [round(video.frames[int(second * video.fps), 0, 0, 0] / 50) for second in (0, 0.2, 0.4)]
    assert shown == [0, 1, 1]
    assert round(video.frames[-1, 0, 0, 0] / 50) == 3
    assert video.seconds == pytest.approx(7 / 8, rel=0.3)


@pytest.mark.parametrize(
    ("matrix", "turns"),
    [((0, 1, -1, 0), -1), ((-1, 0, 0, -1), 2), ((0, -1, 1, 0), 1)],
)
def test_videos_of_a_turned_phone_are_upright(matrix: tuple[int, ...], turns: int) -> None:
    frames = np.stack([np.asarray(blocks(64, 32))] * 2)
    data = bytearray(Video(frames, 8).encode())
    at = data.find(b"tkhd") + 4 + 40  # the display matrix of a version 0 head
    a, b, c, d = (value << 16 for value in matrix)
    data[at : at + 20] = struct.pack(">iiiii", a, b, 0, c, d)
    back = Video.load(bytes(data))
    expected = np.rot90(frames[0], turns)
    assert back.frames[0].shape == expected.shape
    assert np.abs(back.frames[0].astype(int) - expected).mean() < 12


def test_sound_that_starts_late_is_led_by_silence(tmp_path: Path) -> None:
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("ffv1", rate=8)
        video.width, video.height, video.pix_fmt = 16, 16, "bgr0"
        audio: Any = container.add_stream("pcm_s16le", rate=16000, layout="mono")
        for index in range(8):
            picture = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
            picture.pts, picture.time_base = index, Fraction(1, 8)
            container.mux(video.encode(picture))
        frame = av.AudioFrame.from_ndarray(np.full((1, 8000), 9000, np.int16), "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = 16000, 8000, Fraction(1, 16000)
        container.mux(audio.encode(frame))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    sound = Video.load(path).audio
    assert sound is not None
    assert sound.seconds == pytest.approx(1, abs=0.01)
    assert np.abs(sound.samples[:7900]).max() == 0
    assert sound.samples[8100:].min() > 0.2


# --- kinds, tags, repeatability ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", None),
        (b"\0" * 64, None),
        (b"\x7fELF\x02\x01\x01\0", None),
        (b"PK\x03\x04\x14\0", None),
        ("Füchse im Schnee".encode(), "text"),
        (("x" * 63 + "ü").encode()[:64], "text"),
        (b"I'm free today", "text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "text"),
        (b"\xff\xfet\0e\0x\0t\0", None),
        (b"ID3\x04\0\0", "audio"),
        (b"\xff\xfb\x90\x64", "audio"),
        (b"\xff\xf1\x50\x80", "audio"),
        (b"#!AMR\n", "audio"),
        (b"\0\0\0\x18ftypmp42", "video"),
        (b"\0\0\0\x18ftypM4A ", "audio"),
        (b"\0\0\0\x18ftypheic", "image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image"),
        (b"RIFF\0\0\0\0AVI LIST", "video"),
        (b"\x1a\x45\xdf\xa3", "video"),
    ],
)
def test_sniff(head: bytes, expected: Modality | None) -> None:
    assert sniff(head) == expected


@pytest.mark.parametrize("file_format", ["wav", "flac", "mp3", "ogg"])
def test_sound_files_are_the_same_each_time(small_audio: Audio, file_format: Any) -> None:
    first = small_audio.encode(TAGS, file_format)
    assert small_audio.encode(TAGS, file_format) == first
    assert read_tags(first) == TAGS


def test_picture_and_video_files_are_the_same_each_time(
    small_image: Image, small_video: Video
) -> None:
    for value in (small_image, small_video):
        first = value.encode(TAGS)
        assert value.encode(TAGS) == first
        assert read_tags(first) == TAGS
        assert read_tags(value.encode()) == {}


@pytest.mark.parametrize("file_format", ["wav", "flac", "mp3", "ogg"])
def test_long_tags_fit(small_audio: Audio, file_format: Any) -> None:
    tags = {"modaverse": "ö{" * 60_000}
    data = small_audio.encode(tags, file_format)
    assert read_tags(data) == tags
    assert isinstance(load_media(data), Audio)


def test_long_tags_fit_into_pictures_and_videos(small_image: Image, small_video: Video) -> None:
    tags = {"modaverse": "ö{" * 60_000}
    assert read_tags(small_image.encode(tags)) == tags
    assert read_tags(small_video.encode(tags)) == tags
    assert load_media(small_image.encode(tags)) == small_image


def test_foreign_comments() -> None:
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 16000, 1, format="FLAC") as writer:
        writer.comment = "recorded at home"
        writer.write(np.zeros(100))
    assert read_tags(file.getvalue()) == {"comment": "recorded at home"}
    assert read_tags(pil_bytes(blocks(), "JPEG")) == {}


def test_limits_can_be_raised() -> None:
    data = pil_bytes(blocks(), "PNG")
    assert Image.load(data, limits=Limits(max_pixels=32 * 16)).width == 32
