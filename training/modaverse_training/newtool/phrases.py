"""How people ask for a tool that nobody has heard of yet: frames, in families of one split each.

Slots: {n} the noun, {an} with its article, {x} the content, {q} the content between quotes, {tool}
the tool's name, {spoken} the name as words, {it} attached media, {w} a whole wish, {o} an option in
words. `[a|b]` is either.
"""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from modaverse_training.nano.lm.phrases import lines

__all__ = [
    "ASIDES", "ATTACHED", "CONTRASTS", "NAMED", "OPTIONS", "ORDERS", "QUESTIONS", "SAMENESS",
    "STORIES", "THINGS", "WHOLE", "WRAPPED_ORDERS", "WRAPPED_THINGS", "Split", "Table",
]  # fmt: skip

Split = Literal["train", "validation"]
Table = Mapping[Split, tuple[str, ...]]

# A thing that is wanted.
THINGS: Table = {
    "train": lines("""
        {an} [of|for|from|with|about] {x}
        {an} [of|for|from|with|about] {x}
        {an} [of|for|from|to] {x}
        {an} [of|for|from|with] {q}
        {an} {link} {x}
        {an} {link} {q}
        [the|my|one|some|another|a new|a nice|a good|a simple] {n} [of|for|from] {x}
        {n} [of|for] {x}
        {n} {x}
        {n}: {x}
        {n}, {x}
        {x} as {an}
        {q} as {an}
        {x} {n}
        {x} {n}
        [a|a|the|some|one|another|this] {x} {n}
        [a|a|the|some|one|another|this] {x} {n}
        [a|a|the|my|our|this] {x} {n}
        {an}, {x}
        {n} {q}
        [a|the] [good|nice|simple|new|classic|real] {x} {n}
        {an} based on {x}
        {an} in the style of {x}
        {an} made [of|from|for|out of] {x}
        {an} [that says|saying|reading|with the text|with the words|that contains|containing|holding] {q}
        {an} [that is|which is|should be|for] {x}
        {an} that [fits|suits|matches|goes with|goes to|leads to|links to|opens|shows|stands for] {x}
        {an} - {x}
        {an} ({x})
        {x} - {an}
    """),
    "validation": lines("""
        {an} around {x}
        {an} on the subject of {x}
        {an} inspired by {x}
        {an}, and the content is {x}
        {an} belonging to {x}
        the {n} [called|named] {q}
        {an}, namely {x}
    """),
}
# An order. Those with {desc} repeat the tool's own description.
ORDERS: Table = {
    "train": lines("""
        [turn|convert|make|change|transform|put|render|write] {x} [into|as] {an}
        [turn|convert|make|put|encode|set|render] {q} [into|as] {an}
        [show|give|get] me {x} as {an}
        take {x} and [make|build|create] {an} [of it|from it|for it|out of it]
        [use|take] {x} [for|to make|to build] {an}
        [make|create|generate|build] {an} [of|from|with] this: {x}
        [make|create|generate|build|write|design|produce] {an}: {x}
        {desc}
        {desc}
    """),
    "validation": lines("""
        let {x} become {an}
        draft {an}, content: {x}
        do {an} where {x} is the content
    """),
}
# A whole request of two parts.
WHOLE: Table = {
    "train": lines("""
        {x}[.|,|:|;| -] [make|create|build] {an} [of|for|from|out of] [that|it|this]
        [the [text|content|theme|subject|topic|words] is|it is about|it is for|here is the text:|my [topic|theme|text]:] {x}. [make|create|build|i need] {an}
        i [need|want] {an}. [the [text|content|theme|subject|topic] is|it is for|it is about|it should [say|be|hold|fit]] {x}
        [make|create|give me] {an}. [it should [say|be|hold|fit|contain|go to|lead to]|let it be|write|use|with] {x}
        [my|our] [shop|song|band|room|page|poster|class] [needs|wants|lacks] {an}[:|;|,|.] [it is|the theme is|for|the text is|] {x}
        [i am learning|we love|i work with|i think of|we have] {x}. [can you|please|could you] [make|create] {an} [for|of] {x}
        {x}? [make|i want|give me] {an} [of|for] that
    """),
    "validation": lines("""
        what about {x}, but as {an}
        {x} wants to be {an}
        {an}, if you would. as for the content: {x}
    """),
}
# The tool called by its name.
NAMED: Table = {
    "train": lines("""
        use [the|] {tool} [for|on|with|:] {x}
        [use|run|call|start|try] the {spoken} [tool|] [with|for|on] {x}
        {tool}: {x}
        {tool} {x}
        /{tool} {x}
        {tool}({q})
        {spoken}: {x}
        with [the|] {tool}: {x}
    """),
    "validation": lines("""
        let {tool} do this: {x}
        apply {spoken} to {x}
    """),
}
# A question that the tool answers.
QUESTIONS: Table = {
    "train": lines("""
        what [would|does|might|could] {an} [of|for|from] {x} [{seems} like|be]?
        what [would|does|might] {x} {seems} like as {an}?
        how [would|does|might] {an} [of|for] {x} [{seems}|go]?
        [do you know|is there|have you] {an} [of|for] {x}?
        which {n} [fits|suits|goes with|would fit|would suit] {x}?
        what {n} [fits|suits|goes with|would fit] {x}?
    """),
    "validation": lines("""
        i am curious: {an} for {x}, what is that like?
        is it hard to make {an} for {x}?
    """),
}
WRAPPED_THINGS: Table = {
    "train": lines("""
        {w}
        {w}
        {w}
        {w}
        {w} [please|pls|plz|, please|, thanks|, thank you|now|for me|for us|, if you can|, quick]
        [make|create|generate|give me|make me|get me|produce|do|show me|build|design|prepare|write|send me|put together|craft|draw up|come up with] {w}
        [make|create|generate|give me|make me|get me|produce|do|show me|build|design|prepare] {w}
        [make|create|generate|give me|build|design] {w} [please|for me|now|, please|for my blog|for {name}|for my project|for our site]
        [please|pls|kindly|now|just|ok,|hey,|hi,|hello,|so,|well,] [make|create|generate|give me|do|show me|build] {w}
        [can|could|would|will] you [make|create|generate|give me|do|build|design|prepare|show me] {w}
        [can|could|would] you [please|quickly|maybe|kindly] [make|create|give me|do|build] {w}
        [can|could|may] i [have|get|see|order] {w}
        i [want|need|would like|'d like|would love|could use|am looking for|require|wish for] {w}
        [we|my boss|my daughter|my son|my teacher|our team|my friend|she|he|my band|the client|everybody here] [need|needs|want|wants|would like|asked for] {w}
        [how about|what about|time for|let's have|let me have|next|now|also|maybe|simply|only] {w}
        [for my|for our|for the] [blog|website|party|poster|shop|school|project|wedding|book|office|song|flat|garden|class|talk|door|cards|menu|app] [i need|we need|, please make|, i'd like|, create|:] {w}
        [i'm|i am|we are] [looking|waiting|asking|searching] for {w}
        it would be [nice|great|lovely|cool] to have {w}
        what i [want|need] is {w}
        [my wish|request|order|to do|needed|wanted|task|next]: {w}
        need {w}
        want {w}
        [try|suggest|propose|find|invent|compose|program|play|play me|let me hear|let me see|show us] {w}
        my [poster|card|shop|website|song|flyer|room|party|blog|book|app|menu|door|band] [needs|lacks|wants|is missing|has no|deserves] {w}
        [learning|practising|working] [today|again], so [make|give me|i need] {w}
    """),
    "validation": lines("""
        any chance of {w}
        what i am missing is {w}
        {w} would make my day
        help me out with {w}
        so, {w} then
        the only thing left on my list is {w}
        be an angel and produce {w}
        i was told that you do {w}
        surprise my colleagues with {w}
        {w} is all i ask for
    """),
}
WRAPPED_ORDERS: Table = {
    "train": lines("""
        {w}
        {w}
        {w}
        {w} [please|pls|, please|, thanks|, thank you|for me|now|if you can|, ok]
        please {w}
        [can|could|would|will] you {w}
        [can|could|would] you please {w}
        i [want|need|would like|'d like|ask] you to {w}
        [hey|hi|hello|ok|so|well|now|right|listen|computer], {w}
        [just|quickly|now|kindly|go ahead and|be so kind and|try to|time to|let's] {w}
        [is it possible|would it be possible] to {w}
        [my wish|request|task]: {w}
        [my boss|my daughter|my teacher|my friend|my band] [wants|asks] you to {w}
    """),
    "validation": lines("""
        mind if i ask you to {w}
        feel free to {w}
        the plan for today is to {w}
        it would help me a lot if you would {w}
    """),
}
STORIES: Table = {
    "train": lines("""
        it's [my|my son's|my friend's] birthday [today|tomorrow]
        i [am|'m] [bored|new here|a teacher|in a hurry|at work|on the train]
        we are [planning a party|making a game|building a website|opening a shop|moving house|starting a band|painting the house]
        this is for my [homework|blog|podcast|website|exam|shop|band|flat]
        [hello|hi|good morning|hey there]
        my name is {name}
        [sorry to bother you|no rush|quick question|this is urgent|great work so far|one more thing]
        [i can't do it myself|i have no idea how to do that|the old one is lost|last one was nice]
        {person} and i have a bet
    """),
    "validation": lines("""
        we open on monday
        nobody here can do this
        my phone died, so i ask you
    """),
}
# How an option is asked for: behind the wish, or {front} before the noun. {v} its value in words.
OPTIONS: Mapping[str, Table] = {
    "number": {
        "train": lines("""
            [, with|with|, at|at|of|, of|,] {v} {label}
            [, with|with|,] {label} {v}
            [, with|with|,] {label} [of|=|:] {v}
            , {v} {label}
            ({v} {label})
            ({label}: {v})
            , {name}={v}
            [over|in|using] {v} {label}
            , {label} {v}
        """),
        "validation": lines("""
            , and set {label} to {v}
            ; {v} {label}
        """),
    },
    "word": {
        "train": lines("""
            [, with|with|,] {label} {v}
            [, with|with|,] {v} {label}
            , {v}
            [, in|in] {v}
            ({v})
            ({label}: {v})
            , {name}={v}
            , {label} [should be|is] {v}
        """),
        "validation": lines("""
            , and set {label} to {v}
            ; {label} {v}
        """),
    },
    "yes": {
        "train": ("with {label}", ", with {label}", ", {label}", "and {label}", "({label})", ", {label} on", "that has {label}"),
        "validation": (", {label} please", "plus {label}"),
    },
    "no": {
        "train": ("without {label}", ", without {label}", ", no {label}", "with no {label}", ", {label} off"),
        "validation": (", but leave out {label}",),
    },
}  # fmt: skip
# Attached media.
ATTACHED: Table = {
    "train": lines("""
        {desc}
        {desc}
        [use|apply|run|try] {tool} [on|to] {it}
        [use|apply|run|try] the {spoken} [tool|] [on|to|with] {it}
        {tool} {it}
        {tool}
        {spoken} {it}
        {spoken}, please
        /{tool}
    """),
    "validation": lines("""
        let {tool} work on {it}
        {it} through {tool}
    """),
}
# A second turn: the same again, or for another content, or with an option.
SAMENESS: Mapping[str, Table] = {
    "again": {
        "train": ("[again|once more|another one|one more|another]", "[make|do] [another one|it again|one more]", "[another|one more] {n}"),
        "validation": ("the same once again",),
    },
    "other": {
        "train": ("[now|and|and one|another|the same|one] [for|of|with] {x}", "[now|and|then] {x}", "[and|now] {an} [of|for] {x}", "[make|do] [another|one|a second one] [of|for|with] {x}"),
        "validation": ("do likewise for {x}",),
    },
    "option": {
        "train": ("[the same|again|now|same thing|make it again|do it again|but]{o}", "[i want it|make it|do it]{o}"),
        "validation": ("one more time{o}",),
    },
}  # fmt: skip
# Requests for other tools that speak of this one's noun. {thing}: some thing.
CONTRASTS: Mapping[str, tuple[str, ...]] = {
    "text-to-speech": (
        "[say|read aloud|speak|announce]: {line}", "[say|read|speak] \"{line}\"", "[read|say] the words \"{line}\"",
        "[a voice that says|speech:] \"{line}\"",
    ),
    "text-to-image": (
        "[draw|paint|sketch] {scene}", "[a picture|an image|a photo|a drawing|a painting] of {scene}",
        "[make|show me|give me|i want] [a picture|a photo|an image] of {scene}",
    ),
    "text-to-video": (
        "[a video|a clip|an animation|a film] of {scene}", "[film|animate] {scene}",
        "[make|show me|give me|i want] [a video|a clip|a film] of {scene}",
    ),
    "text-to-audio": (
        "[the|a] [sound|noise] of {scene}", "[play|let me hear] {scene}", "[make|give me] the sound of {scene}",
    ),
}  # fmt: skip
#: What a voice, a picture and a sound may say or show of the noun.
ASIDES: Mapping[str, tuple[str, ...]] = {
    "line": (
        "The {n} is ready",
        "Where is my {n}?",
        "I love this {n}.",
        "Please look at the {n}",
        "No {n} today",
        "This {n} costs {int} euros.",
        "Thank you for the {n}, {name}!",
        "Welcome, {name}",
    ),
    "scene": (
        "{thing}",
        "{thing} and {thing}",
        "{thing} next to {thing}",
        "a man with {thing}",
        "{thing} in {city}",
        "a woman looking at {thing}",
        "someone who makes {an}",
        "a person holding {an}",
    ),
}
