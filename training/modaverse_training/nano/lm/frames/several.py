"""How people ask for several things: many of a kind, one in many forms, one about another."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

ALIKE = {
    "image": lines("""
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
    "video": lines("""
        {n} [videos|clips|animations]: {x}
        [make|create|give me|i want|i need] {n} [videos|clips|animations|separate videos]: {x}
        [animate|film] {x}, [one video each|as separate videos|{n} clips]
        {each}
        [give me|i want|make|i need] {each}
    """),
    "sound": lines("""
        {n} [sounds|noises|sound effects]: {x}
        [let me hear|play|make|give me|i want] {n} [sounds|noises]: {x}
        [let me hear|play] {x}, [one after the other|each by itself|separately|as separate sounds|{n} sounds]
        {each}
        [give me|i want|let me hear|make] {each}
    """),
    "speech": lines("""
        {each}
        please {each}
        can you {each}
        [speak|say] {n} things: {x}
        [say|read] {x}, [separately|one after the other|as {n} recordings]
    """),
}
EACH = {
    "image": lines("""
        a picture of {x}
        one picture of {x}
        an image of {x}
        a drawing of {x}
        draw {x}
        a photo of {x}
    """),
    "video": lines("""
        a video of {x}
        a clip of {x}
        one video with {x}
        an animation of {x}
    """),
    "sound": lines("""
        the sound of {x}
        a sound of {x}
        the noise of {x}
        {x} sound
    """),
    "speech": lines("""
        say {x}
        speak {x}
        read {x} aloud
        say the words {x}
    """),
}
MANY_WAYS = lines("""
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
    "image": lines("""
        draw {x}
        [draw|paint|sketch|draw me] {x}
        [show me|show] {x}
        a [picture|photo|drawing|image|pic] of {x}
        [make|create|give me|i want|i need|generate] a [picture|drawing|photo|image] of {x}
        {x}
        {x} [picture|pic|please|image]
        [i want|i'd like] {x}
    """),
    "audio": lines("""
        the sound of {x}
        [play|let me hear|i want to hear] {x}
        [make|play|give me] the [sound|noise] of {x}
        {x} [sound|noise]
        what does {x} sound like
        sound of {x}
    """),
    "video": lines("""
        [a|one] [video|clip|film|movie|animation] of {x}
        [make|create|give me|i want|generate|produce] a [video|clip|film|movie|animation] of {x}
        [animate|film] {x}
        video of {x}
        {x} [video|clip]
        {x} as a video
    """),
}
SECOND = {
    "video-place": lines("""
        [the same|that|this] {head} as a [video|clip|film] {place}
        a [video|clip|film] of [the same|that|this] {head} {place}
        a [video|clip] of it {place}
        animate it {place}
    """),
    "video-ing": lines("""
        [a|one] [video|clip|film|movie|animation] of [it|him|her|them|that|the same] {ing}
        [make|create|do|give me] a [video|clip|movie|film] of [it|him|her|them|this] {ing}
        animate it {ing}
        [film|record] it {ing}
        [it|them] {ing} as a [video|clip|film]
        [a video|a clip|a movie] [where|in which] it is {ing}
        show [me |]it {ing} in a video
    """),
    "video-verb": lines("""
        let it {verb} in a [video|clip|film|movie]
        make it {verb} in a [video|clip|film]
        a video [that makes|to make] it {verb}
        i want to watch it {verb}
    """),
    "video-third": lines("""
        [a|one] [video|clip|film|movie] [where|in which] [it|he|she] {third}
        a [video|clip] that shows how it {third}
        show in a video how it {third}
    """),
    "video-it": lines("""
        [a|one] [video|clip|animation|film|movie] of [it|that|the same|the same thing|him|her|them|this|one]
        animate [it|that|the same]
        [make|turn] it [move|into a video] [as a video|too|]
        [it|the same] as a [video|clip]
        put it in motion
        bring it to life as a clip
        [the same|that] {head} [moving|in motion|as a video|as a clip|on film]
        a [video|clip|film] of [the same|that|this] {head}
    """),
    "audio-it": lines("""
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
    "audio-ing": lines("""
        [the sound|the noise|a recording|a sound] of [it|him|her|them] {ing}
        let me hear [it|him|her|them] {ing}
        [play|make] the sound of it {ing}
        i want to hear it {ing}
    """),
    "audio-verb": lines("""
        let me hear it {verb}
        make it {verb} [so i can hear it|audibly|so that i hear it]
        i want to hear it {verb}
    """),
    "audio-noun": lines("""
        [play|make|give me|let me hear|i want|i want to hear|add] its {noun}
        its {noun}
        its {noun} [as a sound|as audio|to listen to|too]
        the sound of its {noun}
        [his|her|their] {noun} as a sound
    """),
    "image-it": lines("""
        [draw|paint|sketch|show me] [it|that|one|the same|him|her|it too|it as well]
        a [picture|photo|drawing|image|pic] of [it|one|that|the same|him|her|them]
        [show me|i want to see] [what it looks like|how it looks|it in a picture|it]
        [make|give me|create] a [picture|drawing|photo] of [it|one|that]
        what does it look like
    """),
    "image-place": lines("""
        a [picture|drawing] of it {place}
        [the same|that] {head} {place}
        a [picture|drawing|photo] of [the same|that|this] {head} {place}
        draw it {place}
        show it {place} in a picture
    """),
    "image-noun": lines("""
        a picture of its {noun}
        draw its {noun}
        a drawing of its {noun}
    """),
    "speech-say": lines("""
        [let|make|have] it say {q}
        [say|speak|read aloud|announce] {q}
        a voice saying {q}
        let [him|her|them] say {q}
        it should say {q}
        the words {q} spoken
    """),
}
ON_IT = lines("""
    [a tune|a song|a melody|music|a solo|a note|someone playing] on it
    the [buzzing|call|sound|noise|song|cry|crash|roar|voice|bell|engine|whistle] of it
    the {noun} it makes
    the [whistle|cry|call|noise|song|hum|roar|bang|bell] it makes
""")
PRONOUN_JOINERS = (" and ", ", and ", " and then ", ", then ", ". then ", ". ", " and also ", ", plus ", " plus ", "; ", ". after that ", ". also ", ", also ", ". and ", " as well as ", " along with ", ". now ", " then ", ", and afterwards ")  # fmt: skip
