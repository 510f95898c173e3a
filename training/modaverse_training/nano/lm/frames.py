"""The asking frames of the grammar: how people ask, in templates with [alternatives|in brackets].

Slots: {x} content, {q} a quoted sentence, {w} a whole wish, {size} {seconds} {e} options in words,
{name} {noun} {thing} … filled by the vocabulary.
"""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import _lines

_PICTURE = "[picture|image|photo|drawing|pic|illustration|photograph|picture|image|img|graphic|rendering|visual]"
_CLIP = "[video|clip|animation|film|movie|short video|short clip|short film|vid|gif|video clip|little video|animated clip|short animation]"
_MAKE = (
    "[make|create|generate|give me|make me|show me|produce|do|get me|i want|i need|render|prepare]"
)
_NOISE = "[sound|noise|audio|sound effect|recording]"

IMAGE_ORDERS = _lines(f"""
    [draw|draw|draw|paint|sketch|illustrate|depict|doodle|picture|visualise|visualize|render] {{x}}
    [draw|paint|sketch|doodle] [me|us|for me] {{x}}
    [draw|paint] [a picture of|an image of] {{x}}
    [show|show me|show me|show us|let me see|let us see|display] {{x}}
    {_MAKE} [a|an|one|some|the|your best|a nice|another|this] {_PICTURE} of {{x}}
    {_MAKE} [a|one|an] {_PICTURE} [with|showing|that shows|where you see|featuring|in which there is] {{x}}
    {_MAKE} {{x}} as a[n|] {_PICTURE}
    {_MAKE} {{x}} [on|in] a {_PICTURE}
    {_MAKE} [a|an] {{size}} {_PICTURE} of {{x}}
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
IMAGE_THINGS = _lines(f"""
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
VIDEO_ORDERS = _lines(f"""
    [animate|film|animate|record|shoot] {{x}}
    {_MAKE} [a|an|one|some|the] {_CLIP} of {{x}}
    {_MAKE} [a|an|one] {_CLIP} of {{x}}
    {_MAKE} a {_CLIP} [with|showing|that shows|where|in which|featuring|about] {{x}}
    {_MAKE} {{x}} as a[n|] {_CLIP}
    [let|make] {{bare}} [as a video|in a video|in a clip|as an animation|on video|as a film|, video please]
    [show|show me|let me see|let me watch] {{x}} [moving|in motion|in a video|as a video|as a clip|on video]
    [let me watch|i want to watch|let us watch|i'd like to watch|can i watch] {{x}}
    [let me watch|i want to watch|i wanna watch] {{bare}}
    {_MAKE} a[n|] {{size}} {_CLIP} of {{x}}
    [bring|turn|put] {{x}} [to life as a video|into a video|into a clip|into motion]
    {_MAKE} a moving [picture|image] of {{x}}
    [/video|/animate|/clip|video:|animate:] {{x}}
    [video|clip|animate]({{x}})
    {{x}}[,|:|.|;] [animate it|film it|animate that|as a video please|make a video of that|i want to watch that]
    {{x}}, [animated|on film|moving]
""")
VIDEO_THINGS = _lines(f"""
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
SOUND_ORDERS = _lines(f"""
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
SOUND_THINGS = _lines(f"""
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
MUSIC_ORDERS = _lines("""
    [play|play me|play|compose|perform|improvise|strum|make|create|generate|give me|produce|let me hear|i want to hear|do|i want|i need|put on] {x}
    [play|let me hear|make|compose] [something on|music on|a tune on|a little music on] {x}
    [play|make|give me|compose|create] [some music:|music:|a bit of|a little|some] {x}
    [play|make|create|generate] {seconds} of {x}
    i feel like [hearing|listening to] {x}
    play us {x}
""")
MUSIC_THINGS = _lines("""
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
)  # fmt: skip
SPEECH_ORDERS = _lines("""
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
SPEECH_THINGS = _lines("""
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
SPEECH_WITH_EXTRA = _lines("""
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
IN_LANGUAGE = _lines("""
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
    "male": _lines("""
        in a [male|man's|deep male|manly] voice
        with a [male|man's|masculine] voice
        [as|by|like] a man
        with the male voice
    """),
    "female": _lines("""
        in a [female|woman's|feminine|warm female] voice
        with a [female|woman's|lady's] voice
        [as|by|like] a woman
        with the female voice
    """),
    "whisper": _lines("""
        in a whisper
        [whispering|whispered|in a whispering voice|with a whispering voice|as a whisper]
        with the whisper voice
    """),
    "croak": _lines("""
        in a [croaky|croaking|hoarse|frog-like] voice
        with a [croaky|croaking|hoarse] voice
        [croaking|croaked|like a frog|like an old witch|with a croak]
    """),
    "neutral": _lines("""
        in a neutral voice
        with [a|the] [neutral|normal] voice
    """),
}
SPEEDS = {
    110: _lines("""
        [slowly|very slowly|slow|nice and slowly|at a slow speed|in a slow voice|at slow speed|really slowly|as slow speech|at a calm slow pace]
    """),
    260: _lines("""
        [fast|quickly|very fast|very quickly|at high speed|at a fast speed|in a fast voice|really fast|at top speed|in a hurry|rapidly]
    """),
}
COMPARED = {
    110: ("slower", "a bit slower", "more slowly"),
    260: ("faster", "quicker", "more quickly", "speed it up"),
}
WORDS_A_MINUTE = _lines("""
    at {n} words a minute
    at {n} words per minute
    at a speed of {n} words a minute
    at {n} wpm
    with speed {n}
""")
SPEECH_AGAIN = _lines("""
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

WRAP_ORDER = _lines("""
    {w}
    {w}
    {w}
    {w}
    {w} please
    {w}, please
    please {w}
    please, {w}
    [can|could|would|will] you {w}
    [can|could|would|will] you please {w}
    [can|could|would] you {w}[,|] please
    [could|can|would] you [possibly|kindly|maybe|perhaps|quickly|just] {w}
    [would|do] you mind if i ask you to {w}
    i [want|need|would like|'d like|would love|wish|expect|beg|ask] you to {w}
    i'd [like|love|appreciate it if you could] you to {w}
    i would be [glad|happy|grateful|thankful] if you could {w}
    [hey|hi|hello|ok|okay|so|well|now|right|alright|yo|listen|computer|ModaVerse|Moda], {w}
    [hi|hello|hey]! {w}
    [hi|hello], can you {w}
    [just|quickly|go ahead and|go and|try to|be so kind and|do me a favour and|now|kindly|let's see if you can|you should|you must|time to|your task: |task: |you can] {w}
    {w} [for me|for us|for my friend|for my daughter|for {name}|now|right now|quickly|if you can|pls|plz|thanks|thank you|will you|ok|today|, thanks|, would you|, if possible|, if you don't mind|, ok]
    pls {w}
    is it possible to {w}
    [are you able to|would it be possible to|is there a way to|may i ask you to|might you|how about you|do you think you could] {w}
    my [wish|request|order|task for you|idea]: {w}
    it would be [nice|great|lovely|cool|wonderful] if you could {w}
    what i need you to do: {w}
    [let's|why don't you|we need you to|my boss wants you to|my kid asks you to] {w}
    u {w}
    can u {w}
    {w} immediately
    [{person}|my {noun}|the {noun}] [wants you to|asks you to|says you can|told me you can|thinks you should] {w}
    [today's task|job {int}|point {int}|item {int}|{noun}]: {w}
    [it is time to|feel free to|you have to|i dare you to|i challenge you to|you had better|don't forget to] {w}
    [a small favour: |one thing: |i have a request: |quick one: |next: ]{w}
""")
WRAP_THING = _lines("""
    {w}
    {w}
    {w}
    {w}
    {w} please
    {w}, please
    {w} pls
    {w}, [thanks|thank you|if you can|if possible|quickly|now|will you|would you|that's all|that is it|if you don't mind]
    i [want|need|would like|'d like|would love|'d love|could use|wish for|am looking for|'m looking for|require|ask for|dream of|desire|crave] {w}
    [we|my daughter|my son|my boss|my mother|my class|my friend|she|he|everyone here] [need|needs|wants|want|would like|is waiting for|asked for] {w}
    [can|could|may|might] i [have|get|see|ask for|please have|please get|order] {w}
    [can|could] you [make|give me|create|get me|do|produce|show me|provide|send me|prepare|find me|come up with|please make] {w}
    could you please [make|create|do|give me] {w}
    would you [make|create|do|give me|be able to make] {w}
    [make|create|give me|generate|get me|produce|do|i want|provide|deliver|send me|send|craft|build|put together|prepare] {w}
    [make|create|give me|generate] {w} [please|for me|now|, please|for my blog|for {name}|for my project]
    [please|pls|kindly] [make|create|give me|generate|do|send|provide|produce] {w}
    [how about|what about|time for|let's have|let me have|let us have|bring me|show me|maybe|perhaps|now|next|also|and now|just|only|simply|so|ok|hey,|hi,|hello,] {w}
    [do you have|have you got|is there|got] {w}
    i'm in [need|want] of {w}
    it would be [nice|great|lovely] to [have|get|see] {w}
    what i [want|need] is {w}
    all i [want|need] is {w}
    [my wish|what i want|the wish|wish list|order|request|to do|needed|wanted]: {w}
    i'd be [glad|happy|thankful] for {w}
    would love {w}
    need {w}
    want {w}
    i wanna have {w}
    gimme {w}
    {verb} [me|us|] {w}[| please| for {name}]
    [the next|item|number {int}|my {noun}|the {noun}|part {int}|step one|first on the list|on my list] [is|would be|will be|should be|must be|remains] {w}
    [we|i] [were|was|am|are] [looking|waiting|longing|asking|searching|begging|praying|aiming|wishing|calling|hunting|shopping|voting] for {w}
    [looking|waiting|longing|asking|searching|begging|praying|wishing|dying|hunting] for {w}
    [we|they|people|the {noun}|my {noun}|{name}] [need|lack|require|request|want|expect|deserve|are after|talked about getting] {w}
    [kindly|quickly|please|now] {verb} {w}
    [{person}|my {noun}|the {noun}|our {noun}|the {adjective} {noun}|everybody|someone] [needs|wants|asks for|would like|requests|lacks|is missing|dreams of|has ordered|needs to have] {w}
    [what about making|i'd settle for|time to make|nothing beats|let there be|we could use|there is need for|waiting for|i beg for|can't wait for] {w}
    [today's task|job {int}|point {int}|item {int}|deadline tomorrow|{noun}|the {noun}|for {name}]: {w}
    [for my|for our|for the] [blog|website|party|presentation|slides|school|game|project|garden|wedding|homework|book|poster|office|app|film|podcast|class|talk|newsletter|shop|phone] [i need|we need|i want|, please make|, i'd like|we are missing|, create|:] {w}
    [i have always wanted|i was thinking of|i am after|i'm after|i am here for|i came for|i really want|i really need|i urgently need|i'd kill for|i could do with|there should be|what is missing is|still missing:] {w}
""")
STORIES = _lines("""
    it's [my|my son's|my friend's] birthday [today|tomorrow]
    i [am|'m] [bored|tired|sad|happy|six years old|a teacher|a nurse|new here|in a hurry|at work|on the train|from {city}]
    my [daughter|son|cat|dog|boss|teacher|grandma|neighbour] [loves|likes|hates|wants|misses] {nouns}
    we are [planning a party|writing a play|making a game|building a website|learning about {nouns}|moving to {city}]
    i [need|want] this for my [school project|homework|blog|podcast|presentation|website|novel|exam]
    [today|yesterday|last week|last year|this morning] [i|we|my {noun}] [saw|found|met|bought|lost|heard about] {thing}
    i [love|like|adore] {nouns}
    [hello|hi|good morning|hey there], i [am|'m] {person}
    my name is {name}
    i [can't sleep|have a cold|have no time|need a break|don't know how to draw|have never seen one|forgot my glasses|like your work]
    the weather in {city} is [bad|fine|terrible|lovely]
    i work [at|for] [a school|a bakery|a radio station|a museum|a small company] in {city}
    {person} and i have a bet
    [sorry for my english|sorry to bother you|no rush|quick question|this is urgent|thanks for your help|great work so far]
    after {int} years in {city} i miss [home|the sea|my {noun}]
    we have {int} guests tonight
    my [phone|computer|camera] is broken
""")
THING_TO_ORDER = _lines("""
    make {w}
    create {w}
    give me {w}
    i want {w}
    generate {w}
    i need {w}
    do {w}
    {w}
    i'd like {w}
    produce {w}
    show me {w}
""")

SOUND_QUESTIONS = _lines("""
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
IMAGE_QUESTIONS = _lines("""
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
VIDEO_QUESTIONS = _lines("""
    what does it look like when {x}? [as a video|a video please|in motion]
    [can|may|could] i [watch|see a video] how {x}
    show me how {x} [in a video|as a clip|in motion|as an animation]
    [do you have|is there] a [video|clip] where {x}
    how does it look in motion when {x}
""")
SPEECH_QUESTIONS = _lines("""
    how do you [pronounce|say] {q}
    how is {q} [pronounced|spoken]
    how [do i|does one|should i|would you|to] [pronounce|say] {q}
    what is the pronunciation of {q}
    how is the [name|word] {q} pronounced
    can you [pronounce|say] {q}
    what does {q} sound like when spoken
    how does it sound when someone says {q}
""")

ALIKE = {
    "image": _lines("""
        {n} [pictures|images|drawings|photos|pics]: {x}
        {n} [separate|different|] [pictures|images|drawings|photos], {x}
        [make|draw|create|give me|i want|i need|paint|show me|please make] {n} [pictures|images|drawings|separate pictures]: {x}
        [draw|paint] {x}, [one picture each|each in its own picture|{n} pictures|{n} images|as separate pictures|separately]
        [make|create] separate [pictures|images|drawings] of {x}
        {each}
        [give me|i want|make|i need|create] {each}
        [pics|pictures|images]: {x}
        {n} [pictures|images]. {each}
    """),
    "video": _lines("""
        {n} [videos|clips|animations]: {x}
        [make|create|give me|i want|i need] {n} [videos|clips|animations|separate videos]: {x}
        [animate|film] {x}, [one video each|as separate videos|{n} clips]
        {each}
        [give me|i want|make|i need] {each}
    """),
    "sound": _lines("""
        {n} [sounds|noises|sound effects]: {x}
        [let me hear|play|make|give me|i want] {n} [sounds|noises]: {x}
        [let me hear|play] {x}, [one after the other|each by itself|separately|as separate sounds|{n} sounds]
        {each}
        [give me|i want|let me hear|make] {each}
    """),
    "speech": _lines("""
        {each}
        please {each}
        can you {each}
        [speak|say] {n} things: {x}
        [say|read] {x}, [separately|one after the other|as {n} recordings]
    """),
}
EACH = {
    "image": _lines("""
        a picture of {x}
        one picture of {x}
        an image of {x}
        a drawing of {x}
        draw {x}
        a photo of {x}
    """),
    "video": _lines("""
        a video of {x}
        a clip of {x}
        one video with {x}
        an animation of {x}
    """),
    "sound": _lines("""
        the sound of {x}
        a sound of {x}
        the noise of {x}
        {x} sound
    """),
    "speech": _lines("""
        say {x}
        speak {x}
        read {x} aloud
        say the words {x}
    """),
}
MANY_WAYS = _lines("""
    {x} as {m}
    {x}: {m}
    {x}, {m} please
    {m} of {x}
    the {m} of {x}
    a {m} of {x}
    [make|give me|i want|i need|create] {m} of {x}
    [make|create|i want|do] {x} as {m}
    {each}
    i want {each}
    {short}
    for {x} i need {m}
    {x}, once as {m}
    {x} in these forms: {m}
""")

FIRST = {
    "image": _lines("""
        draw {x}
        [draw|paint|sketch|draw me] {x}
        [show me|show] {x}
        a [picture|photo|drawing|image|pic] of {x}
        [make|create|give me|i want|i need|generate] a [picture|drawing|photo|image] of {x}
        {x}
        {x} [picture|pic|please|image]
        [i want|i'd like] {x}
    """),
    "audio": _lines("""
        the sound of {x}
        [play|let me hear|i want to hear] {x}
        [make|play|give me] the [sound|noise] of {x}
        {x} [sound|noise]
        what does {x} sound like
        sound of {x}
    """),
    "video": _lines("""
        [a|one] [video|clip|film|movie|animation] of {x}
        [make|create|give me|i want|generate|produce] a [video|clip|film|movie|animation] of {x}
        [animate|film] {x}
        video of {x}
        {x} [video|clip]
        {x} as a video
    """),
}
SECOND = {
    "video-place": _lines("""
        [the same|that|this] {head} as a [video|clip|film] {place}
        a [video|clip|film] of [the same|that|this] {head} {place}
        a [video|clip] of it {place}
        animate it {place}
    """),
    "video-ing": _lines("""
        [a|one] [video|clip|film|movie|animation] of [it|him|her|them|that|the same] {ing}
        [make|create|do|give me] a [video|clip|movie|film] of [it|him|her|them|this] {ing}
        animate it {ing}
        [film|record] it {ing}
        [it|them] {ing} as a [video|clip|film]
        [a video|a clip|a movie] [where|in which] it is {ing}
        show [me |]it {ing} in a video
    """),
    "video-verb": _lines("""
        let it {verb} in a [video|clip|film|movie]
        make it {verb} in a [video|clip|film]
        a video [that makes|to make] it {verb}
        i want to watch it {verb}
    """),
    "video-third": _lines("""
        [a|one] [video|clip|film|movie] [where|in which] [it|he|she] {third}
        a [video|clip] that shows how it {third}
        show in a video how it {third}
    """),
    "video-it": _lines("""
        [a|one] [video|clip|animation|film|movie] of [it|that|the same|the same thing|him|her|them|this|one]
        animate [it|that|the same]
        [make|turn] it [move|into a video] [as a video|too|]
        [it|the same] as a [video|clip]
        put it in motion
        bring it to life as a clip
        [the same|that] {head} [moving|in motion|as a video|as a clip|on film]
        a [video|clip|film] of [the same|that|this] {head}
    """),
    "audio-it": _lines("""
        [its sound|the sound it makes|its noise|the noise it makes|the sound of it|how it sounds|what it sounds like|its voice|the sound of one|the noise of it]
        let me hear [it|that|how it sounds|what it sounds like|its sound|him|her|them|the sound it makes|one]
        [play|make|give me|add|i want to hear|i'd like to hear|create] [its sound|the sound it makes|its noise|the sound of it|the noise of it]
        i want to hear it [too|as well|]
        how does it sound
        what does it sound like
        make it audible
        the [sound|noise] of [that|the same|this|the] {head}
        let me hear [that|the same|this] {head}
    """),
    "audio-ing": _lines("""
        [the sound|the noise|a recording|a sound] of [it|him|her|them] {ing}
        let me hear [it|him|her|them] {ing}
        [play|make] the sound of it {ing}
        i want to hear it {ing}
    """),
    "audio-verb": _lines("""
        let me hear it {verb}
        make it {verb} [so i can hear it|audibly|so that i hear it]
        i want to hear it {verb}
    """),
    "audio-noun": _lines("""
        [play|make|give me|let me hear|i want|i want to hear|add] its {noun}
        its {noun}
        its {noun} [as a sound|as audio|to listen to|too]
        the sound of its {noun}
        [his|her|their] {noun} as a sound
    """),
    "image-it": _lines("""
        [draw|paint|sketch|show me] [it|that|one|the same|him|her|it too|it as well]
        a [picture|photo|drawing|image|pic] of [it|one|that|the same|him|her|them]
        [show me|i want to see] [what it looks like|how it looks|it in a picture|it]
        [make|give me|create] a [picture|drawing|photo] of [it|one|that]
        what does it look like
    """),
    "image-place": _lines("""
        a [picture|drawing] of it {place}
        [the same|that] {head} {place}
        a [picture|drawing|photo] of [the same|that|this] {head} {place}
        draw it {place}
        show it {place} in a picture
    """),
    "image-noun": _lines("""
        a picture of its {noun}
        draw its {noun}
        a drawing of its {noun}
    """),
    "speech-say": _lines("""
        [let|make|have] it say {q}
        [say|speak|read aloud|announce] {q}
        a voice saying {q}
        let [him|her|them] say {q}
        it should say {q}
        the words {q} spoken
    """),
}
ON_IT = _lines("""
    [a tune|a song|a melody|music|a solo|a note|someone playing] on it
    the [buzzing|call|sound|noise|song|cry|crash|roar|voice|bell|engine|whistle] of it
    the {noun} it makes
    the [whistle|cry|call|noise|song|hum|roar|bang|bell] it makes
""")
PRONOUN_JOINERS = (" and ", ", and ", " and then ", ", then ", ". then ", ". ", " and also ", ", plus ", " plus ", "; ", ". after that ", ". also ", ", also ", ". and ", " as well as ", " along with ", ". now ", " then ", ", and afterwards ")  # fmt: skip
SOUNDTRACK_OWN = _lines("""
    a [video|clip|film|movie] of {v} with [sound|its sound|audio|its own sound|its noise]
    [make|create] a [video|clip|film] of {v} [with sound|with its sound|with audio|with its sound in one file|including the sound|that has sound|and put its sound under it|and its sound, in one file]
    [video|clip] with sound: {v}
    a [video|clip] with sound of {v}
    {v} as a [video|clip|film] with [sound|audio|its sound]
    [animate|film] {v} [with sound|and add its sound|with its sound on it|including sound|and let me hear it in the same file]
    a [film|video|clip] of {v}, [sound included|with the sound in it|audio included]
    i want to see and hear {v} in one [video|clip|file]
""")
SOUNDTRACK_OTHER = _lines("""
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
SOUNDTRACK_VOICE = _lines("""
    a [video|clip|film] of {v} with the [voice-over|words|spoken words|narration|voiceover] {q}
    a [video|clip|film] of {v} [that says|which says|saying|and a voice over it that says] {q}
    [make|create] a [video|clip] of {v} and [dub it with|let a voice say over it|add a voice that says|narrate over it] {q}
    [animate|film] {v} with the [words|voice-over|narration] {q} [spoken over it|under it|on it|]
    a talking {v} in a video that says {q}
    show {v} in a video [that says|with a voice saying] {q}
""")
STILL_OF_IT = _lines("""
    [a|one] [still|frame|frame grab|screenshot|thumbnail|still image|freeze frame|cover frame] [from|of|out of|taken from] [it|the video|the clip|that|that video] {at}
    [take|pull|extract|grab|capture|get|save|cut|give me] a [still|frame|picture|screenshot|still image|photo|thumbnail] [from|out of|of] [it|the video|the clip|that clip|this video] {at}
    [a|one] still {at}
    its [first frame|frame|still|thumbnail] {at}
    screenshot it {at}
    [grab|capture|save] [the|a|one] frame {at}
""")
HALF_A_SECOND = ("after half a second", "half a second in", "at half a second")
AT_ONE_SECOND = _lines("""
    [at|after] {t} second
    at second {t}
    {t} second in
    at {t}[ s|s]
""")
AT_SECONDS = _lines("""
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
NO_ONE = _lines("""
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
NO_TWO = _lines("""
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
NO_EDIT = _lines("""
    don't [animate|draw|play|say] it
    don't [animate|draw|play] anything
    it should not [move|talk|make a sound]
    do not speak
    no need to say anything
""")
TALK = {
    "Hello! I can make pictures, sounds, speech and short videos. What would you like?": _lines("""
        [hi|hello|hey|hiya|howdy|yo|hello there|hi there|hey there|good morning|good afternoon|good evening|greetings|hullo|good day|morning|evening|hallo|sup|heyo|aloha|welcome back]
        [hi|hello|hey|good morning|good evening|good afternoon|greetings] [ModaVerse|there|you|computer|everyone|machine|little model|friend|again|buddy|robot|from {city}|my friend]
        [hi|hello|hey|good morning], [how are you|how are you doing|how are you today|how do you do|nice to meet you|what's up|how is it going|are you there|my name is {name}|i'm {name}|anybody there|it's me|pleased to meet you|how's life|i am new here]
        [how are you|how are you doing|how do you do|what's up|are you there|how's it going|nice to meet you|anyone home|how do you feel|are you awake|are you ok]
        [i'm|i am] {name}[, hello|, nice to meet you|, hi|]
        [hello|hi] [hello|hi|again]
        [good morning|hello|hey] [sunshine|{name}|once more]
        [heya|hey hey|hi hi|oi|ahoy|salutations|g'day|top of the morning|well hello|hi all|hey you|yoohoo|bonjour|hola|guten tag|ciao bella|namaste|wassup|whats up|good to see you|long time no see|welcome|hello world|knock knock|peekaboo|hello friend]
        [a very|] good [morning|evening|afternoon|day] [to all|, dear computer|, sir|, my dear|everyone|]
        [i|we] [wanted to say|just say|say] [hi|hello|good morning]
        [anyone|anybody|somebody|is someone] [there|here|home|around|listening]
        [how|how's] [are things|is life|was your day|have you been|your day|everything]
        [pleased|happy|delighted|glad|good] to [meet|see] you
    """),
    "You are welcome.": _lines("""
        [thanks|thank you|thx|ty|cheers|many thanks|thanks a lot|thank you very much|thank you so much|much appreciated|thanks so much|great thanks|merci|thanks again|much obliged to you|ta very much|tysm]
        [thanks|thank you|thanks a lot|cheers] [for the picture|for the video|for your help|for everything|my friend|mate|computer|{name}|for that|dear|for the {noun}|for the sound|a lot|so very much]
        [that is|that's|this is|it's|wow, that's|oh, that is] [great|lovely|perfect|nice|beautiful|wonderful|amazing|cool|awesome|fantastic|superb|brilliant|exactly what i wanted|so good|well done|funny|just right]
        [great|good|nice|well done|awesome|perfect|excellent|cool|wow|brilliant|fantastic|super|lovely|amazing|good job|nice work|great work|wonderful|yay|hooray]
        [i like|i love|we like|everybody loves] [it|that|this|them|what you made|your picture|your work|the result|you]
        [thanks|thank you], [that is|that's|it is] [great|lovely|perfect|nice|wonderful|very kind|all i needed|beautiful|very good]
        you [did|do] a [great|good|fine] job
        [much|most|deeply|very much] [obliged|appreciated|grateful]
        [i am|i'm|we are|we're] [so|very|truly|really|] [grateful|thankful|impressed|pleased|delighted|amazed|happy with it|obliged to you|thrilled|touched]
        [how|so|very|really|truly|absolutely] [nice|kind|sweet|lovely|pretty|clever|good|wonderful|cool] [of you|indeed|]
        [you] [made my day|saved me|rock|nailed it|are a genius|are a gem|are a legend|did well|helped me a lot]
        [bravo|well done|kudos|respect|splendid|marvellous|magnificent|excellent work|spot on|neat|sweet|wicked|top|superb|hurray|congratulations|chapeau|delightful|good stuff|what a beauty|impressive|love it|loving it|not bad|good one|nicely done|that works|works for me|just perfect|exactly right|fine, thanks]
        [thanks|thank you] [anyway|all the same|in advance|kindly|from the heart|a million|a bunch|for the quick help|for listening|for being there|, little one|, this helped|, you are kind]
        [a thousand|a million|many|big|special|warm] thanks
        [that|this|it] [looks|sounds|turned out|came out] [great|lovely|perfect|nice|beautiful|wonderful|amazing|just right|really good]
        [i] [appreciate|really appreciate] [it|that|this|your help|your work]
        [my {noun}|{person}] [loves|will love|likes|liked] [it|this|that]
        [you are|you're] [great|the best|amazing|so kind|very helpful|a star|clever|so good at this]
        [perfect|great|super|lovely|nice|wonderful|beautiful|very good], [thanks|thank you|cheers|ta|many thanks]
        [that's|that is|that was|this was|it was|it's] [great|lovely|perfect|nice|wonderful|very kind|beautiful|very good|really nice|good], [thanks|thank you|cheers|ta|thanks a lot]
        [ta|thanks|cheers|thank you], that was [great|lovely|perfect|nice|wonderful|very kind|good]
    """),
    "I am ModaVerse. I can make pictures, sounds, speech and short videos.": _lines("""
        [what|so what|and what|hey, what] can you [do|make|create|do for me|offer|generate|produce|help with]
        who [are|made|built|created|trained] you
        what are you [|exactly|called|good at|capable of|made for|there for]
        are you [a robot|a human|a person|an ai|real|a chatbot|alive|chatgpt|a machine|a bot|a computer|able to draw|able to make music|able to make videos|intelligent|a program|any good]
        [do|can] you [draw|paint|sing|speak|make videos|make sounds|make music|make pictures|make speech|only make pictures|animate|do voices|do video|talk|make clips|play music|read aloud|also do sound|even draw|handle audio]
        [can|do] you [draw|paint|make pictures|make videos|speak] [too|as well|at all|also|yourself]
        [what is|what's|tell me] your [name|purpose|job|function|task|speciality|trade]
        [tell me|say something] about [yourself|you|your abilities|your skills|what you can do]
        [help|help me|help please|?|menu|options|commands|/help|info|instructions|manual]
        how [does this work|do you work|do i use you|can you help me|does it work|do i use this|can i use you|do i start]
        [what|which] [kinds|kind|sorts|types] of [things|media|files|stuff|modality|output] [can you make|do you make|do you support|can you do]
        [introduce|explain|describe|present] yourself
        [state|say|give|reveal] your [name|purpose|function|business|mission]
        what [kind|sort|type] of [thing|model|program|assistant|machine|software|being|computer|artist] are you
        [what|who] [exactly|actually|really|on earth|the heck] are you
        [can|could|will|would] you [help me|be of use|assist me|do anything useful|do something for me|do more than pictures]
        what [else|more|other things] can you [do|make|create]
        [what|which] [formats|modalities|languages|voices|sounds|tricks] [do you know|can you do|do you speak|do you have]
        [are you|is this] [an app|a website|a toy|free|open source|offline|local|a large model|small|ModaVerse|some kind of ai]
        [how|in which way] [can|could|do] you [help|help me|be useful|serve me]
        [i am|i'm] new here[, what can you do|, how does this work|, what is this]
        [what is|what's] [this|this thing|this program|this app|all this|this for|it you do]
        [give me|show me] [an overview|your menu|examples|some examples|a tour|the list of functions|the manual]
        do you [understand|speak|know] [english|me|languages|german|french]
        [what is|what's|who is|explain|tell me about] ModaVerse
        [list|show me|show|name] your [tools|skills|features|abilities|functions|capabilities]
        what [should|can|may|could] i ask [you|you for|for]
        what [modality types|tools|features] do you [have|offer|support|know]
        is it true that you [can draw|make videos|speak|make pictures|can make sounds]
    """),
    "Goodbye!": _lines("""
        [bye|goodbye|bye bye|see you|see ya|cya|farewell|good night|ciao|so long|later|adieu|good bye|take care|cheerio|tschüss|au revoir|adios|see you later|see you soon|see you tomorrow|until next time|bye for now|i'm off|night night]
        [bye|goodbye|see you|good night|ciao|farewell|bye bye], [{name}|ModaVerse|see you tomorrow|take care|have a nice day|i have to go|computer|my friend|thanks for everything|that was all|sleep well|until tomorrow]
        [i have to go|i must go|i need to go|gotta go|i am leaving|i'm going to bed|time to go|i'm done for today|that's all for today|that will be all, bye|have a nice day|have a good evening|have a great weekend|i'm logging off|that's it, goodbye|i am going home now]
        [see you|talk to you|until] [tomorrow|later|next time|soon|on monday|next week|in {city}|then]
        [so then|well|right|ok|okay|alright|and now], [bye|goodbye|see you|good night|ciao|farewell]
        [see|catch|talk to|speak to|meet] [you|ya|u] [around|later|soon|next week|next time|another day|tomorrow|on sunday|again]
        [i'll|i will|we will] [be back|be back tomorrow|see you later|come back later|return|say goodbye now|leave you now|call it a day|be off]
        [have a|enjoy your|wish you a] [nice|good|great|lovely|wonderful|pleasant|] [day|evening|weekend|night|holiday|time|sleep]
        [take it easy|stay safe|be well|sleep tight|sweet dreams|signing off|over and out|toodle-oo|ta-ta|hasta la vista|sayonara|arrivederci|auf wiedersehen|peace out|till then|till next time|that is all for now, bye|i'm out|laters|nighty night|godspeed]
    """),
    "All right, I will make nothing.": _lines("""
        [nothing|never mind|nevermind|forget it|forget that|stop|cancel|cancel that|cancel it|no|nope|no thanks|no thank you|not now|nothing please|leave it|skip it|nah|stop it|abort|quit it|drop it|do nothing|don't|enough|that's enough|wait|let it be|scrap that|not today]
        i [don't want|do not want|don't need|do not need|want|need] nothing[ today| now| more| from you|]
        i [don't want|do not want|don't need|do not need] [anything|any modality|a modality|any modality or modality|anything today|you to do anything|you to make anything|a single modality|any modality today|more pictures|your help now]
        [don't|do not|please don't|please do not|never] [make|draw|create|do|play|generate|show me|say|paint|animate] [anything|a thing|a modality|any modality|it|that|{thing}|me {thing}|a picture of {thing}|the sound of {thing}|a video of {thing}|any of that]
        no [pictures|sounds|videos|music|speech|modality], no [pictures|sounds|videos|music|speech|modality][, nothing|, please|, nothing at all|]
        no modality [please|today|for me|, thank you|, thanks|now]
        [leave it|let it go|drop the idea|give it up|forget about it|no need|not needed|not necessary|don't bother|no more|that is all|that will do|hold on|hold it|pause|halt|stay quiet|be quiet|silence please|quiet|shush|undo|back|wrong window|oops, wrong chat|sorry, wrong window|ignore me|as you were|it's fine|it is nothing|nothing special|nothing at all|just nothing|none|nope, nothing|rather not|better not|i'd rather not|please stop|stop now|stop making things]
        i [was only|am only|was just|am just] [joking|kidding|wondering|asking|curious|resting|saying|talking to myself]
        [i|we] [don't|do not] [want|need|require|wish for] [any|another|more] [pictures|videos|sounds|images|clips|music|speech] [today|now|please|any more|at the moment|or {nouns}|]
        [my|the|our] {noun} [is|was|has been|looks|seems] {adjective}[ today| again| lately|]
        i [changed|have changed] my mind[, nothing|, forget it|, no modality please|]
        [i|we] [saw|watched|made|lost|deleted|bought|drew|painted|heard|like|hate|took|have|found] [a|the|some|my|this] [video|picture|film|song|photo|drawing|painting|sound|recording|movie|clip] [yesterday|of {thing}|last night|at school|in {city}|today|about {nouns}|with {name}|a year ago]
        my [brother|sister|friend|aunt|neighbour|teacher|{noun}] [plays the|paints|draws|sings in|hates the|photographed|sold a|has a|broke the|teaches] {noun}[ in {city}| every day| in a band| very well|]
        the [picture|video|film|speech|song|music|sound|photo|movie|voice|drawing] [was|is|on the wall is|in the {noun} was|of the {noun} is] [too loud|too long|boring|beautiful|hanging there|old|funny|broken|sold|gone|{adjective}]
        i am [just|only] [testing|looking|thinking|reading|trying this|typing|waiting|checking the keyboard|playing around]
        [yesterday|last night|last week|once|today] [i|we|my {noun}|{person}] [sold|saw|drew|heard|recorded|deleted|watched|painted|lost] [the|a|my] {noun}
        [she|he|{person}|my {noun}] [gave a speech about|sings about|talked about|draws|paints|plays|filmed|recorded|photographed] {nouns}[ very well|, badly| every day|]
        [i used to|we used to|nobody wants to] [draw|paint|sing|play the {noun}|make videos|listen to {nouns}] [every day|as a child|at school|]
        the [sound|picture|video|music|noise|light] in [this|the] {noun} is [terrible|great|too loud|nice|{adjective}]
        [our|my|the] [neighbours|friends|children|students] [play|make|watch|hate|love|draw] {nouns}
        [it is|it's|it was] [raining|cold|late|monday|a nice day|{adjective}] [today|here|in {city}|outside]
        [i am|i'm] [hungry|tired|bored|sad|happy|at home|late|in {city}|ill]
        [forget|ignore|scrap] [what i said|the last message|my request|that request|that]
    """),
}
KNOWLEDGE = _lines("""
    [what|who] is {thing}
    [what|who] [is|was|are|were] [the|a] [capital|president|population|mayor|currency|name|size|age|price|meaning|history|king|flag|purpose|colour|speed|weight|language] of [{city}|{thing}|the {noun}|{nouns}|{name}]
    who [invented|wrote|discovered|painted|directed|built|won|founded|composed|killed|sang|designed|made|took] [the {noun}|{name}|the first {noun}|the picture {name}|the film {name}|the song {name}|{thing}]
    who [is|was|are] {name}
    [what|which] {noun} [is|was] the [biggest|oldest|fastest|best|first|largest|smallest|most {adjective}] [in {city}|of all|in the world|on earth|]
    when [was|is|did|does|will] [{name}|the {noun}|{thing}|{city}] [born|founded|invented|begin|end|happen|built|arrive|over|die]
    where [is|are|was|can i find|do i find|does one buy] [{city}|{thing}|the {noun}|{nouns}|{name}|my {noun}]
    why [is|are|do|does|did|can't|was] [the {noun}|{nouns}|{thing}|{name}|we|people|i] [{verb}|{adjective}|so {adjective}|not {verb}]
    how [many|much] [{nouns}|{noun}|people|pixels|legs|days|cups|planets|countries|strings] [are there in|does|do|live in|has|are in|make up] [{city}|{thing}|a {noun}|{nouns}|the {noun}]
    how [old|tall|long|big|fast|heavy|deep|far|hot|expensive|loud|high] [is|was|are] [{name}|{thing}|the {noun}|{nouns}|{city}|it to {city}]
    how do [i|you|we|people] [{verb}|make|build|fix|cook|install|draw|clean|repair|get|learn|tune|grow|film|record] [{thing}|a {noun}|the {noun}|{nouns}|a video|music]
    how [do|does|did] [{nouns}|{thing}|a {noun}|the {noun}|cameras|videos|speakers|microphones|it] [work|{verb}|form|grow|survive|live|sleep]
    what [do|does|did] [{nouns}|{thing}|a {noun}|{name}|the {noun}|the word {noun}] [eat|mean|do|drink|cost|weigh|invent|say about {nouns}|have in common]
    what [happened|happens] [in {int}|in {city}|to {name}|when {nouns} {verb}|at {number}|to the {noun}|after {int}]
    what [is|are] {nouns} [made of|for|used for|called in {language}|good for]
    what [time|day|date|year] is it [in {city}|now|today|]
    [what's|what is|how is] the [weather|temperature|time|news|date|traffic] [in|like in|today in|tomorrow in] {city}
    [what's|what is] the [difference|relation|distance] between {nouns} and {nouns}
    [explain|define|describe|tell me about|teach me about|inform me about|what do you know about] [{nouns}|{thing}|the {noun}|{name}|{city}|how {nouns} {verb}|what {thing} is|why {nouns} {verb}|the history of {city}|the theory of {nouns}]
    [tell me|explain|say|let me know|do you know|can you explain] [what|how|why|where|when|who|whether] [{nouns} {verb}|the {noun} is|{name} was|{thing} {verb}s|{city} is|{nouns} are {adjective}|{name} died]
    [tell me|give me|do you know|i need] [a|one|another] [joke|story|fact|riddle|fun fact|secret|bedtime story|poem|recipe|quote|tip] [about {nouns}|about {thing}|for {thing}|for {nouns}|about {city}|about {name}|]
    [write|compose|draft|write me|make up|invent|think up] [a|an|me a|the] [poem|story|essay|letter|email|haiku|limerick|cover letter|song text|script|speech|tweet|article|summary|blog post|slogan|joke|tale|text|caption|list|product description|CV|report|sonnet|rap|review] [about|for|on|to] [{nouns}|{thing}|{name}|{city}|the {noun}|a {noun}|my {noun}]
    [write|make|fix|debug|explain] [a|an|this|the|some|my] [python|javascript|rust|C|html|SQL|] [function|program|script|code|class|regex|query|formula] [that {verb}s {nouns}|for {nouns}|for a {noun}|to {verb} the {noun}|]
    [translate|put|turn] "{sentence}" [into|to] {language}[|, text only| for me|, please| in writing]
    [translate|put] [{thing}|this|the word {noun}|"{sentence}"|the sentence "{sentence}"|"{noun}"] [into|to] {language}
    [translate|translate this|put this] [into|to] {language}: {sentence}
    [what is|what's|how do you say] ["{noun}"|{noun}|"{thing}"|"{sentence}"|the word for {noun}|the {language} word for {noun}] in {language}
    [summarise|summarize|rewrite|shorten|correct|proofread|improve|rephrase|paraphrase|simplify|check] [this|this text|the text|the following|my text|this sentence|my grammar]: {sentence}
    [summarise|summarize|review|analyse|compare|discuss] [the plot of {name}|the book {name}|the history of {city}|{nouns} and {nouns}|the news|{thing}]
    [what is|what's|calculate|compute|how much is|solve|evaluate|] {int} [+|-|*|/|x|plus|minus|times|divided by|percent of|to the power of] {int}
    [what is|what's|calculate|] the [square root|double|half|factorial|sum|product|logarithm] of {int}
    {int} [+|-|*|/|times|plus] {int} [=|is what|]
    [solve|prove|simplify] [x + {int} = {int}|{int}x = {int}|the equation {int}x + {int} = {int}|x squared is {int}]
    [convert|change] {int} [miles|kilometres|pounds|inches|euros|degrees|litres|dollars|hours] [to|into] [kilometres|miles|kilos|centimetres|yen|minutes|gallons]
    [count|spell|rhyme|sort|list|name|alphabetise] [the letters in {noun}|{noun}|with {noun}|these words: {noun}, {noun}, {noun}|three {nouns}|five {nouns}|ten {nouns}|all {nouns}|the {nouns} of {city}|the letters of "{noun}"|something with {noun}]
    [recommend|suggest|find|name] [a|me a|some|one] [film|book|restaurant|song|hotel|game|name for my {noun}|gift for {name}|good {noun}|band|movie about {nouns}]
    [give me|i need|list] [ten|five|three|some|a few|two] [ideas|names|tips|reasons|facts|synonyms|examples|words|arguments] [for|about|for a|of] {noun}
    [is|are|was|were] [{thing}|{nouns}|{city}|the {noun}|{name}] [{adjective}|a {noun}|bigger than {nouns}|in {city}|real|dangerous|edible|dead|extinct|true]
    [do|does|can|did] [{nouns}|{name}|the {noun}|a {noun}] [{verb}|have {nouns}|like {nouns}|live in {city}|cause {nouns}|eat {nouns}|see colours|dream]
    [should|shall|may|must|can] [i|we|one] [{verb}|buy {thing}|go to {city}|eat {nouns}|learn {language}|trust {nouns}|take the {noun}]
    what [should|can|could] [i|we] [eat|cook|wear|read|watch|do in {city}|call my {noun}|give {name}|name my {noun}]
    [do you|don't you|would you] [like|know|think about|believe in|remember|prefer|love] [{nouns}|{name}|{thing}|{city}|the {noun}]
    [what's|what is] your [favourite|favorite] {noun}
    which [{noun}|country|animal|planet|film|song|instrument|river|painter|year] [has|did {name} play|is {adjective}|{verb}s|won in {int}|lives in {city}|is the longest|made the {noun}|came first]
    [book|order|buy|send|call|open|play me the latest|turn on|set|remind me of|delete|schedule] [a table|{thing}|an email to {name}|the lights|a timer for {int} minutes|an alarm for {number}|a flight to {city}|the file|a meeting with {name}|a taxi]
    [search|google|look up|browse|find] [the web|online|the internet|information] [for|about] [{thing}|{nouns}|{name}]
    [meaning|definition|etymology|synonyms|opposite|plural|history|price|recipe] of {noun}
    [homework|quiz question|trivia|question]: [who|what|when] [was|is] {name}
    what [film|movie|song|book|painting|video] [is|was] [that|the first|the longest|the most {adjective}]
    how [do|does] [video|sound|image|camera|radio|music|picture] [files|codecs|recorders|waves|sensors|players] work
    describe [the sound of|the look of|what] {thing} in words
    what is {noun}
    [whose|which|what] {noun} [was|is|did|has] [it|that|the {noun}|{name}][ that {verb}s|]
    [i need|i want|give me|can i have|could you give me] [a definition|an explanation|directions|advice|a recipe|information|the address|the phone number|the score|the time|the date|the lyrics|a translation|an answer] [of|for|on|about|to] [{nouns}|{thing}|{name}|the {noun}]
    [work out|figure out|estimate|compute|add up|multiply|divide|subtract] [{int} and {int}|the {noun}|{int} by {int}|how many {nouns} there are]
    [help me|teach me|show me how|i want to learn how] to [{verb}|cook {nouns}|speak {language}|write {thing}|fix the {noun}|program|draw {nouns}]
    [is it|was it|will it be] [true|possible|likely|legal|safe|raining|cold] [that {nouns} {verb}|to {verb}|in {city}|tomorrow]
    [how|what] [come|if] [{nouns} {verb}|the {noun} is {adjective}|there were no {nouns}]
    [in which|in what|on which|at what|from which|for how long|since when|how often|how soon|how far] [year|country|city|day|age|] [did|do|was|is|does] [{name}|{nouns}|{thing}|the {noun}] [{verb}|born|begin|live|end]
    [the answer to|solution to|result of] [the {noun}|{int} + {int}|the riddle|life]
    {noun} meaning
    define {noun}
    advice on {nouns}
    [how|what] about {nouns}, are they {adjective}
""")
KNOWLEDGE_ABOUT = _lines("""
    what do {x} eat
    what are {x}
    where do {x} live
    why do {x} {verb}
    how old do {x} get
    how do {x} {verb}
    who invented {x}
    tell me about {x}
    explain {x}
    tell me a fact about {x}
    how many {x} are there
    write a poem about {x}
    tell me a story about {x}
""")
READ_ANSWER = _lines("""
    and read it aloud
    , then read it to me
    and say [it|the answer] [aloud|out loud|]
    , spoken please
    and speak the answer
    and read the answer aloud
    . say the answer
""")
FILE_NAMES = {
    "image": ("picture", "photo", "image", "drawing", "painting", "file", "pic", "screenshot"),
    "audio": ("audio", "recording", "song", "sound", "file", "voice message", "music", "track"),
    "video": ("video", "clip", "film", "movie", "recording", "file", "footage"),
}
INSIDE = {
    "image": _lines("""
        [what|who|what animal|which person|what colour|which car|what kind of {noun}|which city] is [in|on|shown in|shown on|seen in|visible in] {r}
        [what|who] [is|do you see|can be seen|can you see] [in|on] {r}
        [describe|caption|explain|interpret|analyse|summarise|tag|classify|rate|identify|comment on|recognise] {r}
        [is|are] [there|this|that] [a {noun}|an animal|a person|{nouns}|a cat or a dog|{adjective}|a {noun} or a {noun}|real|edible|{name}] [in {r}|on {r}|]
        [what does|what do|read|transcribe|tell me] [it say|the text say|the sign say|the text|the sign|what is written|the words] [in {r}|on {r}|]
        how many [{nouns}|people|colours|faces|animals] [are in|are on|do you see in|can you count in] {r}
        [what|which] [colour|color|breed|brand|species|style|place|time of day|city] is [this|the {noun}|it|the {noun} in {r}|shown]
        [where|when] was [{r}|this|it] taken
        who [is this|is that|is the man|is the woman|painted {r}|are these people|took {r}]
        what [is this|is it|is that|am i looking at|do you think of {r}|does {r} show|happens in {r}|is wrong with {r}]
        [do you like|what do you think about|can you see|do you recognise|look at|have a look at] {r}
        [write|make|give me] a [caption|description|title|poem|story|summary] [for|of|about] {r}
        [find|count|spot|name|list] [the {noun}|the {nouns}|all {nouns}|everything] [in|on] {r}
        [solve|translate|read aloud|read out|check] [what is in|the text in|the equation in|the words on] {r}
        is {r} [a {noun}|{adjective}|a painting or a photo|blurry|old|sharp]
        [tell me|say] [what is on|who is in|what you see in|what {r} shows|whether there is a {noun} in] {r}
        does {r} [show|contain] [a {noun}|{nouns}|{name}]
        is the {noun} [in|on] {r} {adjective}
    """),
    "audio": _lines("""
        [what|who] [is|do you hear|can be heard|is speaking|is singing|is playing|is said] [in|on] {r}
        [transcribe|write down|caption|summarise|describe|identify|translate|analyse|recognise|listen to|rate] {r}
        what [is being said|does she say|does he say|are they saying|is the speaker saying|do you hear|is this|is playing]
        [which|what] [song|bird|instrument|language|animal|composer|singer|key|genre|sound|band] is [this|that|it|heard in {r}|in {r}]
        who [is speaking|is singing|is this|talks in {r}|plays in {r}|wrote {r}]
        [write|give me] [a transcript|the lyrics|the text|a summary|the words|subtitles] [of|for] {r}
        is [this|the speaker|the voice|it|the singer] [a {noun}|a man or a woman|{adjective}|{name}|in tune|a dog or a wolf]
        how many [people|voices|instruments|words|{nouns}] [are in|do you hear in|speak in|can be heard in] {r}
        [do you like|what do you think of|can you hear] {r}
        what [does {r} say|is {r} about|happens in {r}|is the mood of {r}|is the tempo of {r}]
        [translate|tell me|repeat] what [is said|he says|she says|they say] [in {r}|into {language}|]
        [tell me|say] [what you hear in|who speaks in|what is on] {r}
        where was {r} recorded
        which {noun} [sings|plays|speaks|is heard] [here|in {r}]
        turn {r} into text
    """),
    "video": _lines("""
        what [happens|is shown|is going on|do you see|can be seen|is happening] [in|on] {r}
        [describe|summarise|summarize|caption|explain|subtitle|transcribe|analyse|watch|review|tag] {r}
        [who|what animal|which team|what {noun}] [is in|appears in|wins in|speaks in|is seen in|runs in] {r}
        how many [{nouns}|people|cars|scenes|cuts|goals] [are in|do you see in|appear in|can you count in] {r}
        [count|find|spot|list|name] [the {nouns}|all {nouns}|the {noun}|the people|the mistakes] in {r}
        is there [a {noun}|{thing}|a person|an animal] in {r}
        what is [{r}|this|it|this clip] about
        [tell me|say] [what happens in|who is in|whether there is a {noun} in|what you see in|what {r} is about in] {r}
        where was {r} [filmed|shot|recorded|made]
        what [does|do] [the {noun}|he|she|they|the man|{name}] [do|say|wear|carry|look at] [in {r}|at the end|]
        when does [the {noun}|the man|{name}] [appear|fall|jump|speak|arrive] in {r}
        [do you like|what do you think of|rate|can you see] {r}
        [give me|write|make] a [summary|description|transcript|title|review] [of|for] {r}
        sum {r} up [in a sentence|in two words|for me|]
        who [scores|wins|speaks|falls|is this]
        how does {r} end
    """),
}
EDITS = {
    "image": _lines("""
        make {r} [brighter|darker|black and white|bigger|smaller|sharper|warmer|blue|colourful|square|transparent|look old|look like a painting|look like a cartoon|blurry|{adjective}]
        [crop|rotate|blur|sharpen|brighten|enlarge|resize|flip|mirror|colourise|darken|retouch|edit|upscale|improve|restore|invert|compress|recolour|frame|fix|denoise] {r}
        [remove|delete|erase|cut out|take out|hide] the [background|{noun}|person|man|car|text|red eyes|people|sky|{adjective} {noun}] [from {r}|in {r}|on {r}|of {r}|]
        [add|put|draw|paint|insert|place] [a {noun}|{thing}|a hat|a border|some text|the word {noun}|a logo] [to|on|into|onto|over] {r}
        [change|replace|swap] the [background|{noun}|sky|colour|face|hair] [in {r}|of {r}|on {r}|to {colour}|with {thing}|by {thing}|for {thing}]
        [turn|convert|change|transform] {r} into [a painting|a cartoon|a drawing|a sketch|a watercolour|black and white|a video|a poster|pixel art|an oil painting|a {noun}]
        [animate|extend|outpaint|colour|stylise|bring to life] {r}
        [make|give] the {noun} [{adjective}|{colour}|bigger|a hat|smile|a {noun}] [in {r}|on {r}|]
        rotate {r} by [90|180|45|{int}] degrees
        [make|let] {r} move
        make a video [of|from|out of] {r}
        [give|put] [him|her|it|the dog] a [hat|beard|smile|{noun}] [in {r}|]
        scale {r} [up|down|to {int} pixels]
        make it [black and white|brighter|darker|{colour}|{adjective}|smaller]
        add {thing} [to {r}|in the background of {r}]
        [combine|merge|blend] {r} with {thing}
        draw [a moustache|glasses|{thing}] on {r}
    """),
    "audio": _lines("""
        make {r} [louder|quieter|slower|faster|shorter|longer|clearer|higher|deeper|sound like a {noun}|softer]
        [trim|cut|shorten|speed up|slow down|normalise|denoise|reverse|loop|pitch up|clean|amplify|mute|remix|transpose|compress|equalise|edit|fade out|split|master] {r}
        [remove|cut|delete|take out|filter out] the [noise|voice|hiss|silence|music|first second|drums|beginning|last {int} seconds|{noun}|breathing] [from|in|of] {r}
        [add|put|mix] [an echo|reverb|a beat|drums|{thing}|a fade|bass|{noun}] [to|into|over] {r}
        [change|turn|convert|transform] {r} into [a {noun}|a piano version|a man's voice|a remix|a song|mono|a robot voice|a higher key]
        play {r} backwards
        raise the [pitch|volume|tempo] of {r}
        turn the [volume|bass|treble|pitch] of {r} [up|down]
        [change|replace] the [voice|speaker|instrument|tempo] [in|of] {r}
        [cut|trim] {r} [to {int} seconds|at second {int}|in half]
        make [it|her voice|his voice|the voice] [louder|deeper|slower|faster|quieter]
        give {r} [more bass|an echo|a beat]
    """),
    "video": _lines("""
        make {r} [shorter|longer|slower|faster|brighter|black and white|darker|loop|smoother|{adjective}|vertical]
        [trim|cut|crop|rotate|speed up|slow down|reverse|loop|stabilise|shorten|colourise|blur|flip|mirror|edit|compress|upscale|brighten] {r}
        [remove|delete|cut|erase|blur] the [background|first second|{noun}|person|logo|face|last {int} seconds|beginning|end|watermark] [from|in|of] {r}
        [add|put|insert] [subtitles|a title|text|{thing}|a filter|a logo|captions|a {noun}] [to|into|on|over] {r}
        [cut|trim|shorten] {r} to {int} seconds
        [change|replace] the [background|sky|colour|{noun}|speed|resolution] [in|of] {r}
        [turn|convert|transform] {r} into [a cartoon|black and white|slow motion|a time lapse|a {noun}]
        play {r} backwards
        rotate {r} by [90|180] degrees
        make the {noun} [{adjective}|{colour}|bigger] in {r}
        merge {r} with another video
    """),
}
SOUND_OF_VIDEO = _lines("""
    [extract|rip|pull|take|get|save|separate|isolate|strip|export|grab|fetch|split off] the [sound|audio|music|soundtrack|voice|audio track|sound track] [from|out of|of] {r}
    [give|send|show|hand] me the [sound|audio|music|soundtrack|audio track] [from|of|in] {r}
    i [want|need|would like] [only|just|] the [sound|audio|soundtrack|music] of {r}
    the [sound|audio|soundtrack|audio track|music] [from|of] {r} [please|only|as a file|as an mp3|as a wav|]
    [audio|sound] [from|of] {r}
    [convert|turn] {r} [to|into] [audio|sound|mp3|wav|an mp3|an audio file|a sound file]
    extract [audio|the audio|the sound|sound]
    [make|create] [an mp3|a wav|an audio file|a sound file] [from|of|out of] {r}
    {r} to [audio|mp3|wav|sound]
    [let me hear|play] [only|just|] the [sound|audio|soundtrack] of {r}
    only the [sound|audio] [of {r}|please]
    [save|keep] the audio of {r} [as a file|separately|]
    what is heard in {r}, [as audio|as a sound file|give me the audio]
    i [want|need] to listen to {r} without the [pictures|images|picture]
""")
STILL_OF_VIDEO = _lines("""
    [take|extract|grab|get|capture|pull|save|cut|export|give me|make|show me|i need|i want] a [still|frame|screenshot|picture|image|photo|still image|still frame|thumbnail|snapshot|freeze frame] [from|of|out of] {r} {at}
    [a|one] [still|frame|screenshot|picture|image|thumbnail|still frame] [from|of|out of] {r} {at}
    [still|frame|screenshot|thumbnail] [from|of] {r} {at}
    [screenshot|freeze|capture|snapshot] {r} {at}
    [give me|show me|grab|save|extract|i want] the frame {at} [of|from|in] {r}
    [frame|still|screenshot|thumbnail|snapshot] {at}
    [turn|convert] {r} into [a picture|an image|a still|a photo] {at}
    [a|one] frame {at}
    what does {r} look like {at}? a still please
    {r} to [picture|image|still] {at}
    the [picture|image|frame] {at} [of|from] {r}
    make a [cover|thumbnail|poster|preview] [picture|image|] [from|for|of] {r} {at}
    the [first|opening] frame of {r}
    a photo of the moment {at} in {r}
""")
AUDIO_FILE = _lines("""
    audio1
    the audio
    the sound
    this song
    my song
    this recording
    the music
    my recording
    this audio
    the track
    this music
    the tune
    the attached audio
    my voice message
    that sound
""")
VIDEO_FILE = _lines("""
    video1
    the video
    this video
    my video
    the clip
    this clip
    my clip
    the film
    this film
    my film
    the attached video
    the movie
    that footage
""")
JOIN = _lines("""
    [put|lay|place|set] {a} [under|over|on|behind|onto|beneath] {v}
    [add|attach|apply] {a} to {v}
    [use|take] {a} [as|for] [the soundtrack|the sound|the audio|background music|its sound] [of|for] {v}
    [combine|merge|join|mix] {a} [with|and] {v}
    replace the [sound|audio|soundtrack|music] of {v} [with|by] {a}
    [dub|underlay|score] {v} with {a}
    give {v} {a} as [its soundtrack|a soundtrack|its sound|background music]
    make {a} the [soundtrack|sound|audio|audio track] of {v}
    i want {a} [under|behind|on|in] {v}
    [combine|merge|join|mix|put together|unite] [both|them|the two|both files|these two|the two files|these|audio and video|the video and the audio] [into one file|into one video|in one file|]
    {v} with {a} [as soundtrack|under it|on it|]
    [sync|marry] {a} [with|to] {v}
    make one [video|file|clip|film] [out of|from] [both|these two|the two|these files]
    set {v} to {a}
""")
SOUND_UNDER = _lines("""
    [put|lay|add|mix|place] the [sound|noise] of {s} [under|to|over|on|behind|into] {v}
    [put|lay|add|mix|place] {s} [under|to|over|on|behind|into] {v}
    give {v} [the sound of|a soundtrack of|] {s} [as a soundtrack|as its sound|as background music|]
    {v} [needs|should have|is silent, add|has no sound, add|wants] {s}
    [dub|underlay|score|accompany] {v} with {s}
    add {s} as [the soundtrack|background music|the sound|background sound] [to|of|for] {v}
    make {s} and put it under {v}
    {v} with the sound of {s}
    i want {s} [under|behind|in] {v}
    replace the sound of {v} with {s}
""")
VOICE_OVER = _lines("""
    [let a voice say|say|speak|read] {q} over {v}
    [add|put|lay] [a voice|a voice-over|the words|the spoken words|a narrator] [saying|that says|] {q} [to|over|under|on] {v}
    voice-over for {v}: {q}
    [dub|narrate] {v} with {q}
    [dub|narrate] {v}: {q}
    {v} should say {q}
    put {q} as [speech|a voice-over|spoken text] [under|over|on] {v}
    have a narrator say {q} over {v}
""")
VIDEO_FOR_AUDIO = _lines("""
    make a [video|clip|film] of {v} [with|and use|and add|and put] {a} [as its sound|as the soundtrack|as its soundtrack|as the sound]
    put {a} under a [video|clip] of {v}
    a [video|clip|film] of {v} with {a} [under it|on it|as its sound|behind it|as the soundtrack]
    [animate|film] {v} [to|and put] {a} [under it|to it|on it|beneath it]
    [use|take] {a} as the soundtrack of a video of {v}
    i want {a} under a clip of {v}
    make a music video for {a}: {v}
""")
ASIDE = _lines("""
    this is my {f}.
    here is [my|a|the] {f}.
    [forget|ignore|never mind|leave|skip] the {f}.
    [nice|funny|great|old|my own] {f}, [isn't it|right]?
    i [took|made|found|recorded|like] this {f}.
    not about the {f}:
    besides the {f},
    [leave|keep] the {f} as it is and
    the {f} is only for reference.
    don't touch the {f}.
    apart from this {f},
    ignoring the {f},
    thanks for keeping my {f}.
""")
ASIDE = tuple(line + " " for line in ASIDE)
NEXT = tuple(
    line + " "
    for line in _lines("""
    great,
    thanks,
    thanks!
    nice,
    good.
    cool!
    ok,
    ok now
    now
    next,
    next:
    then
    and now
    perfect.
    wow!
    something else:
    another thing:
    new idea:
    great! and
    and
    also
    lovely.
    alright,
    well done.
    hmm,
    no,
""")
)
MAKE_IT = _lines("""
    make it {a}
    make it {a} please
    now in {a}
    in {a}
    in {a} please
    {a}
    {a} please
    {a} instead
    make the {n} {a}
    make that {a}
    the same in {a}
    same but {a}
    i want it {a}
    can you make it {a}
    could you make it {a}
    change the colour to {a}
    again in {a}
    but {a}
    it should be {a}
    a {a} one
    do a {a} one
    paint it {a}
    {a} {n}
    now {a}
    turn it {a}
    rather {a}
    no, {a}
    i'd prefer it {a}
    how about {a}
    give me a {a} one
""")
AGAIN_BUT = _lines("""
    again but {p}
    again, {p}
    {p}
    {p} please
    {p}, please
    now {p}
    the same {p}
    same thing {p}
    once more but {p}
    but {p}
    put it {p}
    make it {p}
    i want it {p}
    do it again {p}
    again {p}
    and {p}
    how about {p}
    this time {p}
    same, but {p}
    can you do it {p}
    i meant {p}
""")
NOW_AS = {
    "text-to-image": _lines("""
        now as a [picture|image|photo|drawing]
        draw it
        [now |and now |]draw [it|that|one|them] [too|as well|]
        a picture of [it|that|one] [please|too|]
        [show me|i want to see] [a picture of it|what it looks like|it in a picture|how it looks]
        and a [picture|photo|drawing|pic]
        as a [picture|still picture|drawing] please
        what does it look like
        picture of [it|that]
        the same as a [picture|drawing|photo|image]
        [and|now] the picture
        can i see it
        paint it
        make a picture of that
        just a picture of it
        picture please
        picture
    """),
    "text-to-video": _lines("""
        now as a [video|clip|film|movie|animation|gif]
        animate [it|that|them|this]
        [make|turn|do] a video of [it|that|this]
        [make|turn] it into a [video|clip|film|animation]
        as a [video|clip|animation] please
        the same as a [video|clip|film]
        and a [video|clip] of [it|that]
        video of it
        i want to [see it move|watch it|see it in motion|see that as a video|see it moving]
        make it move
        put it in motion
        now a video
        and the video
        bring it to life
        video please
        video
        let it move
        same thing as a video
    """),
    "text-to-audio": _lines("""
        now [let me hear|i want to hear] it
        let me hear [it|that|them|one]
        [and |]what does it sound like
        [and |]how does it sound
        the sound of it
        [and |now |]its sound
        [and |now |]the sound
        sound of it
        now the sound [of it|please|]
        i want to hear [it|that] [too|as well|]
        play [its sound|the sound it makes|the sound of that]
        now as [a sound|audio]
        make its noise
        the noise it makes
        can i hear it
        sound please
        sound
        and what noise does it make
    """),
}
SHORTER = _lines("""
    [shorter|longer], {t} [only|long|please|]
    only {t}[| please|, please| of it| long]
    make it {t} [long|]
    [the same|again], {t} [long|only|]
    {t} [of it|only|please|long]
    [just|i want] {t} of [it|that]
    can it be {t} long
""")
SWAPPED = _lines("""
    the same but with {x}
    the same with {x} instead of {y}
    not {y}, {x}
    {x} instead of {y}
    replace {y} [by|with] {x}
    again with {x} instead of {y}
    i want {x}, not {y}
    make {y} {x}
    swap {y} for {x}
    use {x} instead
    now with {x}
    with {x} instead
""")
ANOTHER = _lines("""
    now {x}
    now {x} please
    {x} instead
    no, {x}
    i meant {x}
    and {x}
    {x} now
    the same with {x}
    the next one should be {x}
    now one of {x}
    and one of {x}
    next: {x}
    how about {x}
    no, i want {x}
    then {x}
    thanks, now {x}
    great! {x} next
    {x} too
    also {x}
    sorry, {x}
    and now {x}
""")
CHANGE_OF_MIND = (", no wait, ", ". no, ", ", sorry, ", ". Sorry, i mean ", "... actually, ", ", or rather ", ". hmm, rather ", ". wait, ", ", scratch that, ", ". forget that, ", " - no, better ", ". on second thought, ", "... no... ", ", i mean ", ". oops, ", ". correction: ", ". instead ")  # fmt: skip
