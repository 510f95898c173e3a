"""What people say who want something done: for common verbs other verbs, wishes, questions, woes.

An entry begins with the verbs that it is for. `do` are verbs that take the same object; `order` are
whole orders, `get` the things that are wanted, `ask` questions, `say` what somebody tells who wants
it done. `read-image` is an entry for a verb with a first input of that role. {o} is the verb's object in the description, {it} what it is done to.
"""

# ruff: noqa: E501 - the table holds one kind of wording a line

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["VERBS", "Verb"]


@dataclass(frozen=True)
class Verb:
    """Wordings for what a verb does.

    Attributes:
        do: Verbs in its place.
        order: Orders.
        get: Things.
        ask: Questions, without their mark.
        say: What somebody tells, without a full stop.
    """

    do: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    get: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    say: tuple[str, ...] = field(default=())


_TABLE = """
generate create make produce build compose
do: generate; create; make; produce; build; prepare; put together; come up with
order: turn {it} into {o}; use {it} to make {o}
get: {o} based on {it}; {o} of {it}; {o} for {it}; {o} about {it}; {o} from {it}; {o} that fits {it}
say: i have no {o} of {it} yet; {o} of {it} would be useful; i am missing {o} for {it}; i imagine {o} of {it}
design draw paint render illustrate visualize plot
do: draw; paint; make; create; render; design; show
get: {o}; a drawing of {it}
ask: what would {it} look like
say: i would like to see {it}
download fetch retrieve load
do: download; fetch; get; save; grab; pull down; retrieve; load
order: save {o} from {it} to my computer; get {o} behind {it}; get me {o} that is at {it}; keep a copy of {o} from {it}
get: {o} from {it}; {o} at {it}; {o} behind {it}; a copy of {o} from {it}; {o} located at {it}
ask: can i have {o} that is at {it}
say: {o} i need is at {it}; i found {o} at {it} and want to keep it; {o} is here: {it}; there is {o} at {it}; i want to have {o} from {it} offline
upload publish share post send
do: upload; send; post; share; publish; put online
say: the others should get {it}; {it} should be seen by everybody
search-topic find-topic look-topic seek-topic query-topic
do: search; find; look up; look for; hunt for; seek
order: find {o} about {it}; search {o} about {it}; look for {o} on {it}; find me {o} of {it}; get me {o} about {it}; search the web for {o} of {it}; search the internet for {o} related to {it}; see what {o} there is on {it}; look up {o} about {it} online
get: {o} about {it}; {o} of {it}; some {o} on {it}; {o} related to {it}; online {o} about {it}
ask: are there {o} about {it}; what {o} can you find about {it}; where can i find {o} of {it}
say: i am curious about {it} and want to see {o}; i am looking for {o} about {it}; i want {o} to know more about {it}; i need {o} of {it}
extract isolate read-image scan-image
do: extract; get; pull out; take; read out; pick out; lift; isolate; grab; collect; find; identify; obtain
order: list {o} of {it}; give me just {o} of {it}; get {o} out of {it}; separate {o} from {it}
get: {o} from {it}; {o} of {it}; {o} in {it}; only {o} of {it}; just {o} out of {it}; {o} contained in {it}
ask: what is {o} in {it}; which {o} is in {it}; what {o} does {it} contain; can you see {o} in {it}
say: i only need {o} from {it}; {o} in {it} is all that matters; there is {o} in {it} that i need; i want to use {o} of {it} elsewhere; {it} contains {o}
transcribe
do: transcribe; write down; type up; write out; put into writing; note down
order: convert the speech in {it} to text; turn {it} into text; write down what is said in {it}; write out the words of {it}; make a transcript of {it}; type what they say in {it}; turn the spoken words in {it} into written text
get: a transcript of {it}; a transcription of {it}; the words that are spoken in {it}; the text of what is said in {it}; the speech in {it} as text; a written version of {it}; what is said in {it} in writing; subtitles for {it}
ask: what is said in {it}; what does the speaker say in {it}; what are they talking about in {it}; what are the words in {it}
say: i cannot listen to {it} now; i want to read what is said in {it}; i need to quote somebody who speaks in {it}; {it} is a recorded talk and i need it in writing; i do not understand what they say in {it}
summarize condense abstract
do: summarize; condense; sum up; shorten; boil down; digest; recap
order: give the main points of {it}; tell me in short what {it} says; make {it} shorter; cut {it} down to the essentials; keep only the important parts of {it}
get: a summary of {it}; the gist of {it}; a short version of {it}; the main points of {it}; a brief overview of {it}; the key takeaways of {it}; a recap of {it}; an abstract of {it}
ask: what is {it} about in short; what are the main points of {it}; what are the key messages of {it}
say: {it} is too long; i have no time to read all of {it}; i only have a minute for {it}; {it} is very long and i want to know the essentials
translate
do: translate; render; convert; put
order: tell me what {it} means in english; put {it} into english; say {it} in english; convert {it} to english
get: a translation of {it}; an english version of {it}; {it} in english; the meaning of {it} in english
ask: what does {it} mean; what does {it} say in english; how do you say {it} in english
say: i do not speak the language of {it}; {it} is written in a foreign language; i cannot read {it}; {it} is in french; {it} is in spanish; {it} is in german
analyze examine evaluate assess inspect study
do: analyze; examine; determine; assess; evaluate; find out; work out; look at; judge
order: tell me {o} of {it}; find out {o} of {it}; rate {o} of {it}; work out {o} in {it}
get: {o} of {it}; an analysis of {it}; an analysis of {o} of {it}; an assessment of {it}
ask: what is {o} of {it}; how would you judge {o} of {it}; what {o} does {it} have
say: i am not sure about {o} of {it}; i want to understand {o} of {it}
detect recognize identify locate spot classify categorize search find look seek
do: detect; recognize; identify; find; spot; point out; tell me; determine; name
order: tell me which {o} there is in {it}; show me where {o} is in {it}; say what kind {it} is
get: {o} in {it}; the names of {o} in {it}; the type of {it}; the class of {it}
ask: which {o} is in {it}; what {o} do you see in {it}; is there {o} in {it}; where is {o} in {it}; what kind is {it}
say: i wonder whether there is {o} in {it}; i do not know which {o} is in {it}
count measure calculate compute estimate determine
do: count; measure; calculate; compute; work out; estimate; determine; find
get: the number of {o} in {it}; {o} of {it}
ask: how many {o} are in {it}; what is {o} of {it}; how large is {o} of {it}
say: i need to know {o} of {it}; i lost count of {o} in {it}
check proofread verify validate review inspect
do: check; look through; go over; examine; review; proofread; scan
order: find {o} in {it}; look for {o} in {it}; correct {o} in {it}; tell me what is wrong with {it}; make sure that there are no {o} in {it}
get: a check of {it}; a list of {o} in {it}; corrections for {it}
ask: are there any {o} in {it}; is {it} correct; did i make mistakes in {it}; is everything right with {it}
say: i am not sure whether {it} is correct; i think there are {o} in {it}; {it} must not have {o}; english is not my first language and i wrote {it}
correct fix repair restore
do: correct; fix; repair; mend; put right; restore
order: make {it} right; get rid of {o} in {it}
get: a corrected version of {it}; {it} without {o}
say: something is wrong with {it}; there are {o} in {it}
simplify
do: simplify; make easier; put simply; explain in plain words; put in plain words
order: make {it} easier to understand; make {it} simple; rewrite {it} in plain words; explain {it} so that a child understands it; say {it} in simple words; rewrite {it} so that everybody gets it
get: a simpler version of {it}; {it} in plain words; an easy version of {it}; {it} in simple terms; a version of {it} for beginners
ask: what does {it} mean in simple words; how would you tell a child {it}
say: {it} is hard to understand; {it} is too complicated; {it} is full of jargon; my students do not understand {it}; i cannot follow {it}
expand elaborate extend lengthen enlarge
do: expand; elaborate; extend; flesh out; lengthen; build out; develop
order: make {it} longer; add more details to {it}; elaborate on {it}; write more about {it}; turn {it} into a longer text
get: a longer version of {it}; more details on {it}; {it} at greater length; a more detailed version of {it}
say: {it} is too short; {it} lacks detail; {it} needs more detail; there is not enough in {it}
rewrite rephrase paraphrase reword
do: rewrite; rephrase; reword; restate; recast; paraphrase; write again
order: say {it} in other words; put {it} another way; express {it} differently; word {it} differently
get: another version of {it}; another wording of {it}; {it} in other words; a rewritten version of {it}; a new version of {it}
ask: how else could one say {it}; how can {it} be put differently
say: {it} should not sound the same; i do not like how {it} is worded
spin
do: spin; rewrite; respin; rework
order: make a unique version of {it}; make a fresh version of {it}
get: a fresh version of {it}; a spun version of {it}; a unique version of {it}
say: {it} was published before and i need it unique; {it} must not count as a copy
suggest recommend propose advise
do: suggest; recommend; propose; offer
get: suggestions for {it}; recommendations for {it}; {o} for {it}
ask: what {o} would you recommend for {it}; which {o} fit {it}
reduce lower decrease suppress lessen minimize
do: reduce; lower; cut; remove; take out; get rid of; suppress; filter out; eliminate; cut down; clean up
order: clean {it}; clean up {it}; make {it} free of {o}; get {it} without {o}
get: {it} without {o}; {it} with less {o}; a cleaner version of {it}; a clean version of {it}
ask: can {o} in {it} be removed; can you do something about {o} in {it}
say: there is too much {o} in {it}; {it} is full of {o}; {it} has a lot of {o}; {o} in {it} is annoying; {o} spoils {it}; one hears {o} in {it}
remove delete erase eliminate strip cut
do: remove; delete; erase; take out; get rid of; cut out; eliminate; strip
get: {it} without {o}; a version of {it} that has no {o}
say: there is {o} in {it} that i do not want; {o} in {it} disturbs me; {it} would be better without {o}
increase raise boost enhance improve sharpen upscale brighten amplify
do: improve; enhance; increase; raise; boost; better
order: make {it} better; get more out of {it}
get: a better version of {it}; {it} in better quality; {it} with better {o}
say: {it} is not good enough; {o} of {it} is poor; {it} looks weak
apply use
do: apply; put; use; add; give
order: add {o} to {it}; edit {it} with {o}; process {it} with {o}
get: {it} with {o}; a version of {it} with {o}; {o} on {it}
say: {it} is too plain; {it} needs {o}; {it} would be better with {o}
combine merge join concatenate unite mix blend
do: combine; merge; join; put together; unite; connect; mix; link
order: make one out of {it}; put {it} one after the other; turn {it} into one; bring {it} together
get: {it} in one; a combination of {it}; one file out of {it}; {it} joined
ask: can {it} be put into one
say: {it} belong together; i have {it} and want only one; {it} should be one
splice
do: splice; join; paste together; string together; glue together
order: put {it} one after the other
get: a splice of {it}
stitch
do: stitch; sew; put; join; merge; piece
order: put {it} side by side; make one picture of {it}
get: {it} side by side
say: {it} show parts of the same scene
split divide separate segment cut slice
do: split; divide; separate; cut; break; slice
order: break {it} into pieces; take {it} apart
get: the parts of {it}; {it} in pieces
say: {it} is too long in one piece
modify change alter adjust edit tweak
do: change; modify; alter; adjust; edit; vary; set; tweak
order: change {o} of {it}; alter {it}; make {it} different; edit {it}
get: {it} with different {o}; a changed version of {it}; {it} with another {o}
ask: can {o} of {it} be changed
say: {o} of {it} is not right; i do not like {o} of {it}; {it} should have another {o}; {o} of {it} should be different
convert turn transform change
do: convert; turn; transform; change; make
order: make something else of {it}
get: a converted version of {it}
say: i need {it} in another form
add attach insert include put
do: add; put; give; insert; attach; include; lay
order: give {it} {o}; put {o} on {it}; provide {it} with {o}
get: {it} with {o}; {o} for {it}; {o} on {it}; a version of {it} with {o}
ask: can {it} have {o}; what would {it} be like with {o}
say: {it} has no {o}; {it} lacks {o}; {it} needs {o}; {it} would be better with {o}
colorize colour color tint
do: colorize; colour; color; tint
order: make {it} colourful; give {it} colours; bring colour into {it}; turn {it} into a colour version
get: {it} in colour; a colour version of {it}; {it} with realistic colours; a coloured version of {it}
ask: what did {it} look like in colour
say: {it} is black and white; {it} has no colours; {it} is an old photo without colour; {it} is gray and dull
stabilize steady
do: stabilize; steady; smooth out; smooth; calm down
order: make {it} steady; make {it} less shaky; remove the shaking from {it}; take the wobble out of {it}; fix the camera shake in {it}
get: a steady version of {it}; {it} without the shaking; a stable version of {it}
say: {it} shakes a lot; {it} is shaky; the camera moved a lot in {it}; {it} was filmed by hand while walking; {it} wobbles; my hands trembled when i filmed {it}
synchronize sync align match
do: synchronize; sync; align; match; bring into step; line up
order: make {it} fit each other; bring {it} into step; match the timing of {it}; line up {it}
get: {it} in sync; {it} at the same time
say: {it} do not fit together; {it} are out of sync; one comes later than the other in {it}; the lips do not match the sound in {it}
speed accelerate
do: speed; accelerate; quicken
order: make {it} faster; speed {it} up; play {it} faster
get: a faster version of {it}
say: {it} is too slow
slow
do: slow
order: make {it} slower; slow {it} down; play {it} in slow motion
get: a slower version of {it}; {it} in slow motion
say: {it} is too fast
perform do run conduct carry execute
do: do; perform; run; make; carry out
order: use {it} for {o}
get: {o} with {it}; {o} for {it}; the result of {o} on {it}
say: i want to know what {o} with {it} brings
describe caption explain tell narrate comment
do: describe; explain; tell; put into words
order: say what is in {it}; tell me about {it}
get: a description of {it}; an explanation of {it}; a caption for {it}
ask: what is in {it}; what does {it} show; what is {it} about
say: i cannot see {it}; i do not know what {it} shows
answer reply respond
do: answer; reply to; respond to
get: an answer to {it}; the answer to {it}
ask: what is the answer to {it}
say: i do not know the answer to {it}
read speak say pronounce recite vocalize
do: read; speak; say; read out; read aloud
order: read {it} aloud; let me hear {it}; say {it}
get: {it} aloud; {it} as speech; a recording of {it}
ask: how does {it} sound
say: i would rather listen to {it}
play show display open
do: play; show; open; display; put on
get: {it} on the screen
say: i want to see {it}
record capture
do: record; capture; take; tape
get: a recording of {it}
resize scale shrink crop trim rotate flip compress
do: resize; scale; shrink; crop; trim; rotate; flip; compress
order: change the size of {it}; make {it} smaller
get: a smaller version of {it}
say: {it} is too large; {it} does not fit
blur pixelate mask hide anonymize
do: blur; hide; mask; make unrecognizable; cover
order: make {o} in {it} unrecognizable
get: {it} with {o} hidden
say: nobody should recognize {o} in {it}
replace swap exchange substitute
do: replace; swap; exchange; change
get: {it} with another {o}; {it} with {o} replaced
say: {o} in {it} is wrong
compare contrast match
do: compare; contrast; set side by side
get: a comparison of {it}; the differences between {it}
ask: how do {it} differ; are {it} alike
say: i wonder how similar {it} are
predict forecast
do: predict; forecast; foretell; estimate
get: a forecast of {o}; {o} for {it}
ask: what will {o} of {it} be
say: i want to know {o} in advance
sort order rank arrange
do: sort; order; arrange; rank; put in order
get: {it} in order; a sorted version of {it}
say: {it} is a mess
encrypt encode decrypt decode hash
do: encrypt; encode; scramble; decode
get: an encoded version of {it}
say: nobody else should be able to read {it}
book reserve order buy schedule plan
do: book; reserve; order; schedule; plan; arrange
get: {o} for {it}
say: i need {o} for {it}
imitate clone copy transfer
do: transfer; copy; carry over; put; apply
order: make one look like the other: {it}
get: {it} with the same {o}
say: i like {o} of one and want it for the other: {it}
"""


def _read(table: str) -> dict[str, Verb]:
    """The entries; where a verb stands in several, the first one counts."""
    found: dict[str, Verb] = {}
    names: list[str] = []
    parts: dict[str, tuple[str, ...]] = {}
    for line in [*table.strip().splitlines(), ""]:
        kind, mark, told = line.partition(": ")
        if mark and kind in ("do", "order", "get", "ask", "say"):
            parts[kind] = tuple(told.split("; "))
            continue
        entry = Verb(**parts)
        for name in names:
            found.setdefault(name, entry)
        names, parts = line.split(), {}
    return found


#: By a verb's base form.
VERBS: Mapping[str, Verb] = _read(_TABLE)
