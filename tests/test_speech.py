"""Speech: real sound, options that are heard, long texts that stop, the same bytes each time."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from modaverse.errors import BackendMissing, Cancelled, RequestError, ToolError
from modaverse.media import Audio
from modaverse.tool import Context
from modaverse_tools import speech
from modaverse_tools.speech import Language, Voice, text_to_speech

SENTENCE = "The quick brown fox jumps over the lazy dog."


def say(text: str, context: Context | None = None, **options: Any) -> Audio:
    made = text_to_speech.call(text, (), options, context)
    assert isinstance(made, Audio)
    return made


def pitch_of(sound: Audio) -> float:
    """Median fundamental frequency of the louder pieces, in Hz, by autocorrelation."""
    samples = sound.samples[:, 0]
    length = sound.rate // 12
    lowest, highest = sound.rate // 50, sound.rate // 400  # lags of 50 and 400 Hz
    found = []
    for piece in samples[: len(samples) // length * length].reshape(-1, length):
        if np.square(piece).mean() > 0.01:
            echo = np.correlate(piece, piece, "full")[length - 1 :]
            found.append(sound.rate / (highest + int(np.argmax(echo[highest:lowest]))))
    return float(np.median(found))


def test_speech_is_real_sound() -> None:
    sound = say(SENTENCE)
    assert sound.rate == 22050
    assert sound.samples.shape[1] == 1
    assert sound.samples.dtype == np.float32
    assert 2 < sound.seconds < 5
    assert 0.2 < np.abs(sound.samples).max() <= 1


def test_same_text_same_bytes_whatever_was_said_before() -> None:
    first = say(SENTENCE)
    say("Etwas ganz anderes.", language="de", voice="whisper", speed=300)
    assert say(SENTENCE) == first


@pytest.mark.parametrize("voice", get_args(Voice))
def test_every_voice_speaks_and_differs(voice: str) -> None:
    sound = say(SENTENCE, voice=voice)
    assert np.abs(sound.samples).max() > 0.1
    assert (sound == say(SENTENCE)) == (voice == "neutral")


@pytest.mark.parametrize("language", get_args(Language))
def test_every_language_speaks(language: str) -> None:
    assert say("Taxi 42", language=language).seconds > 0.5


def test_other_scripts_are_read_in_their_language() -> None:
    for text, language in (("Привет, мир", "ru"), ("你好", "zh"), ("Γεια σου", "el")):
        assert say(text, language=language).seconds > 0.3


def test_speed_and_pitch_are_heard() -> None:
    slow, normal, fast = (say(SENTENCE, speed=speed).seconds for speed in (110, 165, 260))
    assert slow > 1.3 * normal
    assert fast < 0.8 * normal
    low, high = (pitch_of(say(SENTENCE, pitch=pitch)) for pitch in (10, 90))
    assert high > 1.5 * low


@pytest.mark.parametrize("options", [{"speed": 79}, {"pitch": 100}, {"language": "xx"}])
def test_options_out_of_range(options: dict[str, Any]) -> None:
    with pytest.raises(ToolError):
        say(SENTENCE, **options)


@pytest.mark.parametrize("text", ["", "   ", "…!?", "\x00\x01", "\ud800"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(RequestError, match="nothing to say"):
        say(text)


def test_odd_text_is_spoken() -> None:
    assert say("ab\x00cd").seconds > say("ab").seconds  # a NUL does not end the text
    assert say("a < b & [[c]]").seconds > 0.5  # neither markup nor phoneme codes
    assert say("x\ud800y").seconds > 0.2


def test_progress_counts_characters() -> None:
    told: list[tuple[int, int]] = []
    say(SENTENCE, Context(progress=lambda step, total, _: told.append((step, total))))
    assert len(told) == len(SENTENCE.split())
    assert told == sorted(told)
    assert all(1 <= step <= total == len(SENTENCE) for step, total in told)


def test_long_text_can_be_stopped() -> None:
    asked = threading.Event()
    start = time.monotonic()
    context = Context(
        progress=lambda step, *_: asked.set() if step > 300 else None, cancelled=asked.is_set
    )
    with pytest.raises(Cancelled):
        say(f"{SENTENCE} " * 2000, context)
    assert time.monotonic() - start < 2
    assert say("hi").seconds > 0.1  # and the next one is spoken


def test_too_long_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "MAX_SECONDS", 6)
    with pytest.raises(RequestError, match="more than") as caught:
        say(f"{SENTENCE} " * 20)
    assert caught.value.hint == "speak it in parts"


def test_what_a_callback_raises_is_not_lost_in_c() -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("in the callback")

    with pytest.raises(ToolError, match="in the callback"):
        say(SENTENCE, Context(progress=fail))


def test_threads_do_not_mix_their_speech() -> None:
    texts = [f"sentence number {number}" for number in range(6)]
    alone = {text: say(text) for text in texts}
    together: dict[str, Audio] = {}
    threads = [
        threading.Thread(target=lambda text=text: together.update({text: say(text)}))
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_long_path_of_the_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import espeakng_loader

    wanted = say("hello")
    deep = tmp_path / ("x" * 100) / ("y" * 100)
    deep.mkdir(parents=True)
    (deep / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path())
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(deep / "espeak-ng-data"))
    assert say("hello") == wanted


def test_broken_installation_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import espeakng_loader

    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(tmp_path / "gone.so"))
    with pytest.raises(BackendMissing) as caught:
        say("hello")
    assert caught.value.hint == "pip install espeakng-loader"
