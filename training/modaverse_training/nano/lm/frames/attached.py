"""What people ask about and of the files that they attach."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

FILE_NAMES = {
    "image": ("picture", "photo", "image", "drawing", "painting", "file", "pic", "screenshot"),
    "audio": ("audio", "recording", "song", "sound", "file", "voice message", "music", "track"),
    "video": ("video", "clip", "film", "movie", "recording", "file", "footage"),
}
INSIDE = {
    "image": lines("""
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
    "audio": lines("""
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
    "video": lines("""
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
#: Changes of a picture, as an order. {w} tells in which picture, where the plan need not say it.
EDITED = lines("""
    make {r} [brighter|darker|black and white|bigger|smaller|sharper|warmer|blue|colourful|square|transparent|look old|look like a painting|look like a cartoon|blurry|{adjective}|{colour}]
    [crop|rotate|blur|sharpen|brighten|enlarge|resize|flip|mirror|colourise|darken|retouch|edit|upscale|improve|restore|invert|recolour|frame|fix|denoise|stylise|outpaint] {r}
    [remove|delete|erase|cut out|take out|hide] the [background|{noun}|person|man|car|text|red eyes|people|sky|{adjective} {noun}]{w}
    [add|put|draw|paint|insert|place] [a {noun}|{thing}|a hat|a border|some text|the word {noun}|a logo] [to|on|into|onto|over] {r}
    [change|replace|swap] the [background|{noun}|sky|colour|face|hair]{w} [to {colour}|with {thing}|by {thing}|for {thing}]
    [turn|convert|change|transform] {r} into [a painting|a cartoon|a drawing|a sketch|a watercolour|black and white|a poster|pixel art|an oil painting|a {noun}]
    [turn|change] [the {noun}|it|him|her|the animal]{w} [into|to] [{thing}|a {noun}]
    [make|give|paint|colour|dye] [the {noun}|it|its {noun}|his {noun}|her {noun}]{w} [{adjective}|{colour}|bigger|a hat|a smile|a {noun}|a bit {colour}]
    rotate {r} [by|] [90|180|45|{int}] degrees
    turn {r} [upside down|to the left|on its side|by a quarter|round]
    [give|put] [him|her|it|the dog] a [hat|beard|smile|{noun}]{w}
    scale {r} [up|down|to {int} pixels]
    [make it|turn it|have it] [black and white|brighter|darker|{colour}|{adjective}|smaller]
    add {thing} [to {r}|in the background|]
    [combine|merge|blend] {r} with {thing}
    draw [a moustache|glasses|{thing}] on {r}
    [put|place|set|move|show] [it|{r}|the {noun}] {place}
    [put|set|move] the {noun}{w} [to the left|to the right|in the middle|further up|lower down|into the corner|on the other side]
    show [only|just] the {noun}[, no background|, nothing else| on white|]
""")
#: What a picture is to be, said without a verb.
EDITED_TO = lines("""
    {place}
    the {noun}{w} {place}
    [in|all in] {colour}
    [a little|a bit|a shade|much|far|slightly] [brighter|darker|{colour}|warmer|smaller|larger|{adjective}]
    [black and white|sepia|upside down|mirrored|without the background|without the {noun}|as a painting|as a pencil sketch|in the style of {surname}]
    with {thing} [in the background|beside it|on top|]
    [a {noun}|{thing}] [instead of|in place of] the {noun}
    the {noun} in {colour}
    [its|his|her] {noun} {colour}
""")
#: Motions of a picture, as an order.
MOVED = lines("""
    [animate|set in motion|put in motion|bring into motion] {r}
    bring {r} to life
    make {r} [move|spin|bounce|come alive|turn around|shake|swing|grow|shrink|rise|fall|rotate|dance]
    make the {noun}{w} [move|spin|bounce|jump|run|{verb}|turn its head|swim away|fly off|wave|dance|go to the left|go to the right|{verb} {place}]
    make it [move|spin|bounce|jump|run|{verb}|fly away|go left|rise slowly|{verb} {place}]
    [animate|move] {r} so that [the {noun} [moves|spins|bounces|rises|falls|dances]|it [moves|spins|bounces|rises|falls|dances]]
    zoom [into|out of] {r} [slowly|]
    pan over {r} [slowly|from left to right|]
    [turn|make|change|convert] {r} into a [video|clip|short film|little movie|gif|moving picture]
""")
#: What is to be seen in the video of a picture, {x}, and how a person asks for it.
MOVED_TO = lines("""
    the {noun}{w} [moving|spinning|bouncing|jumping|rising|falling|dancing|growing|turning around|moving to the left]
    it [moving|spinning|bouncing|jumping|rising|falling|dancing|shaking|coming closer]
""")
ASK_MOVED = lines("""
    i want to see {x}
    [a video|a clip|a short film|an animation] [of|with] {x}
    [make|create|give me|render|film] [a video|a clip|a short film|an animation] of {x}
    [as a video|as a clip|as a film|in motion]: {x}
    let me watch {x}
    let's see {x}
""")
MOVE_SECONDS = lines("""
    for {t} seconds
    [, {t} seconds|, {t} seconds long|, {t} s]
    , it should last {t} seconds
    [in|within|over] {t} seconds
""")
#: Changes of sounds and videos, which no tool makes.
EDITS = {
    "audio": lines("""
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
    "video": lines("""
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
SOUND_OF_VIDEO = lines("""
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
STILL_OF_VIDEO = lines("""
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
    [the|give me the|grab the|i need the|save the|show me the] {nth} [frame|picture|image|shot] [of|from|in] {r}
    the {nth} frame
    a photo of the moment {at} in {r}
""")
AUDIO_FILE = lines("""
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
VIDEO_FILE = lines("""
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
JOIN = lines("""
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
SOUND_UNDER = lines("""
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
VOICE_OVER = lines("""
    [let a voice say|say|speak|read] {q} over {v}
    [add|put|lay] [a voice|a voice-over|the words|the spoken words|a narrator] [saying|that says|] {q} [to|over|under|on] {v}
    voice-over for {v}: {q}
    [dub|narrate] {v} with {q}
    [dub|narrate] {v}: {q}
    {v} should say {q}
    put {q} as [speech|a voice-over|spoken text] [under|over|on] {v}
    have a narrator say {q} over {v}
""")
VIDEO_FOR_AUDIO = lines("""
    make a [video|clip|film] of {v} [with|and use|and add|and put] {a} [as its sound|as the soundtrack|as its soundtrack|as the sound]
    put {a} under a [video|clip] of {v}
    a [video|clip|film] of {v} with {a} [under it|on it|as its sound|behind it|as the soundtrack]
    [animate|film] {v} [to|and put] {a} [under it|to it|on it|beneath it]
    [use|take] {a} as the soundtrack of a video of {v}
    i want {a} under a clip of {v}
    make a music video for {a}: {v}
""")
ASIDE = lines("""
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
