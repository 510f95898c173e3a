"""How the bytes of media come in and go out: sources, limits, kinds, atomic writes."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Literal, TypeAlias, cast

from modaverse.errors import ConfigError, LibraryError, MediaError

Modality = Literal["text", "image", "audio", "video"]
MODALITIES: tuple[Modality, ...] = ("text", "image", "audio", "video")

Source: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes]

_HEAD_BYTES = 4096  # enough of a file to tell its kind
_PROBE_BYTES = 4096  # of a file that is written to see whether there is room for any


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large media may be before they are refused; checked before and while they are decoded.

    Attributes:
        max_bytes: Bytes of the file.
        max_pixels: Pixels of a picture, or of one frame of a video.
        max_seconds: Length of a sound or a video.
        max_samples: Samples of a sound, all channels together (the default holds 480 MB).
        max_frames: Frames of a video.
        max_video_pixels: Pixels of a video, all frames together (the default holds 3 GB).

    Raises:
        ConfigError: a limit is not above zero; all such limits are listed.
    """

    max_bytes: int = 200_000_000
    max_pixels: int = 40_000_000
    max_seconds: float = 600.0
    max_samples: int = 120_000_000
    max_frames: int = 20_000
    max_video_pixels: int = 1_000_000_000

    def __post_init__(self) -> None:
        problems = [
            f"{field.name} must be above 0, not {getattr(self, field.name)}"
            for field in fields(self)
            if not getattr(self, field.name) > 0
        ]
        if problems:
            raise ConfigError(problems=problems)


DEFAULT_LIMITS = Limits()


# --- telling kinds apart -------------------------------------------------------------------------

# Kind of container -> the modality it usually holds. The names of sounds and videos are those of
# FFmpeg's demuxers, so that a file is opened as what it is and never as a playlist or a script.
KINDS: dict[str, Modality] = {
    "png": "image",
    "jpeg": "image",
    "gif": "image",
    "bmp": "image",
    "tiff": "image",
    "webp": "image",
    "avif": "image",
    "heic": "image",
    "ppm": "image",
    "wav": "audio",
    "flac": "audio",
    "mp3": "audio",
    "aac": "audio",
    "ogg": "audio",
    "aiff": "audio",
    "amr": "audio",
    "m4a": "audio",
    "mov": "video",
    "matroska": "video",
    "avi": "video",
    "flv": "video",
    "asf": "video",
    "mpegts": "video",
    "mpeg": "video",
    "text": "text",
}

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "png"),
    (rb"\xff\xd8\xff", "jpeg"),
    (rb"GIF8[79]a", "gif"),
    (rb"BM.{4}\0\0\0\0", "bmp"),
    (rb"II\*\0|MM\0\*", "tiff"),
    (rb"P[56]\s", "ppm"),
    (rb"RIFF.{4}WEBP", "webp"),
    (rb"RIFF.{4}WAVE", "wav"),
    (rb"RIFF.{4}AVI ", "avi"),
    (rb"FORM.{4}AIF[FC]", "aiff"),
    (rb".{4}ftyp(avif|avis)", "avif"),
    (rb".{4}ftyp(heic|heix|hevc|hevx|mif1|msf1)", "heic"),
    (rb".{4}ftyp(M4A |M4B )", "m4a"),
    (rb"\0.{3}(ftyp|moov|wide|free)|.{4}mdat", "mov"),
    (rb"\x1a\x45\xdf\xa3", "matroska"),
    (rb"fLaC", "flac"),
    (rb"OggS", "ogg"),
    (rb"ID3", "mp3"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "aac"),
    # An MPEG audio frame: sync, a layer, a bit rate and a sample rate that exist.
    (rb"\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfd][\x10-\xef]", "mp3"),
    (rb"#!AMR", "amr"),
    (rb"FLV\x01", "flv"),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (rb"\0\0\x01\xba", "mpeg"),
    (rb"G.{187}G", "mpegts"),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _SIGNATURES)


def kind_of(head: bytes) -> str | None:
    """The kind of container that starts with `head`, a key of `KINDS`; None if unknown."""
    for pattern, kind in _PATTERNS:
        if pattern.match(head):
            return kind
    return "text" if _is_text(head[:_HEAD_BYTES]) else None


def sniff(head: bytes) -> Modality | None:
    """What a file most likely holds, judged by its first bytes (about 200 suffice), not its name.

    A container that may hold either sound or pictures with sound counts as what it usually holds;
    `load_media` looks inside.
    """
    kind = kind_of(head)
    return KINDS[kind] if kind else None


def _is_text(head: bytes) -> bool:
    """True for UTF-8 without control characters; a code point cut by the end of `head` is fine."""
    if not head:
        return False
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or error.start == 0:
            return False
        text = head[: error.start].decode()
    return not re.search(r"[\0-\x08\x0e-\x1f\x7f]", text)


# --- reading -------------------------------------------------------------------------------------


def read_source(source: Source | object, limits: Limits = DEFAULT_LIMITS) -> tuple[bytes, str]:
    """All bytes of a path, a bytes-like object or an open binary file, and a name for messages.

    Raises:
        MediaError: nothing there, a folder, a device, a URL, empty, or over `limits.max_bytes`.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        data, name = bytes(source), "the data"
        _check_size(len(data), name, limits)
    elif isinstance(source, str | os.PathLike):
        data, name = _read_path(source, limits)
    elif callable(getattr(source, "read", None)):
        data, name = _read_file_object(cast("IO[bytes]", source), limits)
    else:
        raise MediaError(
            f"media cannot be loaded from {type(source).__name__}",
            hint="give a path, bytes, an open binary file, an array or a PIL picture",
        )
    if not data:
        raise MediaError(f"{name} is empty (0 bytes)", hint="check how it was made or copied")
    return data, name


def _read_path(source: str | os.PathLike[str], limits: Limits) -> tuple[bytes, str]:
    text = os.fsdecode(source)
    name = repr(text if len(text) <= 120 else f"{text[:60]}…{text[-50:]}")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://|data:", text):
        raise MediaError(
            f"{name} is a URL, which is not fetched", hint="download it, then give the path"
        )
    try:
        with open(text, "rb", opener=_without_blocking) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _not_a_file(name, found.st_mode)
            _check_size(found.st_size, name, limits)
            data = file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    _check_size(len(data), name, limits)
    return data, name


def _without_blocking(path: str, flags: int) -> int:
    """Open so that a named pipe is refused instead of waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_a_file(name: str, mode: int) -> MediaError:
    if stat.S_ISDIR(mode):
        return MediaError(f"{name} is a folder", hint="give the path of one file in it")
    return MediaError(f"{name} is not a regular file", hint="give the path of a media file")


def _unreadable(name: str, error: Exception) -> MediaError:
    if isinstance(error, FileNotFoundError):
        return MediaError(f"there is no file {name}", hint="check the path and the spelling")
    if isinstance(error, IsADirectoryError):
        return _not_a_file(name, stat.S_IFDIR)
    if isinstance(error, PermissionError):
        return MediaError(f"{name} may not be read", hint="check the permissions of the file")
    reason = getattr(error, "strerror", None) or str(error)
    return MediaError(f"{name} cannot be read: {reason}", hint="check the path and the disk")


def _read_file_object(source: IO[bytes], limits: Limits) -> tuple[bytes, str]:
    name = "the open file"
    try:
        data = source.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error
    if not isinstance(data, bytes):
        raise MediaError(f"{name} gives text, not bytes", hint='open it with mode "rb"')
    _check_size(len(data), name, limits)
    return data, name


def _check_size(size: int, name: str, limits: Limits) -> None:
    if size > limits.max_bytes:
        raise over_limit(name, "larger", limits.max_bytes, "bytes", "max_bytes")


def over_limit(name: str, more: str, limit: float, unit: str, field: str) -> MediaError:
    """The error for media over a limit: `more` says in which way, `field` which limit it is."""
    return MediaError(
        f"{name} is {more} than the limit of {limit:,.10g} {unit}",
        hint=f"shorten or shrink it, or pass limits=Limits({field}=…)",
    )


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Turn what a decoder raises into a `MediaError`: damaged files break them in many ways."""
    try:
        yield
    except MediaError:
        raise
    except MemoryError as error:
        raise MediaError(f"{name} does not fit into memory", hint="shorten or shrink it") from error
    except Exception as error:
        raise MediaError(
            f"{name} is damaged, cut short, or of a kind that cannot be decoded ({error})",
            hint="see if an ordinary player opens it, and export it again",
        ) from error


@contextmanager
def encoding(what: str) -> Iterator[None]:
    """Turn what an encoder raises into a `MediaError`."""
    try:
        yield
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(
            f"{what} cannot be encoded ({error})", hint="try another size, rate or format"
        ) from error


def check_complete(data: bytes, kind: str, name: str) -> None:
    """Refuse a file that ends before the length that it states itself.

    Decoders would quietly return the first part of such a file.

    Raises:
        MediaError: bytes are missing at the end.
    """
    stated = _stated_length(data, kind)
    if stated > len(data):
        raise MediaError(
            f"{name} is cut short: {len(data):,} of {stated:,} bytes",
            hint="copy or download it again",
        )


def _stated_length(data: bytes, kind: str) -> int:
    """How long `data` says it is; 0 if it does not say."""
    if kind in ("wav", "avi", "webp", "aiff"):
        size = int.from_bytes(data[4:8], "big" if kind == "aiff" else "little")
        # Writers to a pipe leave a huge size behind; some writers forget the 8 bytes of the head.
        return size if size < 0x7FFFF000 else 0
    if kind in ("mov", "m4a", "avif", "heic"):
        return _end_of_boxes(data)
    reader = _END_OF.get(kind)
    return reader(data) if reader else 0


def _end_of_chunks(data: bytes) -> int:
    """Where the last chunk of a PNG file ends."""
    at, kind = 8, b""
    while at + 8 <= len(data) and kind != b"IEND":
        kind = data[at + 4 : at + 8]
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return at if kind == b"IEND" else max(at, len(data) + 12)


def _end_of_boxes(data: bytes) -> int:
    """Where the last box of an MP4 file ends."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0: up to the end of the file; below 8: damage, which the decoder reports
            return 0
        at += size
    return at


def _end_of_segment(data: bytes) -> int:
    """Where the large element of a Matroska or WebM file ends; 0 if it was written to a pipe."""
    header, start = _ebml_size(data, 4)
    at = start + header
    if data[at : at + 4] != b"\x18\x53\x80\x67":
        return 0
    size, start = _ebml_size(data, at + 4)
    return start + size if size else 0


def _ebml_size(data: bytes, at: int) -> tuple[int, int]:
    """The size written at `at` (0 if unknown), and the offset behind it."""
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()  # leading zero bits count the bytes that follow
    size = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
    return (0 if size == (1 << 7 * length) - 1 else size), at + length


def _end_of_last_page(data: bytes) -> int:
    """Where the last page of an Ogg file ends."""
    at = data.rfind(b"OggS")
    segments = data[at + 26] if at + 26 < len(data) else 0
    return at + 27 + segments + sum(data[at + 27 : at + 27 + segments])


def _end_of_mp3(data: bytes) -> int:
    """Where an MP3 file ends by its Xing or Info head, 1 % forgiven; 0 without one."""
    start = 0
    if data[:3] == b"ID3" and len(data) > 10:
        size = data[6:10]
        start = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
        if start > len(data):
            return start
    found = re.compile(rb"(?:Xing|Info)\0\0\0([\x02\x03\x06\x07\x0a\x0b\x0e\x0f])").search(
        data, start, start + 256
    )
    if not found:
        return 0
    at = found.end() + (4 if found[1][0] & 1 else 0)
    return start + int(int.from_bytes(data[at : at + 4], "big") * 0.99)


_END_OF = {
    "png": _end_of_chunks,
    "ogg": _end_of_last_page,
    "mp3": _end_of_mp3,
    "matroska": _end_of_segment,
}


# --- writing -------------------------------------------------------------------------------------


def write_atomic(path: str | os.PathLike[str], data: bytes) -> Path:
    """Write `data` to `path` in one step: a reader sees the old file or the whole new one.

    The bytes go to a hidden file beside it first, which is gone afterwards, whatever happens.

    Raises:
        LibraryError: the folder is missing, full or may not be written to.
    """
    target = Path(path)
    part = target.with_name(f".{target.name[:40]}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException as error:
        with suppress(OSError, ValueError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError | ValueError):
            raise unwritable(target, error) from error
        raise
    return target


def make_folder(path: Path) -> None:
    """Make a folder, and those that it lies in; one that is there stays as it is.

    Raises:
        LibraryError: the disk is full, a file is in the way, or it may not be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise unwritable(path, error) from error


def check_writable(folder: Path) -> None:
    """See whether files can be put into a folder, or into one still to be made; leaves nothing.

    What is missing of the folder is made, inside a hidden one, and a small file in it: neither
    rights nor options of a mount tell for sure, and of a full disk they tell nothing.

    Raises:
        LibraryError: the disk is full, a file is in the way, or it may not be written to.
    """
    try:
        there, missing = _split(folder)
        if not there.is_dir():
            raise LibraryError(f"{str(there)!r} is not a folder", hint="choose another folder")
        probe = there / f".{secrets.token_hex(6)}.new"
        try:
            inner = probe.joinpath(*missing)
            inner.mkdir(parents=True)
            (inner / "file").write_bytes(bytes(_PROBE_BYTES))
        finally:
            shutil.rmtree(probe, ignore_errors=True)
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):  # so the kernel's own file systems refuse
            error = PermissionError(errno.EPERM, "no files can be made there")
        raise unwritable(folder, error) from error


def _split(folder: Path) -> tuple[Path, list[str]]:
    """The innermost part of a path that is there, and the names of what is missing below it."""
    missing: list[str] = []
    for place in (folder.absolute(), *folder.absolute().parents):
        try:
            place.lstat()
        except FileNotFoundError:
            missing.insert(0, place.name)
        else:
            return place, [name for name in missing if name != ".."]
    return Path(folder.anchor), missing


_WRITE_HINTS = {
    errno.ENOENT: "make the folder first",
    errno.ENOTDIR: "choose a folder; a part of this path is a file",
    errno.EEXIST: "choose a folder; there is a file of this name",
    errno.EISDIR: "give the name of a file, not of a folder",
    errno.ENOSPC: "free some space, or choose another folder",
    errno.EDQUOT: "free some space, or choose another folder",
    errno.EFBIG: "free some space, or choose another folder",  # over a limit on the size of files
    errno.ENAMETOOLONG: "choose a shorter name",
}


def unwritable(target: Path, error: Exception) -> LibraryError:
    """The error for a file or folder that could not be made, changed or deleted."""
    reason = getattr(error, "strerror", None) or str(error)
    code = getattr(error, "errno", None) or 0
    hint = _WRITE_HINTS.get(code, "choose a folder that you may write to")
    return LibraryError(f"{str(target)!r} cannot be written: {reason}", hint=hint)
