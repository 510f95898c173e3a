"""Instruments: little pieces written as MIDI and played by FluidSynth from a General MIDI font."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from modaverse_training.nano.signals import RATE, SAMPLES, SECONDS, Style, Wave

FONT: Final = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
_TICKS: Final = 960  # a second
_SLOT: Final = SECONDS + 0.25  # seconds from piece to piece in one recording
_LEAD: Final = 0.04  # seconds before the first note
_DRUMS: Final = 9  # the percussion channel
_BEATS: Final = {"slow": 0.8, "": 0.5, "fast": 0.31}  # seconds


@dataclass(frozen=True)
class Note:
    """One note: when and how long (in beats), its pitch in semitones from the key, how loud."""

    at: float
    length: float
    pitch: int
    velocity: int = 96


Idiom = Callable[[Sequence[int]], list[Note]]


@dataclass(frozen=True)
class Instrument:
    """A General MIDI program with the music that is typical of it.

    Attributes:
        program: General MIDI number, from 0; -1 is the drum kit.
        key: MIDI number of the key note at the usual register.
        idiom: Writes eight beats from the four roots of a chord progression.
        shift: Semitones from one register to the next.
    """

    program: int
    key: int
    idiom: Idiom
    shift: int = 12


#: Chord progressions: semitones of the root of each two beats.
_PROGRESSIONS: Final = ((0, 5, 7, 0), (0, 9, 5, 7), (0, 7, 9, 5))
_MINOR_ROOTS: Final = (2, 4, 9)


def _chord(root: int) -> tuple[int, int, int]:
    third = 3 if root in _MINOR_ROOTS else 4
    return root, root + third, root + 7


def _even(steps: str, *, part: float, hold: float) -> Idiom:
    """The same figure on each chord: digits index its notes upwards, a dot rests."""

    def idiom(roots: Sequence[int]) -> list[Note]:
        notes = []
        for bar, root in enumerate(roots):
            for place, step in enumerate(steps):
                if step != ".":
                    octave, degree = divmod(int(step, 16), 3)
                    pitch = _chord(root)[degree] + 12 * octave
                    loud = 104 if place % 4 == 0 else 88
                    notes.append(Note(2 * bar + place * part, hold * part, pitch, loud))
        return notes

    return idiom


def _chords(*hits: tuple[float, float], spread: float = 0.0, wide: bool = False) -> Idiom:
    """Chords at (beat, length) of every two beats, their notes `spread` beats apart."""

    def idiom(roots: Sequence[int]) -> list[Note]:
        notes = []
        for bar, root in enumerate(roots):
            chord = _chord(root - 12 if root > 6 else root)
            tones = [chord[0] - 12, *chord, chord[0] + 12] if wide else [*chord]
            for at, length in hits:
                for place, tone in enumerate(tones):
                    late = place * spread
                    notes.append(Note(2 * bar + at + late, length - late, tone, 92))
        return notes

    return idiom


def _together(*parts: tuple[int, Idiom]) -> Idiom:
    """Several idioms at once, each some semitones higher or lower."""
    return lambda roots: [
        Note(note.at, note.length, note.pitch + lift, note.velocity)
        for lift, idiom in parts
        for note in idiom(roots)
    ]


def _tune(rhythm: Sequence[float], degrees: Sequence[int], *, hold: float = 0.97) -> Idiom:
    """A melody in the major scale over eight beats; the first root bends its course."""
    scale = (0, 2, 4, 5, 7, 9, 11)

    def idiom(roots: Sequence[int]) -> list[Note]:
        turn = _PROGRESSIONS.index(tuple(roots)) if tuple(roots) in _PROGRESSIONS else 0
        notes, at = [], 0.0
        for place, length in enumerate(rhythm):
            degree = degrees[place % len(degrees)] + (0, 2, 1)[turn] * (place % 3 == 1)
            octave, step = divmod(degree, 7)
            notes.append(Note(at, length * hold, scale[step] + 12 * octave, 100))
            at += length
        return notes

    return idiom


def _kit(roots: Sequence[int]) -> list[Note]:
    """Bass drum, snare drum and hi-hat; a fill on the toms at the end of the third bar."""
    kick, snare, hat, crash, toms = 36, 38, 42, 49, (50, 47, 43, 41)
    notes = [Note(0, 0.4, crash, 90)]
    notes += [Note(beat / 2, 0.2, hat, 80 if beat % 2 else 96) for beat in range(16)]
    notes += [Note(beat, 0.3, kick, 118) for beat in (0, 2, 2.5, 4, 6, 6.5)]
    notes += [Note(beat, 0.3, snare, 112) for beat in (1, 3, 5, 7)]
    if roots[1] == 9:
        notes += [Note(5 + place / 4, 0.2, tom, 110) for place, tom in enumerate(toms)]
    return notes


_OOM_PAH: Final = _together(
    (-12, _chords((0, 0.9))), (0, _chords((0.5, 0.3), (1, 0.3), (1.5, 0.3)))
)
INSTRUMENTS: Final[dict[str, Instrument]] = {
    "piano": Instrument(
        0, 60, _together((-12, _chords((0, 2))), (0, _even("02134312", part=0.25, hold=1.5)))
    ),
    "guitar": Instrument(
        25, 52, _chords((0, 0.9), (0.75, 0.3), (1, 0.5), (1.5, 0.5), spread=0.035, wide=True), 7
    ),
    "violin": Instrument(40, 74, _tune((1, 0.5, 0.5, 1, 1, 1.5, 0.5, 2), (4, 5, 4, 2, 3, 4, 1, 0))),
    "cello": Instrument(42, 48, _tune((1.5, 0.5, 2, 1.5, 0.5, 2), (0, 2, 4, 3, 1, 0)), 7),
    "flute": Instrument(
        73, 77, _tune((0.5, 0.25, 0.25, 0.5, 0.5, 1, 1) * 2, (4, 5, 4, 2, 4, 7, 6, 5, 4, 3))
    ),
    "trumpet": Instrument(
        56, 65, _tune((0.5, 0.25, 0.25, 0.5, 0.5, 1, 1) * 2, (0, 0, 0, 2, 4, 7, 4), hold=0.75), 7
    ),
    "saxophone": Instrument(
        65, 56,
        _tune((0.66, 0.34, 0.66, 0.34, 1.34, 0.66) * 2, (0, 2, 3, 4, 6, 4, 3, 2), hold=0.9), 7,
    ),
    "organ": Instrument(19, 55, _chords((0, 1.95), wide=True)),
    "harp": Instrument(46, 52, _even("0123456787654321", part=0.125, hold=6)),
    "accordion": Instrument(21, 62, _OOM_PAH, 9),
    "xylophone": Instrument(13, 77, _even("03243523", part=0.25, hold=0.8), 9),
    "drums": Instrument(-1, 0, _kit, 0),
    "bass": Instrument(33, 36, _even("0.012.21", part=0.25, hold=0.9), 7),
    "clarinet": Instrument(
        71, 60,
        _tune((0.5, 0.5, 0.5, 0.5, 1, 0.5, 0.5) * 2, (0, 2, 4, 7, 9, 7, 4, 2, 1, 3), hold=0.8), 9,
    ),
    "tuba": Instrument(58, 36, _even("0.2.0.1.", part=0.25, hold=1.2), 7),
    "harmonica": Instrument(22, 67, _chords((0, 0.6), (0.75, 0.2), (1, 0.9)), 7),
    "music box": Instrument(10, 76, _even("3.5.4.2.", part=0.25, hold=4), 7),
    "choir": Instrument(52, 60, _chords((0, 2.0), wide=True)),
    "banjo": Instrument(105, 62, _even("02430243", part=0.25, hold=1.4), 7),
    "sitar": Instrument(
        104, 55, _together((-12, _even("0...0...", part=0.25, hold=4)),
                           (0, _tune((0.5, 0.5, 1, 0.25, 0.25, 0.5, 1) * 2, (0, 1, 2, 3, 2, 1, 4))))
    ),
}  # fmt: skip


def render(name: str, styles: Sequence[Style], font: Path = FONT) -> list[Wave]:
    """Play an instrument in each of the styles.

    Args:
        name: Of `INSTRUMENTS`.
        styles: One for each piece; all are played in one run of FluidSynth.
        font: The General MIDI sound font.

    Returns:
        Waves [samples] of three seconds at 16 kHz.

    Raises:
        FileNotFoundError: FluidSynth or the sound font is not installed.
    """
    binary = shutil.which("fluidsynth")
    if binary is None or not font.is_file():
        raise FileNotFoundError("install fluidsynth and fluid-soundfont-gm")
    with tempfile.TemporaryDirectory() as folder:
        score, played = Path(folder, "score.mid"), Path(folder, "played.raw")
        score.write_bytes(midi(INSTRUMENTS[name], styles))
        options = ["-R", "0", "-C", "0", "-g", "0.5", "-r", str(2 * RATE), "-T", "raw", "-O", "s16"]
        subprocess.run(
            [
                binary,
                "-q",
                "-ni",
                *options,
                "-E",
                "little",
                "-F",
                str(played),
                str(font),
                str(score),
            ],
            check=True,
            capture_output=True,
        )
        wave = np.fromfile(played, dtype="<i2").reshape(-1, 2).mean(1) / 32768
    starts = [int(number * _SLOT * 2 * RATE) for number in range(len(styles))]
    wave = np.pad(wave, (0, max(0, starts[-1] + 2 * SAMPLES - len(wave))))
    return [_halved(wave[start : start + 2 * SAMPLES]) for start in starts]


def midi(instrument: Instrument, styles: Sequence[Style]) -> bytes:
    """A MIDI file with one piece for each style, one every `_SLOT` seconds."""
    events: list[tuple[float, int, bytes]] = []
    channel = _DRUMS if instrument.program < 0 else 0
    if channel == 0:
        events.append((0, 0, bytes([0xC0, instrument.program])))
    for number, style in enumerate(styles):
        start = number * _SLOT
        events.append((start + SECONDS + 0.05, 0, bytes([0xB0 | channel, 120, 0])))  # all sound off
        for at, length, pitch, velocity in _piece(instrument, style):
            events.append((start + at, 2, bytes([0x90 | channel, pitch, velocity])))
            events.append((start + at + length, 1, bytes([0x80 | channel, pitch, 0])))
    return _file(sorted(events))


def _piece(instrument: Instrument, style: Style) -> list[tuple[float, float, int, int]]:
    """Notes (seconds, seconds, MIDI number, velocity) of three seconds of music."""
    beat = _BEATS[style.tempo]
    roots = _PROGRESSIONS[int(style.rng.integers(len(_PROGRESSIONS)))]
    key = instrument.key + int(style.rng.choice((0, 3))) * (instrument.shift > 0)
    key += {"low": -1, "": 0, "high": 1}[style.register] * instrument.shift
    notes = []
    for turn in range(2):
        for note in instrument.idiom(roots):
            at = _LEAD + beat * (note.at + 8 * turn)
            length = min(beat * note.length, SECONDS - at)
            if length > 0.03:
                pitch = _drum(note.pitch, style) if instrument.program < 0 else key + note.pitch
                notes.append((at, length, min(max(pitch, 21), 108), note.velocity))
    return notes


def _drum(number: int, style: Style) -> int:
    """In the high register side stick, bongos and a splash play, in the low one the deep drums."""
    swaps = {
        "low": {38: 41, 42: 44, 49: 52, 50: 45, 47: 43, 43: 41},
        "high": {36: 61, 38: 60, 42: 42, 49: 55, 50: 60, 47: 60, 43: 61, 41: 61},
    }
    return swaps.get(style.register, {}).get(number, number)


def _file(events: Sequence[tuple[float, int, bytes]]) -> bytes:
    """A format-0 MIDI file of events (seconds, order, message)."""
    track, now = bytearray(), 0
    for at, _, message in events:
        tick = round(at * _TICKS)
        track += _variable(tick - now) + message
        now = tick
    track += bytes([0, 0xFF, 0x2F, 0])
    # 480 ticks a quarter note at the standard 120 quarter notes a minute are 960 a second
    header = (
        b"MThd" + (6).to_bytes(4) + (0).to_bytes(2) + (1).to_bytes(2) + (_TICKS // 2).to_bytes(2)
    )
    return header + b"MTrk" + len(track).to_bytes(4) + bytes(track)


def _variable(number: int) -> bytes:
    """MIDI's variable-length number: seven bits a byte, the high bit on all but the last."""
    parts = [number & 0x7F]
    while number := number >> 7:
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))


def _halved(wave: Wave) -> Wave:
    """Half the sampling rate, by cutting the spectrum in two."""
    return np.fft.irfft(np.fft.rfft(wave)[: len(wave) // 4 + 1], len(wave) // 2) / 2
