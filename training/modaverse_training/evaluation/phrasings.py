"""How the matrix asks: for each pair of modalities, requests that name no concept of their own.

Twelve a pair. Three were there when the training requests were written, and what failed was looked
at between trainings; of the next six, by two writers who knew nothing of the training, the failures
told what kinds of requests to write more of; the last three are by somebody who knew as little, and
were blind for five releases, until their failures, too, told kinds.
They are for measuring alone: who makes training data drops the requests that `is_wording` knows,
and a test checks that none stands among the hand-written ones. Where a text is given, it stands at
{}. One a line, to hold them out: python -m modaverse_training.evaluation.phrasings > FILE
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from modaverse.media import Modality

__all__ = ["PHRASINGS", "is_wording", "writer_of"]

_EACH = 3  # of a writer, in this order
_WRITERS = ("looked at", "of the first writer", "of the second writer", "of the third writer")

PHRASINGS: Mapping[tuple[Modality, Modality], tuple[str, ...]] = {
    ("text", "text"): (
        "Which thing are the words '{}' about? Just tell me.",
        "Tell me the one object that this line is about: {}",
        "In '{}', what is the main thing called? Words are enough.",
        "What is being mentioned here: '{}'? A name is all I need back.",
        "Read '{}' and write down, in a word or two, what is meant.",
        "I'd like one short written sentence explaining what this refers to: {}",
        "{}... so what's that about, in plain words?",
        "Please state in writing which subject the following text deals with: {}",
        "My students are practising their reading, so I need the answer typed out: what does "
        'the phrase "{}" talk about?',
        "what is this describing? {}",
        "Please read this description and tell me in words which thing it refers to: {}.",
        "I'm filling in a list for my daughter's school project and I only have short "
        'descriptions to go by. This one says "{}". Can you write back what thing is '
        "meant, so I can put it on the list?",
    ),
    ("text", "image"): (
        "I would love a picture that shows {}.",
        "Could I get an illustration of {} for my wall?",
        "Please make an image for my blog: {}",
        "I'm putting together a slide show and need a still picture of {} in it.",
        "Would you paint {} for me, please?",
        "Here is what the photo you create should have in it: {}",
        "quick drawing of {} pls",
        "Produce one still image with {} as its only subject.",
        "My daughter is designing a birthday card and can't sketch very well, so can you "
        "design a nice picture of {} that we can print on the front?",
        "can u do me a drawing of {}",
        "Please create a clear picture of {}.",
        "I'm putting together a birthday card for my mum and I can't draw to save my "
        "life, so could you make me an image of {} that I can print on the front?",
    ),
    ("text", "audio"): (
        "I would love to listen to this: {}.",
        "Could I get a recording of {} for my podcast?",
        "Please make a sound effect for my game: {}",
        "What does {} sound like? I want to hear it rather than read about it.",
        "Generate some audio of {} that I can play to my children.",
        "Come up with the noise that goes with this, as an audio file without any talking: {}",
        "play me the sound of {}",
        "Please create a sound clip in which {} can be heard.",
        "Because I'm recording a radio play and my listeners can't see anything, I have to "
        "have a realistic sound, with no speech or music, of {}.",
        "need the sound of {} pls",
        "Please generate an audio clip of {}.",
        "We're doing a little play at our community hall and one scene needs a sound "
        "effect in the background. Could you make me a sound recording of {} that we can "
        "play over the speakers?",
    ),
    ("text", "video"): (
        "I would love a short clip that shows {}.",
        "Could I get some footage of {} for my film?",
        "Please make an animation for my website: {}",
        "Would you create a few seconds of video with {} in motion?",
        "I'd rather see {} moving than in a still picture, so please generate a video.",
        "Produce a brief video, no sound needed, of the following: {}",
        "can u do me a quick vid of {}",
        "Please generate a short video with {} as the subject.",
        "My social media page only accepts movie files, so if it's possible, put together a "
        "moving scene of about five seconds with {} in it.",
        "make a quick video of {}",
        "Please generate a short video clip showing {}.",
        "I run the social media page for our local shop and plain photos don't get much "
        "attention any more, so I'd like a short video of {} that I can post this "
        "weekend.",
    ),
    ("image", "text"): (
        "Which thing is shown in this picture? One word will do.",
        "Tell me what the attached image has in it.",
        "Describe the attached image to someone who cannot see it.",
        "What am I looking at in this photo? Please write me a short answer.",
        "I need a one-line caption that says what is in the picture I uploaded.",
        "Give me the name of what you see in my photo.",
        "what's this a pic of?",
        "Please state in one sentence what this image depicts.",
        "My grandmother sent me this photograph and I don't recognise the thing on it, so "
        "could you explain in writing what it is?",
        "whats this in the pic?",
        "Please look at the attached photo and tell me what it shows.",
        "My grandson sent me this picture and my eyesight isn't good enough to make it "
        "out any more. Could you tell me in words what's in it so I can write back to "
        "him?",
    ),
    ("image", "image"): (
        "Make one more picture of the thing that this one shows.",
        "Draw the thing from this image once more, but in another place.",
        "Please paint the same kind of thing as here again for me.",
        "I like what is in this picture. Can you create another picture with one like it?",
        "Don't edit my photo, generate a completely new one with the same subject.",
        "I'd like to have a second, different picture of whatever you see here.",
        "another pic like this one, but new pls",
        "Create a fresh image featuring the same subject as the attached one.",
        "Since I need two photographs for my school project and have only this one, please "
        "come up with an extra photograph, from a different angle, of the same sort of thing.",
        "make me another pic of the same thing as in this one, a totally new one",
        "Please look at the attached image and create a new picture of the same thing "
        "that it shows.",
        "I can't use this photo on my website because it belongs to someone else, so "
        "could you see what's in it and make me a brand new picture of the same kind of "
        "thing? Please don't just edit the one I attached.",
    ),
    ("image", "audio"): (
        "What would the thing in this picture sound like? Play it to me.",
        "Make the sound that belongs to the thing in this image.",
        "Let me hear the thing that is shown in this picture.",
        "If I were standing next to what's in this image, what would I hear? Create that audio.",
        "Look at my photo and generate the noise that something like this makes.",
        "A picture alone is silent, so I'd like an audio clip of how this sounds in real life.",
        "what noise does this make? play it",
        "Please produce a sound recording that matches the subject of this photograph.",
        "My little boy keeps asking me what the thing in this photo sounds like, and I can't "
        "imitate it, so can you put together a sound clip for him to listen to?",
        "what does this thing in the photo sound like? make me the sound",
        "Please create an audio clip of the sound made by what is shown in the attached picture.",
        "I'm making a game for my nursery class where the kids look at a picture and then"
        " hear the noise that goes with it. Here is one of the pictures. Could you make "
        "me a recording of the sound that the thing in it makes?",
    ),
    ("image", "video"): (
        "Make a short clip in which the thing from this picture moves.",
        "Bring the thing in this image to life, as a video.",
        "I want to watch the thing in this picture move about.",
        "Could you generate a few seconds of video of whatever is in this photo?",
        "A still picture isn't enough for me, I'd like a new video of the same thing in motion.",
        "Use the attached picture as a guide and create moving footage of what you see in it.",
        "got this pic, now do me a vid of the same thing",
        "Please produce a short video about the subject of the attached photograph.",
        "Since my presentation looks dull with only photos in it, I was hoping you could "
        "film a brief new scene where the thing from this one is seen moving.",
        "can you do a new video of whatever's in this photo",
        "Please make a short video showing the same thing as in the attached image.",
        "I only have this one picture and I need a moving clip for my presentation on "
        "Monday. Could you have a look at what it shows and generate a new video of that "
        "same thing for me?",
    ),
    ("audio", "text"): (
        "Which thing makes the noise in this recording? One word will do.",
        "Tell me what the attached sound is a sound of.",
        "Describe the attached sound to someone who cannot hear it.",
        "I can't work out what is making this sound. Can you tell me what it's called?",
        "Listen to the audio I uploaded and write one sentence on what is making the sound.",
        "I need a short text label for this file, saying what is heard in it.",
        "what's that sound? just type it",
        "Please identify the source of this sound in a written reply.",
        "I keep hearing this outside my window at night and managed to record it, so please "
        "write back and explain what it probably is.",
        "what am i hearing in this clip?",
        "Please listen to the attached recording and tell me what is making the sound.",
        "I recorded this outside my bedroom window last night and my husband and I can't "
        "agree on what it is. Could you listen to it and write down what it is that we're"
        " hearing?",
    ),
    ("audio", "image"): (
        "Draw whatever makes the noise in this recording.",
        "Make a picture of the thing that you hear in this sound.",
        "Show me the thing that can be heard here, as an image.",
        "What would I see if I could look at what is making this sound? Please generate an image.",
        "Listen to my recording, work out what it is, and create a photo of that.",
        "I only have it on audio, so I'd like an illustration that shows what it looks like.",
        "hear that? send me a pic of what it is",
        "Please provide one still picture of the source of the attached sound.",
        "My son heard this in the garden and is curious about how the thing behind it looks, "
        "so would you paint it for him on a single page?",
        "listen to this and draw me what's making the noise",
        "Please create a picture of the thing that can be heard in the attached audio.",
        "I'm making flash cards for my son, who is learning to match sounds with "
        "pictures. I've got the sound here but no picture to go with it, so could you "
        "listen and make an image of whatever is making that sound?",
    ),
    ("audio", "audio"): (
        "Make one more sound of the thing that makes this one.",
        "Let me hear the thing from this recording once more, a bit differently.",
        "Please make the same kind of sound as here again for me.",
        "Can you generate another recording of the same thing, one that isn't a copy of this?",
        "Work out what is making this sound, then produce a brand new audio clip of it.",
        "I need a second sound effect of the kind attached, so create one and leave mine alone.",
        "more audio like this, but a new take",
        "Please record a new sound from the same kind of source as in the attached file.",
        "If I use this one sound over and over in my game, players will notice, so give me a "
        "fresh variation to listen to that comes from the same sort of thing.",
        "got this sound, can u make me a new one of the same thing",
        "Please listen to the attached audio and generate a new sound recording of the "
        "same thing that is heard in it.",
        "I've been using this sound in my podcast, but it isn't mine and I don't want to "
        "get in trouble. Could you work out what it is and make me a fresh sound of the "
        "same thing, and not just a cut or cleaned up copy of this file?",
    ),
    ("audio", "video"): (
        "Make a video of whatever makes the noise in this recording.",
        "Show me a clip of the thing that you hear in this sound.",
        "I want to watch the thing that can be heard here move about.",
        "I can hear it in this recording but I can't see it. Could you generate a video of it?",
        "Listen to the attached file and produce a few seconds of footage of what made the sound.",
        "I'd like a video in which I see the source of this sound in action.",
        "whatever's making this sound, do me a vid of it",
        "Please create a short moving scene that shows the source of the attached sound.",
        "My class has already listened to this recording, and because children learn better "
        "by watching, I want to follow it with a brief film showing the thing they heard.",
        "make a video of the thing u hear in this recording",
        "Please listen to the attached sound file and create a short video showing what "
        "is making the sound.",
        "I lead a group for older people and we play a game where they guess a sound and "
        "then I show the answer on the screen. Could you listen to this one and make me a"
        " short video of the thing you hear, so I can use it as the answer?",
    ),
    ("video", "text"): (
        "Which thing moves in this clip? One word will do.",
        "Tell me what the attached video has in it.",
        "Describe the attached video to someone who cannot watch it.",
        "What is it that I'm seeing in this video? Please answer in writing.",
        "Watch my clip and write a one-sentence summary of what is in it.",
        "I need a title for this footage, just the name of what appears in it.",
        "what's in this vid?",
        "Please identify the subject of the attached video in one written sentence.",
        "My old player won't show videos at the moment and a friend sent me this one, so could "
        "you type out for me what it shows?",
        "hey what's in this video?",
        "Please watch the attached video and tell me in words what it shows.",
        "My cousin sent me this clip but my tablet is old and the video won't play on it. "
        "Could you watch it for me and just tell me what thing is in it so I know what "
        "she's talking about?",
    ),
    ("video", "image"): (
        "Make a picture of the thing that moves in this clip.",
        "Draw the thing from this video, standing still.",
        "Show me the thing in this clip once more, as an image.",
        "Could you paint a new picture of what appears in my video, without cutting out a frame?",
        "Watch this clip, then generate a separate still image of what you saw.",
        "I'd like to have whatever is moving in this footage as a newly created photo.",
        "saw this vid, now do me a fresh drawing of what's in it",
        "Please create one new still image with the same subject as this video.",
        "I'm printing a poster and a screenshot from this video would look too blurry, so "
        "design a sharp, all-new photograph of the thing it features instead.",
        "watch this and make me a new picture of the same thing, not a screenshot",
        "Please create a new picture of the thing that is shown in the attached video.",
        "I'd like a poster of what you see in this video, but the quality is too poor to "
        "just grab a frame from it. Could you make me a completely new image of the same "
        "thing instead?",
    ),
    ("video", "audio"): (
        "What would the thing in this clip sound like? Play it to me.",
        "Make the sound that belongs to the thing in this silent video.",
        "Let me hear the noise of the thing that moves in this clip.",
        "This video has no sound. Can you generate an audio file of what I should be hearing?",
        "Watch the attached footage, then create a sound effect for what appears in it.",
        "I can see it move in my clip, and now I'd like some audio so that I can hear it too.",
        "no sound on this vid, what would it sound like? send me audio",
        "Please produce a new sound recording that fits the subject of this video.",
        "As my microphone was switched off while I was filming this, I have nothing to "
        "listen to, so please invent a realistic noise for the thing on "
        "screen and send it as a separate audio file.",
        "make the sound that the thing in this video makes",
        "Please watch the attached clip and create an audio file of the sound that the "
        "thing in it makes.",
        "I filmed this on holiday but the microphone was broken, so there's "
        "nothing to hear. Could you see what's in the video and make me a sound file of "
        "the noise it would normally make?",
    ),
    ("video", "video"): (
        "Make one more video of the thing that this one shows.",
        "Film the thing from this clip once more, moving in another way.",
        "Please make a new clip with the same kind of thing as here.",
        "Could you create a different video with the same subject as the one I uploaded?",
        "Don't cut or edit this footage, generate new footage of what appears in it.",
        "I enjoyed watching this, so I'd like another video, made from scratch, of the same thing.",
        "another vid like this one pls, all new",
        "Please record a fresh clip featuring the same subject as the attached one.",
        "Since my channel needs two videos a week and I have only this one, put together an "
        "extra video for me, set somewhere else, with the same sort of thing in it.",
        "can i get a new video of the same thing as this one",
        "Please watch the attached video and generate a new video that shows the same thing.",
        "I teach evening classes and I'd like a second example to go with this clip. "
        "Could you look at what it shows and make me a completely new video of that same "
        "thing? I don't want an edited version of the one I've sent.",
    ),
}


def writer_of(pair: tuple[Modality, Modality], asked: str) -> str:
    """Whose wording a request of the matrix is; empty for none of its pair."""
    for place, wording in enumerate(PHRASINGS[pair]):
        head, _, tail = wording.partition("{}")
        if asked.startswith(head) and asked[len(head) :].endswith(tail):
            return _WRITERS[place // _EACH]
    return ""


def is_wording(request: str) -> bool:
    """Whether a request is worded as the matrix asks, whatever text it gives, case and commas."""
    return _pattern().fullmatch(_normal(request)) is not None


@cache
def _pattern() -> re.Pattern[str]:
    several = (_normal(text.replace("{}", " given ")) for row in PHRASINGS.values() for text in row)
    return re.compile("|".join(re.escape(text).replace("given", ".+") for text in several))


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    print("\n".join(text for row in PHRASINGS.values() for text in row))
