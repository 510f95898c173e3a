"""How people ask for sounds and for music."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

_NOISE = "[sound|noise|audio|sound effect|recording]"

SOUND_ORDERS = lines(f"""
    [let me hear|let us hear|i want to hear|play|play me|i'd like to hear|let me listen to|can i hear|i would like to hear|may i hear|i wanna hear|play back] {{x}}
    [let me hear|let us hear|play|give me|make|create|generate|produce|i want|i need|get me|do|record] the {_NOISE} of {{x}}
    [let me hear|make|create|generate|produce|give me|i want|i need] [a|an|some|one] {_NOISE} of {{x}}
    [make|play|create|do|give me|generate] [a|an|] {{x}} [sound|noise|sound effect]
    [make|play|give me|do] {{x}} [sound|noise|sounds|noises]
    [make|let|have] {{x}} [so i can hear it|, i want to hear it|, audio only|as audio]
    [let me hear|play] {{x}} for {{seconds}}
    [make|play|give me|create|generate] {{seconds}} of {{x}}
    [make|create|play|generate] [a|the] {{seconds}} {_NOISE} of {{x}}
    [make|create|play|generate] the sound of {{x}}, {{seconds}} long
    [let me hear|play me] what {{x}} sounds like
    [let me hear|show me|demonstrate|play me] how {{x}} sounds
    imitate {{x}}
    [listen to|let's listen to|i want to listen to|time to listen to|i would listen to] {{x}}
    [i|we] [need|want|require|lack] {{x}} [as a sound|as audio|to hear|as a sound effect]
    sound like {{x}}
    [make|create] {{x}} as [a sound|audio|sound|a sound effect]
    for my ears: {{x}}
    [/sound|/audio|/play|/sfx|sound:|play:] {{x}}
    [sound|play|audio]({{x}})
    [i have|i've|we have] never heard {{x}}
    [i miss|i long for|i love] the sound of {{x}}
    {{x}} would be nice to hear
    {{x}}[,|:|.|;] [let me hear it|play it|i want to hear it|play that|make that sound|i want to hear that]
    {{x}}, [to listen to|audible|as sound only|for listening]
    if only i could hear {{x}}
""")
SOUND_THINGS = lines(f"""
    the {_NOISE} of {{x}}
    the {_NOISE} of {{x}}
    the {_NOISE} {{x}} makes
    [a|an|some] {_NOISE} of {{x}}
    {_NOISE} of {{x}}
    {{x}} [sound|noise|as a sound|as audio|sound effect|audio|sfx|sounds|for the ears]
    [sound|audio|noise|sound effect|sfx]: {{x}}
    [sound|audio|sfx|noise], {{x}}
    the [sounds|noises] of {{x}}
    {{seconds}} of {{x}}
    {{seconds}} of {{x}}, [as audio|as a sound]
    the sound of {{x}}, {{seconds}} long
    something to [hear|listen to]: {{x}}
    how {{x}} sounds
    what {{x}} sounds like
    an audio [clip|file] of {{x}}
    the [crash|call|cry|song|noise|sound|roar|voice] of {{x}}
""")
MUSIC_ORDERS = lines("""
    [play|play me|play|compose|perform|improvise|strum|make|create|generate|give me|produce|let me hear|i want to hear|do|i want|i need|put on] {x}
    [play|let me hear|make|compose] [something on|music on|a tune on|a little music on] {x}
    [play|make|give me|compose|create] [some music:|music:|a bit of|a little|some] {x}
    [play|make|create|generate] {seconds} of {x}
    i feel like [hearing|listening to] {x}
    play us {x}
""")
MUSIC_THINGS = lines("""
    {x}
    {x} as [music|audio|background music|a soundtrack]
    music: {x}
    [song|tune|music|melody]: {x}
    the sound of {x}
    {seconds} of {x}
    music with {x}
    [some music|music] [played on|from|by] {x}
""")
SECONDS = (
    ("1 second", 1), ("one second", 1), ("a second", 1), ("2 seconds", 2), ("two seconds", 2), ("3 seconds", 3), ("three seconds", 3),
    ("half a second", 0.5), ("1.5 seconds", 1.5), ("2.5 seconds", 2.5), ("0.5 seconds", 0.5), ("one and a half seconds", 1.5),
    ("2 sec", 2), ("1s", 1), ("2s", 2), ("1 sec", 1), ("0.8 seconds", 0.8), ("1.2 seconds", 1.2),
    ("4 seconds", 4), ("four seconds", 4), ("5 seconds", 5), ("five seconds", 5), ("5 sec", 5), ("6 seconds", 6), ("six seconds", 6),
    ("7 seconds", 7), ("8 seconds", 8), ("eight seconds", 8), ("9 seconds", 9), ("10 seconds", 10), ("ten seconds", 10), ("10s", 10), ("8s", 8),
)  # fmt: skip
SOUND_QUESTIONS = lines("""
    what does {x} sound like
    what does {x} sound like
    how does {x} sound
    what [sound|noise] does {x} make
    what is the [sound|noise] of {x}
    [i wonder|i've been wondering|i'm curious|i am asking myself|tell me|show me|do you know|can you show me|remind me|any idea|i forgot|i never knew] [what {x} sounds like|how {x} sounds|what sound {x} makes|what noise {x} makes]
    what would {x} sound like
    how would {x} sound
    what do you hear when {x} is near
    what does it sound like when there is {x}
    how does it sound, {x}
    have you ever heard {x}? i want to
    can [i|we] hear {x}
    which [sound|noise] does {x} make
    what do {x} sound like
    how do {x} sound
    how does {x} go
    i'd love to know how {x} sounds
""")
