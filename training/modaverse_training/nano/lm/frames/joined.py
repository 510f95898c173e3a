"""How people ask for videos with sound, for stills of them, and for one thing without another."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

SOUNDTRACK_OWN = lines("""
    a [video|clip|film|movie] of {v} with [sound|its sound|audio|its own sound|its noise]
    [make|create] a [video|clip|film] of {v} [with sound|with its sound|with audio|with its sound in one file|including the sound|that has sound|and put its sound under it|and its sound, in one file]
    [video|clip] with sound: {v}
    a [video|clip] with sound of {v}
    {v} as a [video|clip|film] with [sound|audio|its sound]
    [animate|film] {v} [with sound|and add its sound|with its sound on it|including sound|and let me hear it in the same file]
    a [film|video|clip] of {v}, [sound included|with the sound in it|audio included]
    i want to see and hear {v} in one [video|clip|file]
""")
SOUNDTRACK_OTHER = lines("""
    a [video|clip|film|movie] of {v} with the [sound|noise] of {s} [as the soundtrack|on it|in it|under it|]
    [make|create|produce] a [video|clip|film|movie] of {v} with {s} [as the soundtrack|as its soundtrack|in the background|as background music|under it|behind it|as its sound|on top]
    [make|create|do] a [video|clip|film] of {v} and [put|lay|mix|add] {s} [under it|to it|on it|behind it|in it]
    [animate|film] {v} and [put|lay|add|mix] [the sound of {s}|{s}] [under it|to it|behind it|on it|into it]
    a [video|clip|movie] of {v}, [set to|accompanied by|underlaid with|with a soundtrack of|backed by|scored with] {s}
    a [video|clip] of {v} with {noise} [sound|noise|music] [on it|under it|in it|]
    [animate|film] {v} with {noise} [sound|noise|music] [on it|under it|in the background|]
    a [video|clip] with [a|the] soundtrack: {v}, and {s}
    {v} [as a video|on video] with {s} [as its sound|as the soundtrack|behind it]
    one [file|mp4|video] with {v} and {s}
    combine a video of {v} with the sound of {s}
    a [video|clip] of {v} [and|with] the sound of {s}, [in one file|together|merged|as one video|as one file]
""")
SOUNDTRACK_VOICE = lines("""
    a [video|clip|film] of {v} with the [voice-over|words|spoken words|narration|voiceover] {q}
    a [video|clip|film] of {v} [that says|which says|saying|and a voice over it that says] {q}
    [make|create] a [video|clip] of {v} and [dub it with|let a voice say over it|add a voice that says|narrate over it] {q}
    [animate|film] {v} with the [words|voice-over|narration] {q} [spoken over it|under it|on it|]
    a talking {v} in a video that says {q}
    show {v} in a video [that says|with a voice saying] {q}
""")
STILL_OF_IT = lines("""
    [a|one] [still|frame|frame grab|screenshot|thumbnail|still image|freeze frame|cover frame] [from|of|out of|taken from] [it|the video|the clip|that|that video] {at}
    [take|pull|extract|grab|capture|get|save|cut|give me] a [still|frame|picture|screenshot|still image|photo|thumbnail] [from|out of|of] [it|the video|the clip|that clip|this video] {at}
    [a|one] still {at}
    its [frame|still|thumbnail] {at}
    its {nth} frame
    screenshot it {at}
    [grab|capture|save] [the|a|one] frame {at}
""")
NTH = {  # which frame, and the option for it
    "first": "", "very first": "", "opening": "", "last": "end", "very last": "end",
    "final": "end", "closing": "end", "middle": "middle",
}  # fmt: skip
AT_THE_END = ("at the end", "at the very end", "from the end", "right before it ends")
IN_THE_MIDDLE = ("in the middle", "halfway through", "from the middle", "halfway in")
HALF_A_SECOND = ("after half a second", "half a second in", "at half a second")
AT_ONE_SECOND = lines("""
    [at|after] {t} second
    at second {t}
    {t} second in
    at {t}[ s|s]
""")
AT_SECONDS = lines("""
    [at|after] {t} seconds
    [at|from] second {t}
    {t} seconds in
    at {t}[ s|s| sec]
""")
REFUSED = {
    "text-to-image": ("picture", "image", "photo", "drawing", "pictures", "images", "pic"),
    "text-to-video": ("video", "clip", "animation", "film", "videos", "movie"),
    "text-to-audio": ("sound", "music", "noise", "audio", "sounds", "soundtrack"),
    "text-to-speech": (
        "speech",
        "voice",
        "talking",
        "spoken words",
        "words",
        "speaking",
        "narration",
    ),
}
NO_ONE = lines("""
    no {n}
    no {n} please
    no {n}, please
    not a {n}
    not the {n}
    without {n}
    i [don't want|do not want|don't need|do not need|need no|want no|asked for no] [a |any ||]{n}
    [don't|do not] [make|give me|create|do|send] [a |any ||the ]{n}
    [skip|forget|leave out|drop|omit] the {n}
    instead of [a |the |]{n}
    rather than [a |]{n}
    no [more |need for a |need of any ]{n}
    please no {n}
    i have enough {n}
    {n} is not needed
    no {n} this time
    i'm not interested in [a |any ]{n}
    never mind the {n}
""")
NO_TWO = lines("""
    no {a}, no {b}
    no {a} and no {b}
    neither {a} nor {b}
    no {a} or {b}
    without {a} or {b}
    i want neither [a |]{a} nor [a |]{b}
    i don't [need|want] any {a} or {b}
    not a {a}, not a {b}
    skip the {a} and the {b}
    without any {a} and {b}
""")
NO_EDIT = lines("""
    don't [animate|draw|play|say] it
    don't [animate|draw|play] anything
    it should not [move|talk|make a sound]
    do not speak
    no need to say anything
""")
