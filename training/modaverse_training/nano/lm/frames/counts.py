"""How people ask for so and so many of one thing, and for changes of what was never made."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

COUNTED = lines("""
    {n} {k} of {x}
    {n} {k} of {x} [please|pls|thanks]
    [make|draw|create|give me|i want|i need|show me|get me|please make|i would like|i'd like] {n} {k} of {x}
    [can|could|would] you [make|create|give me|do|prepare] {n} [different|separate|] {k} of {x}
    [can|could|may] i [have|get] {n} [separate|different|] {k} of {x}
    {n} [different|separate|] {k}, [each of|each with|all of] {x}
    {n} [versions|takes|variants|variations|tries] of {x}, as {k}
    [for my project|for the meeting|for tomorrow|for the kids] [i need|make|give me] {n} {k} of {x}
    {k} of {x}, {n} [in all|in total|altogether|please]
    {x}, {n} {k}
    {x}: {n} {k}
    {n} {k}: {x} [each time|every time|in each]
    {n} [times|x] {k} of {x}
    [let me have|i could use|we need|send me] {n} {k} of {x}
    [make it|not one but] {n} {k} of {x}
    i want to [choose|pick] between {n} {k} of {x}
""")
MAKE_THAT = lines("""
    [now |please |]make [it|that|this|that one] {a}
    can you make [it|that|this] {a}
    i want [it|that] {a} [instead|now|]
    the same [but|only] {a}
    the same in {a}
    [turn|change] [it|that] [{a}|to {a}]
    it should be {a}
    again but {a}
    [why is it not|could it be] {a}
    [that one|this one] in {a} please
    {a} instead
""")
SAME = lines("""
    [again|once more|one more time|the same again|same again|repeat that|do that again|repeat it]
    [another one|one more|one more of those|another of these] [please|]
    [make|do|play|draw|show me|say] [it|that|the last one] [again|once more|one more time]
    [undo|delete|remove] [that|it|the last one]
    [bigger|smaller|longer|shorter|slower|faster|louder] [please|this time]
    [make|play] [it|that] [bigger|smaller|longer|shorter|slower|faster|louder]
    [what is|who is|describe what is] [in|on] [this|that|the attached|my] [picture|photo|video|recording|file]
    [crop|rotate|sharpen|brighten|cut|trim|mute] [it|this|that|the file]
    [turn|convert|change|make] [this|it|that] [into|to] a [video|picture|sound|gif|clip]
""")
#: So many seconds or pixels, {n}, of {x}.
MEASURED = {
    "text-to-audio": lines("""
        [the sound of |][{x}|{x}, please|{x}] for {n} seconds
        {n} seconds of {x}
        [play|make|i need|give me|record] {n} [seconds|sec|s] of {x}
        {x}[, | - |, for ]{n} [seconds|seconds long|seconds please|sec]
        {x} ({n} [seconds|seconds long|sec])
        [let me hear|make the sound of|i want to hear] {x} for [about |at least |]{n} seconds
        [a|make a|play a|record a] {n}[ second|-second] [sound|recording|sound clip] of {x}
        a sound of {x} that [lasts|goes on for|runs for] {n} seconds
        [give me|i'd like|could i have|may i get|let me have|create] {n} seconds of {x}
        i need {x} [to last|lasting] {n} seconds
        {x}[, |. ][keep it at|make it|length|duration:|it should last] {n} seconds
        [sound|audio|noise|recording|sound clip][, | ]{n} seconds[: |, of | of ]{x}
        [sound|audio|recording|sound clip] ({n} seconds) of {x}
        {n} [seconds|sec], {x}
        [for|i need] {n} seconds, [the sound of|play|nothing but] {x}
    """),
    "text-to-video": lines("""
        [a|make a|film a|shoot a|i need a|create a] {n} second [video|clip|film|animation] of {x}
        [a video of|film|a clip of|make a video of|show me a film of] {x}[, | - |, for | for ]{n} [seconds|sec|seconds please]
        {n} seconds of [video|film|footage] [of|with|that show] {x}
        a [video|clip|film] of {x} that [lasts|goes on for|runs for] {n} seconds
        a [video|clip|film] of {x}, {n} seconds long
    """),
    "text-to-image": lines("""
        [a|draw a|make a|i need a] [picture|drawing|photo|painting|wallpaper] of {x}[, | - | in | at | of ]{n}x{n}[ pixels|]
        [draw|paint|show me] {x}[, | - | at | in ]{n} [pixels|px|pixels wide|by {n}|by {n} pixels]
        a {n} [pixel|px] [picture|image|drawing] of {x}
        {x}[, | - | at ][{n} px|{n} pixels|{n}x{n}]
    """),
}
