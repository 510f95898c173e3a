"""How people go on from what was made: again, otherwise, something else, a change of mind."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

NEXT = tuple(
    line + " "
    for line in lines("""
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
MAKE_IT = lines("""
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
    again in {a}
    but {a}
    it should be {a}
    a {a} one
    do a {a} one
    {a} {n}
    now {a}
    turn it {a}
    rather {a}
    no, {a}
    i'd prefer it {a}
    how about {a}
    give me a {a} one
    [please|can you please|could you please] make it {a}
    change it to {a} [please|]
    i'd like [it|the {n}] to be {a} [instead|]
    the {n} should be {a}
    [actually,|on second thought,] make [it|the {n}] {a}
    what if it were {a}
""")
COLOUR_IT = lines("""
    change the colour [of it|] to {a} [please|]
    [recolour|colour|paint] it {a}
    [another|a different] colour: {a}
    its colour should be {a}
""")
AGAIN_BUT = lines("""
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
    [please|can you|could you] [put|place] it {p}
    [let it be|it should be] {p}
    the same thing, but {p} [this time|]
""")
SHOWN_AT = lines("""
    [please|can you|could you] show it {p}
    move it {p}
    i want to see it {p}
    [change|switch] the [background|place|scene] so that it is {p}
""")
WITH_TOO = lines("""
    {p} [too|as well]
    add {t} [to it|to the scene|please|]
    give it {t}
    put {t} in [too|as well|]
    [can you|could you|please] add {t} [to that|as well|]
    there should be {t} [too|in it|as well]
    i'd like {t} in it [too|as well]
    include {t} [please|as well|]
    it [needs|is missing|lacks] {t}
""")
DOING = lines("""
    {p}
    {p} please
    now {p}
    but {p}
    again, {p}
    the same one {p}
    [show it|i want it|make it] {p}
    [this time|the same but] {p}
    it should be {p}
    [can|could] it be {p}
""")
BIGGER = lines("""
    {b} please
    make [it|the {k}] {b}
    the same {b}
    {b}
    can i have it {b}
    [could you make it|i need it|please do it] {b}
""")
ONCE_MORE = lines("""
    again
    another one
    once more
    one more please
    try again
    do it again
    the same again
    repeat
    [give me|i'd like|make] another one [please|]
    [the same thing|that] once more [please|]
    one more [like that|of those|of the same]
""")
UNDO = lines("""
    undo [that|this|the last change|it|]
    [take|put|change] [that|it] back
    [go back|back] to [the one before|the last one|how it was|the previous one]
    [no, |hmm, |]as it was [before|]
    [no, |sorry, |]the [one before|previous one|earlier one] was better
    [i liked|i prefer] the [one before|previous one|first version|earlier one] [better|more|]
    forget [that change|that|the last change]
    revert [that|it|]
    [please |]without that [last |]change
    [not like that|not that], [back|as before] [please|]
""")
INSTEAD = lines("""
    make it {x} instead
    make [it|that] {x}
    turn [it|that] into {x}
    [let it be|it should be|i want it to be] {x} [instead|]
    [change|swap] it for {x}
    [could|can] it be {x} instead
    {x} in its place
    [actually|on second thought], make that {x}
""")
LENGTHS = (
    ("longer", 10), ("[much|far|a lot] longer", 10), ("as long as [possible|you can|it goes]", 10),
    ("[a bit|a little|slightly|somewhat] longer", 5), ("[much |far |a lot |]shorter", 1),
    ("[a bit|a little|slightly|somewhat] shorter", 2),
)  # fmt: skip
LENGTHEN = lines("""
    {t} [please|]
    make it {t} [please|]
    [can|could] [it be|you make it] {t}
    [the same|again], [but |]{t}
    [i want|i'd like|i need] it {t}
    it [should|has to] be {t}
    {t}, [if you can|please|thanks]
""")
ITS_SOUND_UNDER = lines("""
    [now |]with [its|the] sound
    [now |]with [sound|audio]
    add [its sound|a fitting sound|a suitable sound|the right sound|matching audio|sound] [to it|to that|please|]
    [make|i want] a video of it with sound
    [can|could] you add [a fitting|a matching|the] sound
    [i want|i'd like] to hear it [while i watch|in a video] [too|]
    [put|lay] [its own sound|the sound it makes|a matching sound] under it
""")
THIS_SOUND_UNDER = lines("""
    with the sound of {s}
    put {s} under it
    add {s} as its sound
    with {s} as the soundtrack
    [i'd like|i want] {s} as the [soundtrack|sound of the video|background sound]
    [use|take] {s} as [its sound|audio|the soundtrack]
    [can|could] you put {s} under it
""")
NOW_AS = {
    "text-to-image": lines("""
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
        [make|create|i want|i'd like|can i have] a [picture|photo|image] of the same [thing|scene|subject]
        [create|produce|generate] [an image|a picture] [of it|of this|of that] [please|]
    """),
    "text-to-video": lines("""
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
        a video of the same [thing|scene|subject] [please|]
        [make|create|i want|i'd like|can i have] a [video|clip] of the same [thing|scene|subject]
        [the same thing|that|it] [on video|as moving pictures|as footage]
        [create|produce|generate] a video [of it|of this|of that] [please|]
    """),
    "text-to-audio": lines("""
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
        [make|create|i want|i'd like|can i have] the sound of [it|that|the same thing]
        [create|produce|generate] [its sound|a sound of it|the sound it makes] [please|]
        [what noise|which sound] [does it make|would it make]
        [and |]how would [it|that] sound
    """),
}
SOURCE_OF_SOUND = lines("""
    [show me|draw|paint] what makes [that|this] [sound|noise]
    [show me|draw|i want to see] the [animal|thing] [that makes this sound|that one hears]
    [what|who] makes [that|this] [sound|noise]? [show me|draw it]
    show me the [animal|thing]
""")
SHORTER = lines("""
    [shorter|longer], {t} [only|long|please|]
    only {t}[| please|, please| of it| long]
    make it {t} [long|]
    [the same|again], {t} [long|only|]
    {t} [of it|only|please|long]
    [just|i want] {t} of [it|that]
    can it be {t} long
""")
SWAPPED = lines("""
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
    [please|can you|could you] replace {y} [by|with] {x}
    [exchange|change] {y} for {x}
    substitute {x} for {y}
    [turn|change] {y} into {x}
    it should be {x} [rather than|instead of] {y}
    [take|leave] {y} out and put {x} in
""")
ANOTHER = lines("""
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
