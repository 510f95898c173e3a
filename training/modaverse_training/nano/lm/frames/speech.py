"""How people ask for speech: what to say, in which language and voice, how fast."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

SPEECH_ORDERS = lines("""
    [say|say|say|speak|read|read aloud|read out|read out loud|pronounce|narrate|announce|recite|utter|voice|shout|tell me|record|dictate] {q}
    [say|speak|read aloud|read out|read out loud|announce|narrate|read|recite|dictate]: {q}
    [read|say|speak] {q} [aloud|out loud|to me|for me|out|]
    [read|say|speak|voice|narrate|announce|record] [this|the following|the words|the phrase|the sentence|the text|the line|these words|this sentence|this text|this line][ aloud| out loud|]: {q}
    [read|say|speak|pronounce] the [words|phrase|sentence|line|word|message|text|name|number] {q}
    [turn|convert|change] [this|the following|the text|the sentence|this text] [into|to] [speech|voice|spoken words|audio speech]: {q}
    [turn|convert] {q} [into|to] [speech|voice|spoken words]
    [have|let] [a voice|someone|the computer|the voice|somebody] [say|speak|read|announce] {q}
    [make|let] [it|a robot|the robot|him|her|the speaker|my phone|the machine] say {q}
    i want to hear you say {q}
    let me hear [the words|the sentence|you say|someone say|a voice say|the phrase|] {q} [spoken|]
    [text to speech|tts|speech|text-to-speech]: {q}
    [tts|text to speech] {q}
    [say|speak|read aloud|read|read out|announce|narrate|recite|dictate]: {x}
    [read|say|speak] [this|the following|out|aloud|out loud|this aloud|the following text|this sentence|these words]: {x}
    [say|speak|pronounce] {x}
    [text to speech|tts|speech|text-to-speech|turn this into speech|spoken]: {x}
    [pronounce|say|speak|spell out] [the name|the word|the word|] {name}
    say hello to {name}, say {q}
    [say|speak] the following words for me: {q}
    [record|make|create|generate|produce] [a voice message|an announcement|a message|a recording|speech|a voice-over|a spoken message] [saying|that says|with the words|:] {q}
    wish {name} well, say {q}
    [tell|greet|warn|remind] [everyone|them|us|my guests|the kids|people]: {q}
    put {q} into speech
    [/say|/speak|/tts|tts --text] {q}
    [say|speak|tts]({q})
    {q}[,| -|:|.|;] [say it|say that|read it aloud|speak it|read that out|say it please|pronounce it]
    [let|have] [your|the] voice say {q}
    [i want|i'd like|i would love] to hear the [words|sentence|line|phrase] {q}
    [tell|greet] [my {noun}|{name}] [with|] {q}
""")
SPEECH_THINGS = lines("""
    {q} [spoken|read aloud|as speech|said aloud|read out loud|as spoken words|out loud|as audio speech|said by a voice]
    [the words|the sentence|the phrase|the line|the text|the message] {q} [spoken|read aloud|as speech|said out loud|]
    [a voice|someone|a person|a robot|a speaker|somebody|a narrator] [saying|that says|reading|who says|announcing] {q}
    [an announcement|a voice message|a spoken message|a recording|a voice-over|a narration|a reading|a greeting|a voice]: {q}
    [an announcement|a voice message|a spoken message|a recording|a narrator line|a voice prompt] [saying|that says|with the words|of] {q}
    the spoken [words|sentence|phrase|message] {q}
    [speech|spoken|voice|tts|aloud]: {q}
    [speech|spoken|voice|tts|aloud]: {x}
    a [spoken|read] version of {q}
    a reading of {q}
""")
SPEECH_WITH_EXTRA = lines("""
    [say|speak|read|read aloud|pronounce|announce|narrate|recite|read out] {q} {e}
    [say|speak|read|read aloud|pronounce|announce|narrate|recite|read out] {q} {e}
    [say|speak|read|read aloud|read out] {e}: {q}
    [say|speak|read|announce] {e} {q}
    {q} {e}[, please|]
    {q}, spoken {e}
    {q}, {e}
    speech {e}: {q}
    let me hear {q} {e}
    [say|read|speak] [this|the following] {e}: {q}
    [a voice|someone] saying {q} {e}
    [have|let] it say {q} {e}
    [say|speak] the words {q} {e}
""")
IN_LANGUAGE = lines("""
    in {l}
    in {l}
    with a {l} accent
    with a {l} voice
    in a {l} voice
    as {l}
    in {l} please
    in the {l} language
    with {l} pronunciation
    using the {l} voice
    like a {l} speaker
""")
VOICES = {
    "male": lines("""
        in a [male|man's|deep male|manly] voice
        with a [male|man's|masculine] voice
        [as|by|like] a man
        with the male voice
        in a [deep|low|gruff|bass|dark] voice
        [with|using] a [deep|low|gruff] voice
        in the voice of [an old man|a father|a grandfather]
    """),
    "female": lines("""
        in a [female|woman's|feminine|warm female] voice
        with a [female|woman's|lady's] voice
        [as|by|like] a woman
        with the female voice
        in a [girl's|mother's|lady's|soprano] voice
        in the voice of [an old woman|a mother|a grandmother|a girl]
    """),
    "whisper": lines("""
        in a whisper
        [whispering|whispered|in a whispering voice|with a whispering voice|as a whisper]
        with the whisper voice
    """),
    "croak": lines("""
        in a [croaky|croaking|hoarse|frog-like] voice
        with a [croaky|croaking|hoarse] voice
        [croaking|croaked|like a frog|like an old witch|with a croak]
    """),
    "neutral": lines("""
        in a neutral voice
        with [a|the] [neutral|normal] voice
    """),
}
SPEEDS = {
    110: lines("""
        [slowly|very slowly|slow|nice and slowly|at a slow speed|in a slow voice|at slow speed|really slowly|as slow speech|at a calm slow pace]
    """),
    260: lines("""
        [fast|quickly|very fast|very quickly|at high speed|at a fast speed|in a fast voice|really fast|at top speed|in a hurry|rapidly]
    """),
}
COMPARED = {
    110: ("slower", "a bit slower", "more slowly"),
    260: ("faster", "quicker", "more quickly", "speed it up"),
}
WORDS_A_MINUTE = lines("""
    at {n} words a minute
    at {n} words per minute
    at a speed of {n} words a minute
    at {n} wpm
    with speed {n}
""")
SPEECH_AGAIN = lines("""
    {e}
    now {e}
    {e} please
    {e}, please
    again {e}
    again, {e}
    the same {e}
    and {e}
    once more, {e}
    say it {e}
    can you say that {e}
    now say it {e}
    repeat it {e}
    i want it {e}
    but {e}
    do that {e}
    read it {e}
""")

SPEECH_QUESTIONS = lines("""
    how do you [pronounce|say] {q}
    how is {q} [pronounced|spoken]
    how [do i|does one|should i|would you|to] [pronounce|say] {q}
    what is the pronunciation of {q}
    how is the [name|word] {q} pronounced
    can you [pronounce|say] {q}
    what does {q} sound like when spoken
    how does it sound when someone says {q}
""")
