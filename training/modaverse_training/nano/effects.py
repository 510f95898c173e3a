"""Weather, machines and things of the house, synthesised."""

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
    harmonics,
    noise,
    peak,
    put,
    seconds,
    silence,
    struck,
    swell,
    voice,
)


def rain(style: Style) -> Wave:
    """A steady hiss with single drops on top."""
    track = noise(3, style.rng, band(900 * style.pitch, 6500)) * 0.25
    for _ in range(int(60 * style.speed**1.5)):
        tone = style.about(3200 * style.pitch, 0.4)
        drop = struck(0.02, [(tone, 1, 0.003)]) * style.rng.uniform(0.3, 1)
        put(track, drop, style.rng.uniform(0, 2.97))
    return track


def thunder(style: Style) -> Wave:
    """A crack, then a rumble that rolls and dies away."""
    track, at = silence(), style.about(0.25, 0.1)
    left = 3 - at
    crack = noise(0.5, style.rng, band(150, 5000 * style.pitch)) * decay(0.5, 0.07)
    rolls = noise(left, style.rng, band(0.5, 3 * style.speed))
    low = noise(left, style.rng, lambda f: band(35, 160 * style.pitch)(f))
    rumble = low * (1 + 0.6 * rolls).clip(0.15, 2.5) * decay(left, 0.7 / style.speed, attack=0.15)
    put(track, crack, at, 0.5)
    put(track, rumble, at + 0.03, 0.5)
    return track


def wind(style: Style) -> Wave:
    """Howling air: resonances that glide up and down with the gusts."""
    t = seconds(3)
    phase = style.rng.uniform(0, 2 * np.pi)
    gust = 0.5 + 0.5 * np.sin(2 * np.pi * 0.45 * style.speed * t + phase)
    track = noise(3, style.rng, band(100, 900)) * 0.12
    for number, at in enumerate(np.linspace(280, 900, 8) * style.pitch):
        near = np.exp(-((number / 7 - gust) ** 2) / 0.03)
        track += noise(3, style.rng, peak(at, 25)) * near * (0.3 + 0.7 * gust)
    return track


def waves(style: Style) -> Wave:
    """Surf: each wave swells, breaks bright and runs back."""
    track = noise(3, style.rng, band(100, 900)) * 0.06
    length = 2.3 / style.speed
    for at in np.arange(style.rng.uniform(-0.3, 0), 3, 1.9 / style.speed):
        dull = noise(length, style.rng, band(120 * style.pitch, 900 * style.pitch))
        bright = noise(length, style.rng, band(600 * style.pitch, 5000))
        wave = dull * curve([(0, 0), (0.35, 0.7), (0.45, 1), (1, 0)], length) * 0.7
        wave += bright * curve([(0, 0), (0.3, 0.08), (0.43, 1), (0.6, 0.45), (1, 0)], length) * 0.7
        late = max(0.0, -at)
        put(track, wave[int(late * RATE) :], max(at, 0))
    return track


def fire(style: Style) -> Wave:
    """A soft roar with dry snaps."""
    track = noise(3, style.rng, band(60, 400 * style.pitch)) * 0.12
    for at in np.sort(style.rng.uniform(0, 2.95, int(34 * style.speed))):
        length = style.rng.uniform(0.004, 0.02)
        snap = noise(length, style.rng, band(900 * style.pitch, 5500)) * decay(
            length, length / 5, 0.0005
        )
        put(track, snap, at, style.rng.uniform(0.15, 1) ** 2)
    return track


def stream(style: Style) -> Wave:
    """Running water: many small bubbles, each a tone that rises a little."""
    track = noise(3, style.rng, band(400, 2500)) * 0.04
    for _ in range(int(130 * style.speed)):
        length = style.rng.uniform(0.03, 0.08)
        tone = 380 * style.pitch * 2 ** style.rng.uniform(0, 1.7)
        pitch = tone * (1 + 2.5 * seconds(length))
        bubble = np.sin(2 * np.pi * np.cumsum(pitch) / RATE) * decay(length, length / 4, 0.004)
        put(track, bubble, style.rng.uniform(0, 2.95), style.rng.uniform(0.1, 0.8))
    return track


def engine(style: Style) -> Wave:
    """A car that idles, revs up and comes down again."""
    points = [(0, 1), (0.15, 1), (0.4, 2.3), (0.5, 2.4), (0.75, 1.1), (1, 1)]
    revs = curve(points, 3) if style.tempo != "fast" else curve(points, 1.5).tolist() * 2
    pitch = style.about(38 * style.pitch) * np.asarray(revs) * style.speed**0.35
    roar = voice(pitch, [(110, 90, 1), (300, 120, 0.7), (900, 400, 0.3)], tilt=0.2, most=60)
    uneven = 1 + 0.35 * np.sin(np.pi * np.cumsum(pitch) / RATE)
    hiss = noise(3, style.rng, band(200, 1500)) * 0.12
    car: Wave = roar / np.abs(roar).max() * uneven + hiss * (pitch / pitch.max())
    return car


def siren(style: Style) -> Wave:
    """The wail of a police car, up and down."""
    t = seconds(3)
    turn = 0.7 * style.speed * t + style.rng.uniform(0, 0.1)
    wail = 0.5 - 0.5 * np.cos(2 * np.pi * turn)
    pitch = style.about(620 * style.pitch, 0.02) * 2 ** (1.15 * wail)
    return harmonics(pitch, lambda n, f: (n % 2 or 0.3) / n, most=9) * swell(3, 0.05, 0.05)


def train(style: Style) -> Wave:
    """A steam engine: puffs in fours, and its horn."""
    track = silence()
    for number, at in enumerate(style.onsets(0.24, start=0.04, end=2.95)):
        length = 0.17 / style.speed**0.7
        puff = noise(length, style.rng, band(250, 2600)) * decay(
            length, 0.045 / style.speed**0.5, 0.01
        )
        put(track, puff, at, 0.4 if number % 4 else 0.65)
    chord = [311, 370, 415, 494]
    for at, length in ((0.7, 0.45), (1.35, 1.1)):
        flat = np.ones(int(length * RATE))
        horn = sum(
            voice(flat * tone * style.pitch, [(900, 700, 1), (2000, 900, 0.4)], tilt=0.6, most=14)
            for tone in chord
        )
        put(track, np.asarray(horn) * swell(length, 0.06, 0.1), at, 0.16)
    return track


def helicopter(style: Style) -> Wave:
    """Blades that beat the air over a whining turbine."""
    t = seconds(3)
    beat = np.cumsum(np.full(len(t), style.about(10.5 * style.speed, 0.03))) / RATE
    chop = np.exp(-6 * (beat % 1)) + 0.35 * np.exp(-6 * ((beat + 0.5) % 1))
    blades = noise(3, style.rng, band(60, 500 * style.pitch)) * chop
    air = noise(3, style.rng, band(500, 2500)) * (0.05 + 0.1 * chop)
    whine = np.sin(2 * np.pi * 1350 * style.pitch * t) * 0.06
    return blades + air + whine


def clock(style: Style) -> Wave:
    """Tick, tock."""
    track = silence()
    for number, at in enumerate(style.onsets(0.5, start=0.1, end=2.95)):
        tone = (2600, 1900)[number % 2] * style.pitch
        tick = struck(0.06, [(tone, 1, 0.006), (1.63 * tone, 0.6, 0.004), (420, 0.3, 0.01)])
        click = noise(0.004, style.rng, band(1500, 6500)) * 0.5
        put(track, tick, at)
        put(track, click, at)
    return track


def alarm(style: Style) -> Wave:
    """Four digital beeps and a pause, again and again."""
    track, tone = silence(), style.about(2050 * style.pitch**0.8, 0.02)
    for at in style.onsets(0.9, start=0.08):
        for number in range(4):
            length = 0.075 / style.speed**0.7
            beep = harmonics(np.full(int(length * RATE), tone), lambda n, f: (n % 2) / n, most=3)
            put(track, beep * swell(length, 0.003, 0.003), at + number * 0.13 / style.speed)
    return track


def phone(style: Style) -> Wave:
    """An old telephone: two small bells, hammered 20 times a second."""
    track = silence()
    for start in style.onsets(1.5, start=0.1, end=2.9):
        for number in range(int(0.95 / style.speed / 0.047)):
            tone = (1180, 1480)[number % 2] * style.pitch
            ring = struck(0.3, [(tone, 1, 0.05), (2.71 * tone, 0.5, 0.03), (4.1 * tone, 0.2, 0.02)])
            put(track, ring, start + number * 0.047)
    return track


def bell(style: Style) -> Wave:
    """A church bell: hum, prime, minor third, fifth, nominal and above."""
    track, tone = silence(), style.about(330 * style.pitch, 0.03)
    partials = [
        (0.5, 0.5, 1.0), (1, 0.8, 0.7), (1.2, 0.8, 0.55), (1.5, 0.35, 0.4), (2, 1.0, 0.35),
        (2.51, 0.4, 0.2), (2.66, 0.4, 0.2), (3.01, 0.4, 0.15), (4.17, 0.35, 0.1),
        (5.43, 0.25, 0.07),
    ]  # fmt: skip
    toll = struck(3, [(tone * ratio, gain, half) for ratio, gain, half in partials])
    for at in style.onsets(1.4, start=0.1, end=2.8):
        put(track, toll, at)
    return track


def knock(style: Style) -> Wave:
    """Knuckles on a wooden door: three raps, twice."""
    track = silence()
    for start in style.onsets(1.5, start=0.15, end=2.7):
        for number in range(3):
            tone = style.about(230 * style.pitch, 0.03)
            rap = struck(
                0.15, [(tone, 1, 0.018), (2.2 * tone, 0.7, 0.012), (4.6 * tone, 0.3, 0.006)]
            )
            rap += noise(0.15, style.rng, band(300, 2500)) * decay(0.15, 0.006, 0.0005) * 0.5
            put(track, rap, start + number * 0.24 / style.speed)
    return track


def footsteps(style: Style) -> Wave:
    """Heel and sole, left and right, on a floor."""
    track = silence()
    for number, at in enumerate(style.onsets(0.55, start=0.12, end=2.9)):
        tone = (105, 120)[number % 2] * style.pitch
        heel = struck(0.12, [(tone, 1, 0.02), (3.1 * tone, 0.3, 0.01)])
        click = noise(0.03, style.rng, band(800 * style.pitch, 3500)) * decay(0.03, 0.004, 0.0005)
        scuff = noise(0.11, style.rng, band(1200 * style.pitch, 5000)) * swell(0.11, 0.03, 0.07)
        put(track, heel, at)
        put(track, click, at, 0.25)
        put(track, scuff, at + 0.09, 0.1)
    return track


def applause(style: Style) -> Wave:
    """A crowd: people who each clap at their own pace."""
    track = silence()
    for _ in range(34):
        tone = style.about(1400 * style.pitch, 0.35)
        clap = noise(0.03, style.rng, peak(tone, 450)) * decay(0.03, 0.005, 0.001)
        gap = style.about(0.24, 0.2) / style.speed
        gain = style.rng.uniform(0.3, 1)
        for at in np.arange(style.rng.uniform(0, gap), 2.96, gap):
            put(track, clap, max(0.0, at + style.rng.normal(0, 0.012)), gain)
    return track


def heartbeat(style: Style) -> Wave:
    """Lub-dub, deep and dull."""
    track = silence()
    for at in style.onsets(0.85, start=0.12, end=2.8):
        for start, tone, gain in ((0.0, 68, 1.0), (0.28 / style.speed**0.7, 88, 0.75)):
            pitch = style.pitch * tone * curve([(0, 1.5), (0.3, 1), (1, 0.85)], 0.2)
            thump = harmonics(pitch, lambda n, f: (1, 0.7, 0.4)[n - 1], most=3)
            put(track, thump * decay(0.2, 0.04, 0.012), at + start, gain)
    return track


def typing(style: Style) -> Wave:
    """Keys in little runs, each down and up."""
    track = silence()
    for number, at in enumerate(style.onsets(0.125, start=0.05, end=2.92)):
        if number % 8 == 7:
            continue  # between two words
        when = at + style.rng.normal(0, 0.008)
        tone = style.about(3300 * style.pitch, 0.15)
        down = noise(0.025, style.rng, peak(tone, 900)) * decay(0.025, 0.003, 0.0005)
        thock = struck(0.04, [(style.about(560 * style.pitch, 0.1), 1, 0.006)])
        put(track, down, when, 0.5 * style.rng.uniform(0.7, 1))
        put(track, thock, when, 0.35)
        put(track, down, when + 0.05, 0.14)
    return track


def explosion(style: Style) -> Wave:
    """A blast that overdrives, then a rumble and debris."""
    track, at = silence(), style.about(0.2, 0.1)
    left = 3 - at
    slow = 1 / style.speed
    blast = noise(left, style.rng, band(40, 3500 * style.pitch)) * decay(left, 0.09 * slow)
    body = noise(left, style.rng, band(30, 350 * style.pitch)) * decay(left, 0.38 * slow, 0.01)
    fall = 30 + 110 * np.exp2(-seconds(left) / 0.12)
    boom = np.sin(2 * np.pi * np.cumsum(fall * style.pitch) / RATE) * decay(left, 0.3 * slow)
    put(track, np.tanh(1.6 * (blast + body + 1.2 * boom)), at)
    for when in at + 0.3 + style.rng.exponential(0.5, 24):
        bit = noise(0.012, style.rng, band(800, 5000)) * decay(0.012, 0.003)
        put(track, bit, min(when, 2.95), 0.12)
    return track


def laser(style: Style) -> Wave:
    """Pew: a bright tone that drops steeply."""
    track = silence()
    for at in style.onsets(0.62, start=0.1, end=2.8):
        length = 0.34 / style.speed**0.5
        drop = 2700 * style.pitch * np.exp2(-3.8 * curve([(0, 0), (1, 1)], length) ** 0.7)
        zap = harmonics(drop, lambda n, f: 1 / n**1.3, most=6)
        put(track, zap * decay(length, length / 3, 0.004) * swell(length, 0.002, 0.03), at)
    return track


def horn(style: Style) -> Wave:
    """A car's two-tone horn: short, long."""
    track, at = silence(), style.about(0.15, 0.1)
    for length in (0.22, 0.75) * 4:
        long = length / style.speed
        flat = np.ones(int(long * RATE)) * style.pitch
        formants = [(1100, 600, 1.0), (2400, 800, 0.6)]
        honk = voice(flat * 405, formants, tilt=0.3, most=16) + voice(
            flat * 507, formants, tilt=0.3, most=16
        )
        put(track, honk * swell(long, 0.012, 0.03), at)
        at += long + 0.14 / style.speed
        if at > 2.6:
            break
    return track


def whistle(style: Style) -> Wave:
    """A referee's whistle, its pea rattling."""
    track, at = silence(), style.about(0.12, 0.1)
    for length in (0.3, 1.0) * 4:
        long = length / style.speed
        t = seconds(long)
        pea = np.sin(2 * np.pi * 34 * t)
        pitch = (
            2650 * style.pitch**0.8 * (1 + 0.025 * pea) * curve([(0, 0.9), (0.1, 1), (1, 1)], long)
        )
        blow = harmonics(pitch, lambda n, f: (1, 0.08)[n - 1], most=2)
        blow += 0.5 * harmonics(pitch * 1.11, lambda n, f: 1.0, most=1)
        breath = noise(long, style.rng, band(2000, 5000)) * 0.1
        put(track, (blow * (1 + 0.45 * pea) + breath) * swell(long, 0.03, 0.04), at)
        at += long + 0.15 / style.speed
        if at > 2.6:
            break
    return track


EFFECTS: Final[Mapping[str, Callable[[Style], Wave]]] = {
    "rain": rain,
    "thunder": thunder,
    "wind": wind,
    "waves": waves,
    "fire": fire,
    "stream": stream,
    "engine": engine,
    "siren": siren,
    "train": train,
    "helicopter": helicopter,
    "clock": clock,
    "alarm": alarm,
    "phone": phone,
    "bell": bell,
    "knock": knock,
    "footsteps": footsteps,
    "applause": applause,
    "heartbeat": heartbeat,
    "typing": typing,
    "explosion": explosion,
    "laser": laser,
    "horn": horn,
    "whistle": whistle,
}
