"""Variations of pictures, sounds and requests: what they change, and what they never do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from modaverse.errors import MediaError
from modaverse.media import Audio, Image, Video, load_media
from modaverse_training.instructions.augment import (
    mirrored_words,
    reworded,
    varied,
    varied_picture,
    varied_sound,
)
from modaverse_training.instructions.plans import last_plan
from modaverse_training.instructions.row import MediaRef, Row, Turn

RATE = 16_000


def tone(hertz: float, seconds: float = 1.0) -> Audio:
    time = np.arange(int(RATE * seconds)) / RATE
    return Audio((0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)[:, None], RATE)


def loudest(audio: Audio) -> float:
    """The frequency with the most power, Hz."""
    power = np.abs(np.fft.rfft(audio.samples[:, 0] * np.hanning(len(audio.samples))))
    return float(power.argmax() * audio.rate / len(audio.samples))


def picture() -> Image:
    """Red on the left, blue on the right, with a line that tells rows apart."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :30, 0] = 255
    pixels[:, 30:, 2] = 255
    pixels[20, :, 1] = 255
    return Image(pixels)


def row(*media: MediaRef, request: str = "What is this?", answer: str = "A fox.") -> Row:
    return Row(
        id="r",
        messages=(
            Turn(role="user", content=request, handles=tuple(ref.handle for ref in media)),
            Turn(role="assistant", content=answer),
        ),
        tools=("text-to-image", "text-to-speech"),
        media=media,
        source="s",
    )


def test_a_picture_is_cropped_a_little_and_maybe_flipped() -> None:
    flips = set()
    for seed in range(30):
        made = varied_picture(picture(), seed)
        assert 0.8 * 60 <= made.width <= 60
        assert 0.8 * 40 <= made.height <= 40
        first = made.array[0, 0]
        assert tuple(first) in {(255, 0, 0), (0, 0, 255)}
        flips.add(tuple(first) == (0, 0, 255))
    assert flips == {True, False}
    assert varied_picture(picture(), 3) == varied_picture(picture(), 3)
    assert varied_picture(picture(), 3, flip=True).array[0, 0, 2] == 255
    assert varied_picture(picture(), 3, flip=False).array[0, 0, 0] == 255


def test_a_sound_is_raised_or_lowered_at_its_length() -> None:
    pitches = []
    for seed in range(6):
        made = varied_sound(tone(440), seed)
        assert made.samples.shape == tone(440).samples.shape
        assert made.rate == RATE
        pitches.append(loudest(made))
    assert min(pitches) < 435
    assert max(pitches) > 445
    low, high = 440 * 2 ** (-2 / 12), 440 * 2 ** (2 / 12)
    assert all(low - 3 <= pitch <= high + 3 for pitch in pitches)
    assert varied_sound(tone(440), 1) == varied_sound(tone(440), 1)
    assert varied_sound(tone(440), 1) != varied_sound(tone(440), 2)


def test_noise_stays_below_the_sound() -> None:
    made = varied_sound(tone(440, 2.0), 1).samples[:, 0]
    spectrum = np.abs(np.fft.rfft(made * np.hanning(len(made)))) ** 2
    peak = int(spectrum.argmax())
    sound = spectrum[max(0, peak - 40) : peak + 40].sum()
    assert 10 * np.log10(sound / (spectrum.sum() - sound)) > 12


def test_both_channels_and_short_sounds() -> None:
    both = Audio(np.repeat(tone(300).samples, 2, 1), RATE)
    assert varied_sound(both, 0).samples.shape == both.samples.shape
    short = Audio(np.zeros((10, 1), np.float32), RATE)
    assert varied_sound(short, 0) == short  # silence has no noise to be measured by


@pytest.mark.parametrize(
    ("text", "mirrored"),
    [
        ("a dog on the left and a cat on the Right", "a dog on the right and a cat on the Left"),
        ("the left side, top right corner", "the right side, top left corner"),
        ("a car moving right", "a car moving left"),
        ("the rightmost bird", "the leftmost bird"),
        ("am i right that this is it", "am i right that this is it"),
        ("All right, right now", "All right, right now"),
        ("to the right one", "to the right one"),
        ("bright copyright", "bright copyright"),
    ],
)
def test_left_and_right_are_exchanged_where_they_are_sides(text: str, mirrored: str) -> None:
    assert mirrored_words(text) == mirrored
    assert mirrored_words(mirrored) == text


def test_media_of_a_row_are_varied_into_files_of_their_own(tmp_path: Path) -> None:
    picture().save(tmp_path / "p.png")
    tone(440).save(tmp_path / "s.wav")
    left = MediaRef(handle="image1", modality="image", path="p.png", caption="red on the left")
    before = row(left, request="What is on the left?", answer="Red is on the left.")
    flips = set()
    for seed in range(12):
        made = varied(before, tmp_path, tmp_path / "more", seed)
        assert made is not None
        shown = load_media(str(made.media[0].path))
        assert isinstance(shown, Image)
        flipped = shown.array[0, 0, 2] == 255
        side = "right" if flipped else "left"
        assert made.media[0].caption == f"red on the {side}"
        assert made.answer == f"Red is on the {side}."
        assert made.request == f"What is on the {side}?"
        assert made.id == f"r+{seed}"
        assert made == varied(before, tmp_path, tmp_path / "more", seed)
        flips.add(bool(flipped))
    assert flips == {True, False}
    heard = MediaRef(handle="audio1", modality="audio", path="s.wav", caption="a tone on the left")
    made = varied(row(heard), tmp_path, tmp_path / "more", 1)
    assert made is not None
    assert isinstance(load_media(str(made.media[0].path)), Audio)
    assert made.media[0].caption == heard.caption


def test_what_is_to_be_read_is_never_flipped(tmp_path: Path) -> None:
    picture().save(tmp_path / "p.png")
    sign = MediaRef(handle="image1", modality="image", path="p.png", caption="a stop sign")
    for seed in range(12):
        made = varied(row(sign), tmp_path, tmp_path, seed)
        assert made is not None
        shown = load_media(str(made.media[0].path))
        assert isinstance(shown, Image)
        assert shown.array[0, 0, 0] == 255


def test_nothing_to_vary(tmp_path: Path) -> None:
    bare = MediaRef(handle="image1", modality="image", caption="a fox")
    Video(np.zeros((2, 8, 8, 3), np.uint8), 4.0).save(tmp_path / "v.mp4")
    film = MediaRef(handle="video1", modality="video", path="v.mp4")
    assert varied(row(), tmp_path, tmp_path, 0) is None
    assert varied(row(bare), tmp_path, tmp_path, 0) is None
    assert varied(row(film), tmp_path, tmp_path, 0) is None
    missing = MediaRef(handle="image1", modality="image", path="none.png")
    with pytest.raises(MediaError):
        varied(row(missing), tmp_path, tmp_path, 0)


def test_other_words_keep_what_the_plan_repeats() -> None:
    words = 'Say "Mind the Gap!" to me.'
    before = row(request=words, answer="Here is your speech.\ntext-to-speech: Mind the Gap!")
    bare = row(request="draw: A Fox", answer="Here is your picture.\ntext-to-image: A Fox")
    seen = set()
    for seed in range(60):
        made = reworded(before, seed)
        assert made is not None
        assert '"Mind the Gap!"' in made.request
        assert made.messages[1:] == before.messages[1:]
        assert last_plan(made) == last_plan(before)
        seen.add(made.request)
        ended = reworded(bare, seed)
        assert ended is not None
        assert ended.request.endswith("A Fox")
    assert len(seen) > 15
    assert reworded(before, 5) == reworded(before, 5)
    broken = row(answer="no-such-tool: x")
    assert reworded(broken, 0) is None
