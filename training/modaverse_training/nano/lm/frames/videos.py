"""How people ask for videos."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.frames.orders import MAKE
from modaverse_training.nano.lm.phrases import lines

_CLIP = "[video|clip|animation|film|movie|short video|short clip|short film|vid|gif|video clip|little video|animated clip|short animation]"
VIDEO_ORDERS = lines(f"""
    [animate|film|animate|record|shoot] {{x}}
    {MAKE} [a|an|one|some|the] {_CLIP} of {{x}}
    {MAKE} [a|an|one] {_CLIP} of {{x}}
    {MAKE} a {_CLIP} [with|showing|that shows|where|in which|featuring|about] {{x}}
    {MAKE} {{x}} as a[n|] {_CLIP}
    [let|make] {{bare}} [as a video|in a video|in a clip|as an animation|on video|as a film|, video please]
    [show|show me|let me see|let me watch] {{x}} [moving|in motion|in a video|as a video|as a clip|on video]
    [let me watch|i want to watch|let us watch|i'd like to watch|can i watch] {{x}}
    [let me watch|i want to watch|i wanna watch] {{bare}}
    {MAKE} a[n|] {{size}} {_CLIP} of {{x}}
    [bring|turn|put] {{x}} [to life as a video|into a video|into a clip|into motion]
    {MAKE} a moving [picture|image] of {{x}}
    [/video|/animate|/clip|video:|animate:] {{x}}
    [video|clip|animate]({{x}})
    {{x}}[,|:|.|;] [animate it|film it|animate that|as a video please|make a video of that|i want to watch that]
    {{x}}, [animated|on film|moving]
""")
VIDEO_THINGS = lines(f"""
    [a|an|one|the] {_CLIP} of {{x}}
    [a|an|one|the] {_CLIP} of {{x}}
    a {_CLIP} [with|showing|that shows|where|in which|featuring] {{x}}
    {_CLIP} of {{x}}
    {{x}} [as a video|as a clip|as an animation|video|clip|in a video|animated|on video|as a film|in motion|as a gif]
    {{x}} {_CLIP}
    [video|clip|animation|film|gif|movie]: {{x}}
    [video|clip|animate|movie], {{x}}
    a [moving picture|moving image|motion picture] of {{x}}
    a[n|] {{size}} {_CLIP} of {{x}}
    a [new|nice|cool|funny|quick] {_CLIP} of {{x}}
    footage of {{x}}
    something moving: {{x}}
    an animated {{x}}
""")
VIDEO_QUESTIONS = lines("""
    what does it look like when {x}? [as a video|a video please|in motion]
    [can|may|could] i [watch|see a video] how {x}
    show me how {x} [in a video|as a clip|in motion|as an animation]
    [do you have|is there] a [video|clip] where {x}
    how does it look in motion when {x}
""")
