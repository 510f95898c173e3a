"""Text to speech by espeak-ng, called in this process: many languages, no model, no files.

espeak-ng (https://github.com/espeak-ng/espeak-ng) is a formant synthesiser: robotic, clear, and
some sixty times faster than real time. Its state is global, so one speaker works at a time.
"""

from __future__ import annotations

import _ctypes
import atexit
import ctypes
import functools
import tempfile
import threading
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modaverse.errors import BackendMissing, RequestError, ToolError
from modaverse.media import Audio
from modaverse.tool import Context, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_SECONDS", "Language", "Voice", "text_to_speech"]

MAX_SECONDS = 600.0  # of speech from one call, the same as media may last

Language = Literal[
    "en", "en-us", "de", "fr", "es", "it", "pt", "nl", "sv", "pl", "cs", "tr", "ru", "el", "fi",
    "hu", "ro", "zh",
]  # fmt: skip
Voice = Literal["neutral", "male", "female", "whisper", "croak"]

_one_speaker = threading.Lock()
_close_library = getattr(_ctypes, "dlclose" if hasattr(_ctypes, "dlclose") else "FreeLibrary")

_VARIANTS = {
    "neutral": "",
    "male": "+m3",
    "female": "+f2",
    "whisper": "+whisper",
    "croak": "+croak",
}
_ESPEAK_NAMES = {"zh": "cmn"}  # espeak-ng knows Mandarin by its ISO 639-3 code

# Constants of speak_lib.h
_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_RATE_PARAMETER, _PITCH_PARAMETER = 1, 3
_UTF8 = 1
_EVENT_END, _EVENT_WORD = 0, 1
_GO_ON, _STOP = 0, 1
_RATE = 22050  # Hz, of all voices that come with the library
_LONGEST_PATH = 150  # espeak-ng cuts the path of its data at 160 bytes


@tool(name="text-to-speech", needs=["espeakng-loader"])
def text_to_speech(
    prompt: str,
    *,
    language: Language = "en",
    voice: Voice = "neutral",
    speed: Annotated[int, Field(ge=80, le=400)] = 165,
    pitch: Annotated[int, Field(ge=0, le=99)] = 50,
    context: Context,
) -> Audio:
    """Read the prompt aloud, word for word.

    Args:
        prompt: The text to speak.
        language: In which language the text is.
        voice: Kind of voice.
        speed: Words a minute.
        pitch: 0 is low, 99 is high.
        context: Of the run; progress counts the characters spoken.

    Returns:
        Speech, float32 [n, 1], 22.05 kHz.

    Raises:
        RequestError: There is nothing to say, or more than 10 minutes of it.
        BackendMissing: The espeak-ng library cannot be loaded.
        Cancelled: Somebody asked to stop.
    """
    name = _ESPEAK_NAMES.get(language, language) + _VARIANTS[voice]
    text = _speakable(prompt)
    take = _Take(context, len(text))
    with _one_speaker:
        espeak = _Espeak(take)
        try:
            espeak.set(name, speed, pitch)
            espeak.speak(text)
        finally:
            espeak.close()
    return take.audio(espeak.rate)


def _speakable(text: str) -> str:
    """`text` without control characters, which espeak-ng would stop at or spell out."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    said = " ".join("".join(kept).split())
    if not any(c.isalnum() or unicodedata.category(c).startswith("S") for c in said):
        raise RequestError(
            "there is nothing to say: the text has no letter or digit",
            hint="give the words to speak",
        )
    return said


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    """espeak_EVENT of speak_lib.h."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Espeak:
    """The library, opened anew: its memory of earlier speech would change the bytes of the next.

    Opening takes half a millisecond. Use it under `_one_speaker` and close it.
    """

    def __init__(self, take: _Take) -> None:
        self._take = take
        self._library, data = _load_library()
        rate = self._library.espeak_Initialize(_SYNCHRONOUS, 50, str(data).encode(), _DONT_EXIT)
        if rate <= 0:
            raise BackendMissing(
                f"espeak-ng cannot start with its data in {data}",
                hint="pip install --force-reinstall espeakng-loader",
            )
        self.rate: int = rate
        self._callback = _Callback(self._receive)  # kept, or it would be freed while in use
        self._library.espeak_SetSynthCallback(self._callback)

    def set(self, voice: str, speed: int, pitch: int) -> None:
        """Choose the voice, words a minute, and pitch 0..99."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ToolError(
                f"espeak-ng has no voice '{voice}'",
                tool="text-to-speech",
                hint="pip install --upgrade espeakng-loader",
            )
        self._library.espeak_SetParameter(_RATE_PARAMETER, speed, 0)
        self._library.espeak_SetParameter(_PITCH_PARAMETER, pitch, 0)
        self._library.espeak_ng_SetRandSeed(1)

    def speak(self, text: str) -> None:
        """Speak into the take."""
        encoded = text.encode()
        status = self._library.espeak_Synth(encoded, len(encoded) + 1, 0, 0, 0, _UTF8, None, None)
        if self._take.error is not None:
            raise self._take.error
        if status != 0:
            raise ToolError(
                f"espeak-ng failed with status {status}",
                tool="text-to-speech",
                hint="say it in other words, or in a shorter text",
            )

    def close(self) -> None:
        """Let go of the library and its state."""
        self._library.espeak_Terminate()
        _close_library(self._library._handle)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        """Called by espeak-ng with each piece of speech; nothing may be raised through C."""
        take = self._take
        try:
            if samples and count > 0:
                take.add(ctypes.string_at(samples, 2 * count))
            take.hear(_events(events))
        except BaseException as error:
            take.error = error
            return _STOP
        return _GO_ON


class _Take:
    """What has been spoken so far of one text."""

    def __init__(self, context: Context, characters: int) -> None:
        self.context = context
        self.characters = characters
        self.pieces = bytearray()  # int16
        self.error: BaseException | None = None

    def add(self, piece: bytes) -> None:
        self.pieces += piece
        if len(self.pieces) > 2 * _RATE * MAX_SECONDS:
            raise RequestError(
                f"the text takes more than {MAX_SECONDS / 60:.0f} minutes to speak",
                hint="speak it in parts",
            )

    def hear(self, events: Iterator[_Event]) -> None:
        self.context.check()
        for event in events:
            if event.type == _EVENT_WORD:
                spoken = event.text_position - 1 + event.length
                self.context.report(max(1, min(spoken, self.characters)), self.characters)

    def audio(self, rate: int) -> Audio:
        import numpy as np

        samples = np.frombuffer(bytes(self.pieces), np.int16).astype(np.float32)
        samples /= np.float32(32768)
        if not samples.any():
            raise RequestError(
                "nothing of the text can be spoken in this language",
                hint='give words, or the option language, such as {"language":"ru"}',
            )
        return Audio(samples[:, None], rate)  # [n, 1]


def _events(events: Any) -> Iterator[_Event]:
    """The events of a piece, up to the one that ends the list."""
    position = 0
    while events and events[position].type != _EVENT_END:
        yield events[position]
        position += 1


def _load_library() -> tuple[Any, Path]:
    """The espeak-ng library and the folder of its data."""
    try:
        import espeakng_loader

        library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = _short_path(Path(espeakng_loader.get_data_path()))
    except (ImportError, OSError, RuntimeError) as error:
        raise BackendMissing(
            f"espeak-ng cannot be loaded: {error}", hint="pip install espeakng-loader"
        ) from error
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint,
        ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    )  # fmt: skip
    return library, data


@functools.cache
def _short_path(data: Path) -> Path:
    """A path to `data` that espeak-ng does not cut off: if it is too long, by way of a link."""
    if len(str(data).encode()) <= _LONGEST_PATH:
        return data
    folder = tempfile.TemporaryDirectory(prefix="espeak-")
    atexit.register(folder.cleanup)
    link = Path(folder.name) / "espeak-ng-data"
    link.symlink_to(data, target_is_directory=True)
    return link
