"""How people ask for pictures."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.frames.orders import MAKE
from modaverse_training.nano.lm.phrases import lines

_PICTURE = "[picture|image|photo|drawing|pic|illustration|photograph|picture|image|img|graphic|rendering|visual]"
IMAGE_ORDERS = lines(f"""
    [draw|draw|draw|paint|sketch|illustrate|depict|doodle|picture|visualise|visualize|render] {{x}}
    [draw|paint|sketch|doodle] [me|us|for me] {{x}}
    [draw|paint] [a picture of|an image of] {{x}}
    [show|show me|show me|show us|let me see|let us see|display] {{x}}
    {MAKE} [a|an|one|some|the|your best|a nice|another|this] {_PICTURE} of {{x}}
    {MAKE} [a|one|an] {_PICTURE} [with|showing|that shows|where you see|featuring|in which there is] {{x}}
    {MAKE} {{x}} as a[n|] {_PICTURE}
    {MAKE} {{x}} [on|in] a {_PICTURE}
    {MAKE} [a|an] {{size}} {_PICTURE} of {{x}}
    [draw|paint] {{x}} [in a|as a|on a] {{size}} {_PICTURE}
    [design|imagine|create|compose] {{x}}
    [turn|put] {{x}} into a {_PICTURE}
    [take|shoot|snap] a [photo|picture|photograph] of {{x}}
    put {{x}} [on|in] a picture
    [/draw|/image|/imagine|/paint|/picture|draw:|paint:] {{x}}
    [image|draw|picture|generate_image]({{x}})
    [draw|image|picture] [--prompt|--subject|prompt=|subject:] {{x}}
    [i have|i've|we have] never seen {{x}}
    if only i had a {_PICTURE} of {{x}}
    [it would make me happy|it would be nice|i long|i am dying|i hope] to see {{x}}
    {{x}} would be nice to [see|look at]
    {{x}}[,|:|.|;] [draw it|draw that|paint it|draw it for me|paint this|please paint it|show it to me|sketch it]
    {{x}}, [drawn|painted|sketched|to look at|on a picture]
""")
IMAGE_THINGS = lines(f"""
    [a|an|one|some|the] {_PICTURE} of {{x}}
    [a|an|one|the] {_PICTURE} of {{x}}
    a {_PICTURE} [with|showing|that shows|featuring|where you can see] {{x}}
    {_PICTURE} of {{x}}
    {{x}} [as a picture|as an image|picture|pic|photo|image|drawing|in a picture|on a picture|as a drawing|drawn|painted|for the eyes]
    {{x}} {_PICTURE}
    [picture|image|pic|photo|drawing|illustration]: {{x}}
    [picture|image|pic|photo|draw|paint], {{x}}
    a[n|] {{size}} {_PICTURE} of {{x}}
    a {_PICTURE} in which {{x}} is seen
    a [new|nice|lovely|good|simple|quick|cool|beautiful] {_PICTURE} of {{x}}
    something [to look at|visual]: {{x}}
""")
SIZES = (
    ("large", 512), ("big", 512), ("very large", 512), ("huge", 512), ("512 pixel", 512), ("512x512", 512), ("high resolution", 512),
    ("small", 128), ("little", 128), ("tiny", 64), ("128 pixel", 128), ("128x128", 128), ("64x64", 64), ("64 pixel", 64),
    ("256x256", 256), ("medium size", 256), ("large-size", 512), ("icon-size", 128), ("thumbnail size", 128),
)  # fmt: skip
IMAGE_QUESTIONS = lines("""
    what does {x} look like
    what does {x} look like
    how does {x} look
    what would {x} look like
    how would {x} look
    [i wonder|i've been wondering|i'm curious|tell me|show me|do you know|can you show me|i never saw|remind me|i forgot] [what {x} looks like|how {x} looks]
    can [i|you show me|we] see {x}
    [may|could] i see {x}
    [do you have|is there] a [picture|photo|drawing] of {x}
    what do {x} look like
    have you got an image of {x}
    i want to see {x}
    i'd love to see {x}
    i would like to see {x}
    i wish i could see {x}
""")
