"""Frames of requests for described tools: who asks, why, and in what tone; each of one split.

{order} is an order ("reduce the noise in talk.wav"), {thing} what is wanted ("talk.wav without the
noise"), {it} what is worked on, {name} the tool's name, {subject} some subject. `[a|b]` is either.
"""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from collections.abc import Mapping

from modaverse_training.instructions.items import Split

__all__ = ["AFTER", "ASKS", "BEFORE", "HAVES", "NAMED", "ORDERS", "THINGS", "WOES"]

Table = Mapping[Split, tuple[str, ...]]


def _table(text: str) -> Table:
    """The lines, those that begin with `v ` for validation and with `t ` for test."""
    found: dict[Split, list[str]] = {"train": [], "validation": [], "test": []}
    for line in filter(None, map(str.strip, text.splitlines())):
        split, rest = {"v": "validation", "t": "test"}.get(line[:1]), line[2:]
        if split and line[1:2] == " ":
            found["validation" if split == "validation" else "test"].append(rest)
        else:
            found["train"].append(line)
    return {split: tuple(lines) for split, lines in found.items()}


ORDERS = _table("""
    {order}
    {order}
    [please|kindly|now|just] {order}
    [can|could|would|will] you [please|] {order}?
    [can|could|would|will] you {order} [for me|for us|please]?
    i [want|need|would like|'d like|wish] you to {order}
    i [want|need|would like|'d like|have|wish] to {order}
    i [want|need|would like|'d like|am trying|have] to {order}
    i am looking for a way to {order}
    i am looking for [someone|something|a tool] [to|that can] {order}
    [help|please help|can you help|could you help] me [to|] {order}
    i need [some|] help to {order}
    [is there|do you know] a way to {order}?
    is it possible to {order}?
    how [can|do|could] i {order}?
    we [want|need|have|would like] to {order}
    let us {order}
    [your task|the task|my task|the goal|my goal|the idea] is to {order}
    it would be [great|nice|good|helpful] [if you could|to] {order}
    v would you be so kind as to {order}?
    v i was wondering whether you could {order}
    v i am required to {order}
    v my boss asked me to {order}
    t might you {order}?
    t what i have in mind is to {order}
    t be a dear and {order}
""")
THINGS = _table("""
    {thing}
    {thing} [please|, please]
    i [need|want|would like|'d like|require] {thing}
    i [need|want|would like|'d like] to [have|get|see|obtain|receive] {thing}
    [give|get|send|show|make|provide] me {thing}
    [can|could|may] i [have|get|see] {thing}?
    [can|could] you [give|get|make|provide|show] me {thing}?
    i am [looking for|interested in|after] {thing}
    we [need|want|would like] {thing}
    all [i need|i want] is {thing}
    what i [need|want] is {thing}
    [please|kindly] [provide|prepare|make|deliver] {thing}
    v i am in need of {thing}
    v might i ask for {thing}?
    v it is {thing} that i am missing
    t do me {thing}
    t bring me {thing}
    t {thing} would make me happy
""")
ASKS = _table("""
    {ask}?
    {ask}?
    [tell me|can you tell me|i want to know|i would like to know|please tell me]: {ask}?
    [say|hey|hello|hi], {ask}?
    v do you happen to know {ask}?
    v my question is: {ask}?
    t here is what i ask: {ask}?
""")
WOES = _table("""
    {say}. [please|can you|could you|now] {order}
    {say}. {order}
    {say}, so [please|i want to|i need to|i would like to] {order}
    {say}. [help me|i need you|i would like you|i want] to {order}
    {say}. [i need|i want|give me|can i have|i would like] {thing}
    {say}. [can you|could you|please] [help|do something about that|fix that|take care of it|help me with this|change that]
    {say}
    [please|can you] {order}, [because|since|as] {say}
    [i need|i would like|give me] {thing}, [because|since|as] {say}
    v {say}. that is why i would like to {order}
    v the trouble is that {say}. could you {order}
    t as {say}, it is time to {order}
    t {say}: do {order}
""")
HAVES = _table("""
    i have {it}. [please|can you|could you|i want to|i need you to|i would like to] {order}
    i have [got|recorded|made|found|received|taken] {it}, and i [want|need|would like] to {order}
    i have {it} and i [want|need|would like] {thing}
    [here is|this is|i am sending you|i attached|look at|i uploaded] {it}. [please|can you|could you|] {order}
    [here is|this is|i am sending you|i uploaded] {it}. [i need|i want|give me|i would like] {thing}
    [given|take|with|using|for] {it}: {order}
    [take|use] {it} and {order}
    given {it}, [please|i want to|i need you to|] {order}
    {it}: [please|] {order}
    {it}. {thing}
    v i came across {it} and have to {order}
    v there is {it} on my desk; {order}
    t {it} arrived. {order}
""")
NAMED = _table("""
    [use|run|apply|start|try] [the|] {name} [tool|] [on|for|with] {it}
    {name}: {it}
    [do|perform|carry out|run] [the|a|] {name} [on|for|with|of] {it}
    i [need|want|would like] [the|a|] {name} [on|for|of] {it}
    [can|could] you [do|run|use] [the|a|] {name} [on|for|with] {it}?
    {it} [needs|calls for|requires] [the|a|] {name}
    v let the {name} work on {it}
    v {name} is what {it} wants
    t a case of {name}: {it}
""")
BEFORE = _table("""
    i am [working on|preparing|making] [a presentation|a project|a report|a film|a blog|a lesson|an exhibition] about {subject}
    i am writing [a book|an article|an essay|a blog post] about {subject}
    [hello|hi|good morning|hey there]
    my [teacher|boss|friend|sister|client|colleague] [asked me for this|needs something from me|wants this done by tomorrow]
    i [run|have] [a small shop|a blog|a channel|a podcast|a web site] about {subject}
    i [recently|just|finally] [came back from a trip|finished my studies|started a new job|moved house]
    we [plan|are planning] [an event|a campaign|a party|a workshop] about {subject}
    [my school|our company|our team|my family] is interested in {subject}
    i am a [student|teacher|journalist|designer|musician|doctor|researcher] and [have little time|work with such things every day|need your help]
    i [want|would like] to learn more about {subject}
    v there is a thing that has been on my mind for days
    v i am new here
    t it is late and i am tired
""")
AFTER = _table("""
    it is for [my|our] [project|presentation|blog|friends|family|web site|channel|homework|report|lesson] [about {subject}|]
    i [want|need|plan] to [use|share|show|publish] it [later|tomorrow|online|on my blog|in my presentation|with my friends|with my team]
    [thank you|thanks|many thanks|thank you very much|thanks in advance]
    so that i can [use|share|show|publish|keep] it [later|online|in my project|with others|for my report]
    it should [be of good quality|look professional|be done soon|be easy to use]
    i will [use|need|share] it [for a talk about {subject}|at work|at school|in a video about {subject}|in an article]
    save the result [for me|, please|as a file]
    v that would be a great relief
    v there is no hurry
    t i rely on you
""")
