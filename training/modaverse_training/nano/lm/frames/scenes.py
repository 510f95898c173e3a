"""Pictures and films that hold several things, told in several clauses."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

PAINTED = lines("""
    a [photo|picture|painting|drawing|photograph|watercolour] of {x}
    A [photo|picture|painting|drawing|sketch|image] of {x}
    [draw|paint|sketch] {x}
    [make|create|generate|give me] [an image|a picture|a painting|one picture] of {x}
    [please illustrate|illustrate|draw] [this|this scene|the following]: {x}
    [image prompt|picture it|one picture|a single image|a picture]: {x}
    I [want|need|would like|imagine] a [picture|painting|drawing] of {x}
    [can|could|would] you [draw|paint|sketch] {x}
    {x}, [as a picture|as one painting|all in one picture|in one drawing]
""")
FILMED = lines("""
    a [video|film|clip] of {x}
    [film|shoot] {x}
    [make|create|generate] a [short video|video|clip] of {x}
    [one film|one clip|a video|please film this]: {x}
""")
TOGETHER = lines("""
    {thing} and {thing}
    a {noun} and a {noun}
    a {colour} {noun} and a {colour} {noun}
    {thing} [beside|next to|behind|under|above|on top of|in front of] {thing}
    a {noun} [to the left of|to the right of|left of|right of|below|on] a {noun}
    {thing}, {thing} and {thing}
    {thing} with {thing}
    {thing} with {thing} beside it
    {thing} holding {thing}
    {thing} [made of|covered in|full of|surrounded by] {nouns}
    both {thing} and {thing}
    {thing} that looks like {thing}
    [two|three|some] {nouns} and {thing}
""")
TELLING = lines("""
    {thing} [lies|stands|sits|waits|hangs|rests] [on the ground|beside it|in the corner|nearby|above it]
    there is {thing} {place}
    there [is|is also] {thing} [behind it|in the background|in the distance]
    [in the background|in the foreground|in the distance|in one corner] {thing}
    [in the background|behind it|beside them] there is {thing}
    on the left {thing}, on the right {thing}
    the [sky|ground|wall|table] is {colour}
    the [sky|room|street|field|shelf] is full of {nouns}
    {thing} is leaning against {thing}
    [it is raining|it is snowing|it is getting dark|snow is falling|smoke is rising]
    the [first|left|bigger] one is {colour}, the [other|right|smaller] one is {colour}
    [she|he|it] [wears|carries|holds] {thing}
    [they are|she is|he is|it is] {doing}
    the [light|mood|air|water] is {adjective}
    everything is [{colour}|{adjective}|covered in {nouns}]
    the [sun|moon] [rises|sets|shines] behind {thing}
    {thing} is [reflected in|painted on|hidden behind] {thing}
""")
WRITTEN = lines("""
    the words "{sentence}" [are written|stand] on it
    a sign [says|reads] "{sentence}"
    with "{sentence}" written on it
    that says "{sentence}"
    that says "{noun}"
    with a sign that [says|reads] "{sentence}"
    it says "{noun}"
    [saying|reading] "{sentence}"
    the title is "{name}"
    the text "{noun}" [above|below|in red letters]
""")
#: What stands between clauses, and how often.
LINKS = {
    ". ": 0.35, "; ": 0.2, ", ": 0.2, ", and ": 0.1, ", while ": 0.05, ", with ": 0.05, " - ": 0.05,
}  # fmt: skip
