"""Voices of animals, synthesised: a throat with formants, chirps, buzzes and hooves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from modaverse_training.nano.signals import (
    RATE,
    Style,
    Wave,
    band,
    curve,
    decay,
    echoes,
    harmonics,
    noise,
    put,
    seconds,
    silence,
    struck,
    swell,
    voice,
)


def dog(style: Style) -> Wave:
    """Barks: a short arch of pitch through an opening mouth, with breath."""
    track, length = silence(), 0.24 / style.speed**0.4
    for at in style.onsets(0.85):
        top = style.about(430 * style.pitch, 0.08)
        pitch = top * curve([(0, 0.65), (0.25, 1), (0.5, 0.95), (1, 0.5)], length)
        size = style.pitch**0.5
        mouth = curve([(0, 500), (0.35, 1000), (1, 550)], length) * size
        bark = voice(pitch, [(mouth, 260, 1.0), (1700 * size, 400, 0.5), (2900 * size, 500, 0.2)])
        rasp = noise(length, style.rng, band(500 * size, 2600 * size)) * 0.35
        shape = curve([(0, 0), (0.08, 1), (0.45, 0.8), (1, 0)], length) ** 1.3
        put(track, (bark / np.abs(bark).max() + rasp * 0.6) * shape, at)
    return track


def cat(style: Style) -> Wave:
    """Meows: from a closed mouth over a wide to a round one."""
    track, length = silence(), 0.95 / style.speed
    for at in style.onsets(1.45):
        base = style.about(560 * style.pitch)
        pitch = base * curve([(0, 0.85), (0.3, 1.25), (0.6, 1.15), (1, 0.75)], length)
        pitch = pitch * (1 + 0.012 * np.sin(2 * np.pi * 7 * seconds(length)))
        first = curve([(0, 400), (0.25, 1100), (0.6, 1000), (1, 500)], length)
        second = curve([(0, 1400), (0.25, 2600), (0.6, 1700), (1, 900)], length)
        meow = voice(pitch, [(first, 220, 1), (second, 300, 0.7), (4200, 600, 0.12)], tilt=0.3)
        shape = curve([(0, 0), (0.12, 0.4), (0.3, 1), (0.7, 0.8), (1, 0)], length)
        put(track, meow / np.abs(meow).max() * shape, at)
    return track


def cow(style: Style) -> Wave:
    """A long moo through a large throat."""
    track, length = silence(), min(2.5, 1.7 / style.speed)
    for at in style.onsets(2.1):
        base = style.about(150 * style.pitch)
        pitch = base * curve([(0, 0.8), (0.2, 1.05), (0.7, 1.0), (1, 0.7)], length)
        first = curve([(0, 250), (0.25, 480), (0.8, 420), (1, 260)], length)
        second = curve([(0, 700), (0.3, 1000), (1, 650)], length)
        moo = voice(pitch, [(first, 110, 1), (second, 160, 0.55), (2300, 300, 0.12)], tilt=0.3)
        rough = 1 + 0.25 * np.sin(2 * np.pi * 27 * seconds(length))
        put(track, moo / np.abs(moo).max() * rough * swell(length, 0.25, 0.4), at)
    return track


def rooster(style: Style) -> Wave:
    """Cock-a-doodle-doo: four short syllables and a long falling one."""
    track, at = silence(), style.about(0.2, 0.1)
    crow = [
        (0.16, 620, 700),
        (0.13, 760, 820),
        (0.3, 880, 1000),
        (0.16, 900, 840),
        (0.95, 980, 560),
    ]
    while at < 2.2:
        for length, start, end in crow:
            long = length / style.speed
            pitch = style.pitch * curve([(0, start), (0.3, max(start, end)), (1, end)], long)
            call = voice(pitch, [(1500, 500, 1), (3000, 700, 0.7)], tilt=0.1)
            call = call / np.abs(call).max()
            rasp = 1 + 0.4 * np.sin(2 * np.pi * 70 * seconds(long))
            put(track, call * rasp * swell(long, 0.03, 0.06), at)
            at += long + 0.03 / style.speed
        at += 0.35
    return track


def bird(style: Style) -> Wave:
    """Little songs of whistled chirps, high up."""
    track = silence()
    for at in style.onsets(1.0, start=0.1):
        for number in range(5):
            length = 0.09 / style.speed
            top = style.about(3900 * style.pitch, 0.03) * (1 + 0.06 * (number % 2))
            pitch = top * curve([(0, 1.2), (0.5, 0.95), (1, 1.05)], length)
            chirp = harmonics(pitch, lambda n, f: 1 / n**3, most=2)
            put(track, chirp * swell(length, 0.015, 0.03), at + number * 0.13 / style.speed)
    return track


def frog(style: Style) -> Wave:
    """Ribbits: two bursts of slow pulses, the second higher."""
    track = silence()
    for at in style.onsets(0.8):
        for start, length, mouth in ((0.0, 0.14, 620), (0.2, 0.22, 950)):
            long = length / style.speed**0.5
            pitch = np.full(int(long * RATE), style.about(72 * style.pitch**0.5, 0.04))
            size = mouth * style.pitch
            croak = voice(pitch, [(size, 110, 1), (2.2 * size, 200, 0.5)], tilt=0, most=60)
            put(track, croak / np.abs(croak).max() * swell(long, 0.03, 0.05), at + start)
    return track


def cricket(style: Style) -> Wave:
    """Trills of four pulses of one high tone."""
    track = silence()
    tone = style.about(4400 * style.pitch**0.8, 0.03)
    for at in style.onsets(0.42, start=0.05, end=2.95):
        for number in range(4):
            length = 0.024
            pulse = np.sin(2 * np.pi * tone * seconds(length)) * swell(length, 0.008, 0.01)
            put(track, pulse, at + number * 0.036)
    return track


def bee(style: Style) -> Wave:
    """A buzz that wobbles as it flies past."""
    t = seconds(3)
    turn, phase = 0.8 * style.speed, style.rng.uniform(0, 2 * np.pi)
    wobble = np.sin(2 * np.pi * turn * t + phase) + 0.4 * np.sin(2 * np.pi * 2.7 * turn * t)
    pitch = style.about(205 * style.pitch) * (1 + 0.05 * wobble)
    buzz = voice(pitch, [(450, 300, 1), (2200, 900, 0.5)], tilt=0.5)
    return buzz * (0.65 + 0.35 * np.sin(2 * np.pi * turn * t + phase + 1)) * swell(3, 0.1, 0.1)


def owl(style: Style) -> Wave:
    """Hoo, hoo-hoo, hoo: soft, nearly pure tones."""
    track, at = silence(), style.about(0.15, 0.1)
    for length, gap in ((0.4, 0.1), (0.16, 0.08), (0.2, 0.12), (0.6, 0.5)) * 3:
        long = length / style.speed
        pitch = style.about(370 * style.pitch, 0.015) * curve(
            [(0, 0.93), (0.3, 1), (1, 0.94)], long
        )
        hoot = harmonics(pitch, lambda n, f: (1, 0.12, 0.08)[n - 1], most=3)
        breath = noise(long, style.rng, band(300, 900)) * 0.04
        put(track, (hoot + breath) * swell(long, 0.05, 0.09), at)
        at += long + gap / style.speed
    return track


def wolf(style: Style) -> Wave:
    """A howl that climbs, holds and sinks, out in the open."""
    track, length = silence(), min(2.7, 2.3 / style.speed)
    for at in style.onsets(2.6, start=0.12):
        top = style.about(560 * style.pitch, 0.05)
        line = [(0, 0.5), (0.18, 0.95), (0.3, 1.05), (0.65, 1), (1, 0.6)]
        pitch = top * curve(line, length)
        pitch = pitch * (1 + 0.012 * np.sin(2 * np.pi * 5 * seconds(length)))
        howl = harmonics(pitch, lambda n, f: (1, 0.55, 0.3, 0.12, 0.05)[n - 1], most=5)
        put(track, howl * swell(length, 0.25, 0.5), at)
    return echoes(track, style.rng, wet=0.35)


def horse(style: Style) -> Wave:
    """A gallop: three beats of hooves and a rest."""
    track = silence()
    for at in style.onsets(0.52, start=0.05, end=2.95):
        for number, gain in enumerate((0.7, 0.8, 1.0)):
            tone = style.about((620, 760, 900)[number] * style.pitch, 0.05)
            hoof = struck(0.09, [(tone, 1, 0.012), (2.3 * tone, 0.4, 0.006), (150, 0.8, 0.015)])
            thud = noise(0.05, style.rng, band(200, 2000)) * decay(0.05, 0.006) * 0.4
            put(track, hoof, at + number * 0.125 / style.speed, gain)
            put(track, thud, at + number * 0.125 / style.speed, gain)
    return track


ANIMALS: Final[Mapping[str, Callable[[Style], Wave]]] = {
    "dog": dog,
    "cat": cat,
    "cow": cow,
    "rooster": rooster,
    "bird": bird,
    "frog": frog,
    "cricket": cricket,
    "bee": bee,
    "owl": owl,
    "wolf": wolf,
    "horse": horse,
}
