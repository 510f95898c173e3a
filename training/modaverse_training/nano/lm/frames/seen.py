"""How people go on from a file that they attached, and ask what is in what was made."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

#: What {r} names: a thing in a file of an earlier turn.
THE_SEEN = ("it", "it", "it", "that", "this", "that thing", "the thing", "the thing in it")
SAY_SEEN = lines("""
    [say|read|speak] [that|it|this|your answer|the answer] [aloud|out loud|to me]
    [now |][tell|say] [it|that|me that] [in speech|with a voice|as speech|as audio]
    [can i|let me] hear [your answer|the answer|that sentence]
    read your [answer|description|reply] [to me|aloud]
    speak your answer
""")
LIKE_SEEN = lines("""
    [draw|paint|make|show] [me |][another one|one more|a new one|one like it|something like it|the same yourself]
    [now |][you |]draw [one|it yourself|your own]
    [make|give me] [your own|another|a second] [picture|drawing|image] of [it|that|the same]
    a [new|second|different] [picture|drawing] of [it|that|the same thing]
""")
LOOK_AGAIN = {
    "image": lines("""
        [and |]what colour is [it|that|the background|the {noun}]
        [and |so |][is|was] [it|that|this] [a {noun}|{adjective}|really a {noun}|an animal]
        [look|check] again
        [are you|you] sure [|about that|of that]
        what else [is there|do you see|is in it|is on it|can you see]
        [and |]what is [behind it|next to it|in the background|around it|on the left]
        describe it [in more detail|again|better|more closely]
        [is|are] there [a {noun}|{nouns}|anything else] [in it|too|as well|in the picture]
        where is [it|the {noun}|that]
        how many [{nouns}|of them|colours] [are there|do you see]
        and what is [it|that|the {noun}] doing
    """),
    "audio": lines("""
        [and |so |][is|was] [it|that|this] [a {noun}|{adjective}|really a {noun}|an animal]
        listen [again|once more|more closely]
        [are you|you] sure [|about that|of that]
        what else [is there|do you hear|can be heard|is in it]
        [is|are] there [a {noun}|{nouns}|anything else] [in it|too|as well|on the recording]
        how [long|loud|fast|high] is it
        describe it [in more detail|again|better]
        is it [fast|slow|loud|high|low|a man|music]
    """),
    "video": lines("""
        [and |]what colour is [it|that|the background|the {noun}]
        [and |so |][is|was] [it|that|this] [a {noun}|{adjective}|really a {noun}|an animal]
        [watch it|look] again
        [are you|you] sure [|about that|of that]
        what else [is there|do you see|happens|can you see]
        [and |]what is [it|that|the {noun}] doing
        where does it go
        describe it [in more detail|again|better|more closely]
        [is|are] there [a {noun}|{nouns}|anything else] [in it|too|as well|in the video]
    """),
}
#: Questions about what an answer has made.
WHAT_WAS_MADE = {
    "text-to-image": lines("""
        what is [in|on] [this|that|the|your] [picture|drawing|image|photo]
        [describe|caption|explain] [it|that|the picture|image1|your drawing|what you drew|what you made]
        what [did you draw|have you drawn|did you paint|does it show|am i looking at|is that|do i see]
        what does [the picture|your picture|it|the image] show
        what was that [picture|drawing|image] of
    """),
    "text-to-video": lines("""
        what [happens|do you see|can be seen] in [this|that|the|your] [video|clip|film]
        [describe|caption|explain] [it|that|the video|video1|the clip|what you filmed|what you made]
        what [did you film|have you made|does it show|am i watching|is that|do i see]
        what does [the video|your video|it|the clip] show
        what was that [video|clip|film] of
    """),
    "text-to-audio": lines("""
        what [do i hear|can be heard|is to be heard] in [this|that|the|your] [sound|recording|audio]
        [describe|caption|explain] [it|that|the sound|audio1|the noise|what you made]
        what [did you play|have you made|am i listening to|was that|did i just hear|is that sound]
        what was that [sound|noise|recording] of
    """),
}
