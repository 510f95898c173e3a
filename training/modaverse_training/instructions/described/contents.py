"""What people hand to a described tool: file names, web addresses, subjects, passages of text."""

# ruff: noqa: E501 - the tables hold one passage a line

from __future__ import annotations

import re
from random import Random

__all__ = ["address", "file_name", "instruction", "passage", "subject"]

_ENDINGS = {
    "image": ("jpg", "jpg", "png", "jpeg"),
    "audio": ("wav", "mp3", "mp3", "wav", "flac"),
    "video": ("mp4", "mp4", "mp4", "avi", "mov"),
    "text": ("txt", "txt", "docx", "pdf"),
}
_STEMS = (
    "example", "example", "example", "example", "example1", "example2", "sample", "input", "file",
    "test", "holiday", "meeting", "interview", "my_file", "recording", "family", "wedding", "lecture",
    "beach", "old", "clip", "draft", "final", "IMG_2041", "track01", "party", "garden", "concert",
    "birthday", "city", "dog", "project", "notes", "talk", "scan", "demo", "image", "video", "audio",
    "voice", "photo", "document", "article", "song", "speech", "report", "presentation",
)  # fmt: skip
_HOSTS = (
    "www.example.com", "example.com", "www.example.com", "example.org", "www.mysite.net",
    "media.example.net", "www.news-of-today.com", "cdn.archive-files.org", "www.blog-example.com",
)  # fmt: skip
_THEMES = tuple(
    theme.strip()
    for theme in """
    climate change; global warming; renewable energy; solar power; electric cars; artificial
    intelligence; machine learning; deep learning; robots; space travel; the solar system; black holes;
    the moon landing; healthy food; a healthy diet; vegetarian cooking; Italian cuisine; baking bread;
    chocolate cake; coffee; tea; yoga; meditation; fitness; running a marathon; football; basketball;
    tennis; swimming; mountain climbing; hiking; travelling in Japan; a trip to Paris; Rome; New York;
    beaches; tropical islands; the ocean; coral reefs; whales; dolphins; dogs; cats; cute puppies;
    kittens; elephants; lions; birds; butterflies; bees; wild flowers; gardening; trees; rain forests;
    deserts; waterfalls; sunsets; a sunset over the sea; northern lights; storms; earthquakes; volcanoes;
    dinosaurs; ancient Egypt; the Roman Empire; the Middle Ages; the French Revolution; world history;
    classical music; jazz; guitar lessons; piano music; modern art; Van Gogh; photography; film history;
    animation; video games; chess; board games; fashion; architecture; interior design; smart homes;
    mobile phones; social media; online marketing; small business; start-ups; personal finance; saving
    money; the stock market; cryptocurrency; remote work; time management; job interviews; leadership;
    education; learning languages; mathematics; physics; chemistry; biology; medicine; mental health;
    sleep; stress; vaccines; water pollution; plastic waste; recycling; public transport; bicycles;
    trains; air planes; ships; castles; fairy tales; poetry; novels; theatre; parenting; weddings;
    birthday parties; Christmas; winter sports; snow; spring; autumn leaves; cyber security; programming
    in Python; web design; data science; quantum computers; 3D printing; drones; farming; wine; pizza
    """.replace("\n", " ").split(";")
)
_THINGS = (
    "a cat sitting on a red chair", "a dog running on the beach", "a house by a lake", "a red sports car",
    "a sunset over the mountains", "a child flying a kite", "a city at night", "a knight on a horse",
    "a spaceship landing on Mars", "a bowl of fruit on a table", "an old man reading a newspaper",
    "people dancing in the rain", "a forest in autumn", "waves on the shore", "a train in the snow",
    "birds singing in the morning", "a busy market", "a girl with a blue umbrella", "a castle on a hill",
    "two friends drinking coffee", "an owl in a tree", "a robot playing the piano", "a thunderstorm",
    "a lion in the savanna", "a boat on a calm river", "a bakery window", "fireworks over a bridge",
)  # fmt: skip
_PASSAGES = tuple(
    line.strip()
    for line in """
    {T} is one of the most discussed subjects of our time.
    Many people are interested in {t}, but few know where it comes from.
    In recent years, {t} has become more and more important for people all over the world.
    The report shows that {t} will change the way in which we live and work.
    Experts say that {t} needs more attention. They met last week to discuss it.
    I have been thinking about {t} since last summer, and I would like to write about it.
    {T} can be difficult to understand at first. With some practice it becomes easier.
    The company announced on Monday that it will spend more on {t} next year.
    Our school has a new course about {t}. It begins in March and is open to everybody.
    There are many ways to think about {t}. Some are old, others are quite new.
    Scientists have found that {t} affects our health, our mood and our sleep.
    We talked about {t} for two hours, and nobody wanted to go home.
    The history of {t} goes back several hundred years.
    Last year, we learned a lot about {t}, and we wish to go on with it.
    {T} brings both opportunities and risks, and governments should respond to them.
    The quick brown fox jumps over the lazy dog.
    The meeting about {t} was moved to Friday. Please bring your notes.
    When I was young, I knew nothing about {t}. Now I cannot live without it.
    """.strip().splitlines()
)
_OPINIONS = (
    "I love this product, it works perfectly!", "The food was terrible and the waiter was rude.",
    "It was an average film, nothing special.", "I am so happy with my new phone.",
    "This is the worst hotel that I have ever been to.", "The service was friendly and fast.",
    "I was disappointed by the second season.", "What a wonderful day, thank you all!",
    "The delivery came late, and the box was broken.", "I really enjoyed the book about {t}.",
    "I do not know what to think of {t}.", "I feel sad and tired today.",
)  # fmt: skip
_FOREIGN = (
    "Bonjour, comment allez-vous ?", "Je voudrais une tasse de café.", "Hola, ¿cómo estás?",
    "Me gusta mucho la música.", "Guten Tag, wie geht es Ihnen?", "Ich habe heute keine Zeit.",
    "Dove si trova la stazione?", "Obrigado pela ajuda.", "La vie est belle.", "El perro es negro.",
    "Das Wetter ist heute schön.", "Où est la bibliothèque ?", "Mi casa es tu casa.",
    "Il fait froid en hiver.", "Wir fahren morgen nach Berlin.", "Buenos días a todos.",
    "Questo libro è molto interessante.", "Vandaag is het mooi weer.",
)  # fmt: skip
_FLAWS = (
    (r"\bis\b", "are"), (r"\bhas\b", "have"), (r"\bwas\b", "were"), (r"\ba\b ", ""), (r"\bthe\b ", ""),
    (r"\bwill\b", "will be"), (r"\bpeople\b", "peoples"), (r"\bmany\b", "much"), (r"\bbeen\b", "be"),
)  # fmt: skip
_INSTRUCTIONS = (
    "make it twice as strong", "a little less", "make it softer", "make it lighter", "as strong as you can",
    "make it sound older", "half as much", "a bit more", "make it deeper", "make it gentle",
)  # fmt: skip


def subject(rng: Random) -> str:
    """What somebody wants to know about: "solar power"."""
    theme = " ".join(rng.choice(_THEMES).split())
    draw = rng.random()
    if draw < 0.15:
        return f"the history of {theme}"
    if draw < 0.25:
        return f"the benefits of {theme}"
    if draw < 0.35:
        return rng.choice(_THINGS).removeprefix("a ")
    return theme


def thing(rng: Random) -> str:
    """What is to be made: "a house by a lake"."""
    draw = rng.random()
    if draw < 0.2:
        return f"{rng.choice(_THINGS)} and {rng.choice(_THINGS)}"
    return subject(rng) if draw < 0.35 else rng.choice(_THINGS)


def file_name(kind: str, rng: Random) -> str:
    """The name of a file: "holiday.mp4"."""
    return f"{rng.choice(_STEMS)}.{rng.choice(_ENDINGS[kind])}"


def address(kind: str, rng: Random) -> str:
    """A web address, of a file of a kind or of a page."""
    scheme = rng.choice(("https://", "https://", "http://", ""))
    host = rng.choice(_HOSTS)
    stem = rng.choice(_STEMS)
    if kind == "text" and rng.random() < 0.7:
        end = rng.choice((f"/{stem}", f"/{stem}.html", "/news/today", "", f"/articles/{stem}"))
    else:
        end = f"/{rng.choice(('', '', 'files/', 'media/'))}{file_name(kind, rng)}"
    return f"{scheme or ('' if host.startswith('www.') else 'http://')}{host}{end}"


def passage(about: str, rng: Random) -> str:
    """A text to work on, of the kind that a description speaks of.

    Args:
        about: The description.
        rng: Decides.
    """
    told = about.lower()
    if "translat" in told and rng.random() < 0.75:
        return rng.choice(_FOREIGN)
    if re.search(r"sentiment|emotion|opinion|review", told) and rng.random() < 0.8:
        return _about(rng.choice(_OPINIONS), rng)
    text = _about(rng.choice((*_PASSAGES, *_OPINIONS[:4])), rng)
    if rng.random() < 0.25:
        text = f"{text} {_about(rng.choice(_PASSAGES), rng)}"
    if re.search(r"\b(urls?|links?|web address)", told):
        at = address("text", rng)
        return rng.choice((f"{text} See {at} for more.", f"Visit {at}. {text}", f"{text} {at}"))
    if re.search(r"\b(grammatic|grammar|errors?|mistakes?|spelling|proofread)", told):
        for flaw, wrong in rng.sample(_FLAWS, len(_FLAWS)):
            text, count = re.subn(flaw, wrong, text, count=1)
            if count and rng.random() < 0.6:
                break
    return text


def instruction(examples: tuple[str, ...], rng: Random) -> str:
    """How something is to be done: what the description gives as an example, or any change."""
    if not examples or rng.random() < 0.08:
        return rng.choice(_INSTRUCTIONS)
    first = rng.choice(examples)
    if re.search(r"\bit\b", first):
        return first + rng.choice(
            ("", "", "", " a little", " by half", " by 50%", " a lot", " twice")
        )
    if rng.random() < 0.15 and (other := rng.choice(examples)) != first:
        return f"{first} and {other}"
    return (
        rng.choice(("", "", "", "more ", "a bit of ", "a lower ", "a higher ", "a different "))
        + first
    )


def _about(template: str, rng: Random) -> str:
    theme = subject(rng)
    return template.replace("{T}", theme[:1].upper() + theme[1:]).replace("{t}", theme)
