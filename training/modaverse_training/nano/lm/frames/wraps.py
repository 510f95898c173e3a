"""What people say around a wish: politeness, stories, orders made of things."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

WRAP_ORDER = lines("""
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
WRAP_THING = lines("""
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
STORIES = lines("""
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
THING_TO_ORDER = lines("""
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
