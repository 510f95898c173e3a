"""What the words of an edit or a motion ask for, as nano can do it: plain reading, no model.

An instruction is cut into clauses; each rule takes the words that it understands out of a clause,
so that "on a green meadow" is a place and no colour. Several edits in one instruction are all
found. Words that only tell which thing is meant ("make the red car bigger") ask for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from modaverse_tools import nano_words

__all__ = ["CAMERA", "COLOURS", "Edit", "Where", "motion_of", "read", "remark"]

Where = Literal["all", "thing", "ground"]

#: Colours by name, red, green and blue in 0..255: those that the nano models were taught.
COLOURS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (220, 40, 40), "orange": (245, 140, 30), "yellow": (250, 215, 50),
    "green": (60, 170, 70), "blue": (50, 100, 225), "purple": (140, 70, 190),
    "pink": (250, 140, 190), "brown": (135, 85, 50), "black": (45, 45, 50),
    "white": (245, 245, 245), "gray": (150, 150, 155),
}  # fmt: skip
#: Motions of the whole picture, beside those of a thing in `nano_open.MOTIONS`.
CAMERA: Final = ("zoom in", "zoom out", "pan left", "pan right", "pan up", "pan down")

_MORE_COLOURS: Final = {
    "red": "redder reddish scarlet crimson ruby maroon burgundy cherry-red vermilion",
    "orange": "amber apricot coral orangey",
    "yellow": "golden gold yellower yellowish blond blonde mustard",
    "green": "emerald greener greenish lime olive mint turquoise-green khaki",
    "blue": "azure navy bluer bluish turquoise cyan teal aqua cobalt sky-blue",
    "purple": "violet lilac lavender mauve indigo plum purplish",
    "pink": "rosy magenta fuchsia pinkish pinker rose-coloured salmon",
    "brown": "chestnut tan beige bronze copper brownish hazel",
    "black": "jet-black ebony blacker pitch-black",
    "white": "snow-white ivory cream whiter whitish",
    "gray": "grey silver charcoal greyish grayish silvery",
}
_SHADE: Final = r"(?:(?:light|dark|deep|bright|pale|pastel|hot|neon|royal|soft|baby)[- ])?"
_MORE_PLACES: Final = {
    "beach": "beach|seaside|seashore|shore|coast|sand",
    "sea": "sea|ocean|lake|river|pond|water|waves",
    "underwater": "under water|underwater|under the water|sea floor|seabed|below the sea|coral reef"
    "|bottom of the sea",
    "sky": "blue sky|in the skies|in the clouds|among the clouds|midair|mid-air|cloudy sky"
    "|clear sky|in the air",
    "meadow": "meadow|field|grass|lawn|park|garden|pasture|grassland|farm",
    "forest": "forest|woods|jungle|woodland|rainforest",
    "desert": "desert|dunes|sahara",
    "snow": "snow|winter|ice|arctic|snowfield|antarctica",
    "city": "city|street|streets|town|downtown|skyscrapers|metropolis",
    "space": "outer space|space|galaxy|universe|cosmos|on the moon|on mars|milky way",
    "night": "night|nighttime|night-time|midnight|moonlight|starry sky|night sky|moonlit",
    "sunset": "sunset|dusk|sunrise|dawn|twilight|evening|nightfall",
    "mountains": "mountains|mountain|hill|hills|alps|mountainside",
    "room": "room|kitchen|indoors|living room|bedroom|table|at home",
}
#: Words for things that an instruction uses for something else.
_AMBIGUOUS: Final = frozenset({
    "shade", "toy", "master", "snap", "video", "machine", "electric", "variable", "setter", "down",
    "pointer", "heap", "cable", "kiss", "compact", "convertible", "whistler", "present",
})  # fmt: skip
_GROUND: Final = r"(?:back ?ground|back ?drop|surroundings|scenery|behind it)"
_SCENE: Final = r"(?:sky|grass|sea|water|floor|wall|sand|snow|street|ground|lawn|wallpaper)"
_ANY: Final = (
    r"(?:it|this|that|him|her|them|(?:the |this |that |my |his |its )?(?:picture|image|photo|thing"
    r"|object|subject|animal|one|photograph|drawing|everything|figure|character))"
)
_WHICH: Final = r"(?:the|this|that|my|his|her|its|our|your|their)"
_KEPT = re.compile(
    r"\b(?:(?:do not|don't|dont|never|please not|without) (?:\w+ )*?(?:change|chang\w+|touch\w*"
    r"|mak\w+|alter\w*|turn\w*|paint\w*|mov\w+|let|affect\w*|replac\w+|remov\w+|jump\w*|spin\w*"
    r"|zoom\w*|add\w*)\b|keep(?:ing)?\b|leav(?:e|ing) (?!just|only)|.*\bstays?\b|no changes?\b).*"
)
_NOT_BUT = re.compile(
    r"\b(?:not|no longer) (?!so\b|as\b|too\b|only\b)(?:[\w-]+ )*?(?=but\b|rather\b)"
)
_OLD = re.compile(r"\bfrom (?:being )?(?:an? |the )?[\w-]+(?= (?:to|into)\b)")
_READ: Final = 1000  # characters of an instruction; the patterns take long over a whole book
_LESS = r"(?:less|not so|not as|not that|too|not too)"


@dataclass(frozen=True)
class Edit:
    """One change of a picture.

    Attributes:
        kind: "colour", "ground", "thing" and "add" have a name as value, and so have "tone" (gray,
            sepia, negative, warm, cold, vivid, pale), "style" (cartoon, painting, pencil, pixels),
            "mirror" (x, y), "crop" (square, thing), "remove" (thing) and "place" ("left,top").
            "size" and "light" have a factor, "turn" degrees clockwise, "blur" a strength, negative
            for sharper.
        value: As the kind says.
        where: What of the picture it changes.
    """

    kind: str
    value: str | float
    where: Where = "all"


class _Clause:
    """Words that are taken out as they are understood."""

    def __init__(self, text: str) -> None:
        self.text = f" {text} "

    def take(self, pattern: str) -> re.Match[str] | None:
        """The first match, taken out; None if there is none."""
        found = re.search(rf"\b(?:{pattern})(?![\w-])", self.text)
        if found is not None:
            self.text = f"{self.text[: found.start()]} | {self.text[found.end() :]}"
        return found

    def has(self, pattern: str) -> bool:
        """Whether the words are still there."""
        return re.search(rf"\b(?:{pattern})(?![\w-])", self.text) is not None


def read(prompt: str) -> tuple[Edit, ...]:
    """What an instruction asks for, each kind and part of the picture once, the last word winning.

    Args:
        prompt: In English; "make the dog red and the background blue".
    """
    found: dict[tuple[str, Where], Edit] = {}
    for clause in _clauses(prompt):
        for rule in _RULES:
            for edit in rule(clause):
                found[edit.kind, edit.where] = edit
    return tuple(found.values())


def motion_of(prompt: str) -> str | None:
    """The motion that a prompt names, as `MOTIONS` or `CAMERA` do; None if it names none."""
    for clause in _clauses(prompt):
        for name, pattern in _MOTION_WORDS:
            if clause.has(pattern):
                return name
    return None


def remark(prompt: str) -> str:
    """What to tell a person of whose instruction nothing was understood."""
    shown = " ".join(prompt.split())
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    return (
        "nano can recolour, replace, move, resize, turn, light or blur the thing in a picture and "
        f'change its ground; nothing of that is in "{shown}", so the picture is as it was'
    )


def _clauses(prompt: str) -> Iterator[_Clause]:
    """The clauses of an instruction, without those that say what is to stay."""
    text = " ".join(prompt[:_READ].lower().replace("\u2019", "'").split())
    text = re.sub(r"\bblack ?(?:and|&|n|'n') ?white\b|\bb ?& ?w\b", "monochrome", text)
    text = _NOT_BUT.sub("", _OLD.sub("", text))
    text = re.sub(r"\bbut (?=\w+ (?:background|picture))|\brather than [\w ]+", "", text)
    text = re.sub(r"\binstead of (?:the |an? )?[\w-]+(?: one)?,", "", text)
    parts = re.split(
        r"[,;.!?:]| and (?!yellow stripes)| then | but | plus |(?= without chang)", text
    )
    for part in parts:
        words = " ".join(part.split())
        if not words or _KEPT.fullmatch(words):
            continue
        words = _KEPT.sub("", words)
        if words.strip():
            yield _Clause(words.strip())


def _where(clause: _Clause, *, thing: bool = False) -> Where:
    """What part of the picture a clause speaks of."""
    if clause.has(f"{_GROUND}|{_SCENE}"):
        return "ground"
    if thing and any(True for _ in _named(clause.text, rf"{_WHICH} ")):
        return "thing"
    return "all"


def _tones(clause: _Clause) -> Iterator[Edit]:
    """Colours and style of the picture as a whole."""
    known = {
        "gray": r"monochrome|gr[ae]y ?scale|desaturate\w*|colou?rless|without colou?rs?"
        r"|(?:remove|take out|drop) (?:all )?(?:the )?colou?rs?|shades of gr[ae]y",
        "sepia": r"sepia(?: tones?)?|vintage|old[- ]fashioned|look old|antique",
        "negative": r"(?:invert|negate)\w*(?: (?:the|its|all))?(?: colou?rs)?|negative",
        "warm": r"warmer|more warmth|warm (?:light|colou?rs|tones?)",
        "cold": r"colder|cooler|cold (?:light|colou?rs|tones?)",
        "vivid": r"(?:more )?(?:colou?rful|vivid|vibrant|saturated|lively colou?rs)|saturate",
        "pale": r"(?:paler|washed out|faded|less colou?rful|less saturated)",
    }
    for name in ("pale", *(key for key in known if key != "pale")):
        if clause.take(known[name]):
            yield Edit("tone", name, _where(clause))


def _styles(clause: _Clause) -> Iterator[Edit]:
    known = {
        "cartoon": r"cartoon|comic|anime|poster|clip ?art|pop art",
        "pencil": r"pencil (?:sketch|drawing)|sketch|line drawing|drawing in pencil",
        "painting": r"(?:oil |acrylic )?painting|water ?colou?r|impressionist\w*|painted look",
        "pixels": r"pixel ?art|pixels|pixelated?|8[- ]bit|mosaic",
    }
    verbs = r"(?:as|like|into|look like|in the style of|style|to|be|make it|turn it)"
    for name, words in known.items():
        if clause.take(rf"{verbs} (?:an? |the )?(?:[\w-]+ )?(?:{words})(?: picture| style)?"):
            yield Edit("style", name)
        elif re.fullmatch(rf"\W*(?:an? )?(?:{words})(?: style)?\W*", clause.text):
            clause.take(words)
            yield Edit("style", name)


def _removals(clause: _Clause) -> Iterator[Edit]:
    """What is to go: the ground, or the thing."""
    away = (
        r"(?:remove|delete|erase|cut out|take out|take away|drop|get rid of|hide|without|no|lose)"
    )
    if clause.take(r"(?:only|just|nothing but|leave (?:just|only)|keep (?:just|only)) "
                   rf"(?:the )?(?:empty )?(?:{_GROUND}|{_SCENE})|empty(?: scene| background)?"
                   r"|nobody in it"):  # fmt: skip
        yield Edit("remove", "thing")
        return
    ground = (
        rf"{away} (?:the |its |any )?(?:whole |entire )?{_GROUND}|transparent(?: {_GROUND})?"
        rf"|{_GROUND} (?:away|removed|gone|out)|isolate {_ANY}|nothing else"
    )
    only = (
        r"(?:only|just|nothing but|cut out|isolate) (?:show )?(?:the |this |that )(?:[\w-]+ ?){1,2}"
    )
    if clause.take(ground) or (_any_thing(clause, only) and clause.take(only)):
        clause.take(f"make the {_GROUND}|{_GROUND}")
        yield Edit("ground", "white")
        return
    taken = rf"(?:{away[3:-1]}|take) {_WHICH} (?P<x>[\w -]+?)(?: (?:from|out|away|off)\b.*)?"
    match = re.fullmatch(rf"\W*(?:\w+ )??(?:{taken})\W*", clause.text)
    generic = re.search(rf"\b{away} {_ANY}(?: \w+)*\W*$", clause.text)
    if generic or (match and _thing_in(match["x"])):
        clause.text = ""
        yield Edit("remove", "thing")


def _additions(clause: _Clause) -> Iterator[Edit]:
    if clause.has(r"replac\w+|swap|trade|exchange|chang\w+|substitut\w+"):
        return
    verbs = (
        r"(?:add|insert|draw|also|with|put|next to|beside|wearing|include"
        r"|give (?:it|him|her|them|the [\w ]+?))"
        r"(?: (?:on|in|another|one more))?"
    )
    for name, span in _named(clause.text, rf"{verbs} (?:an? |another |some |one |the )?"):
        article = re.search(r"\b(?:an?|another|some|one) ", span)
        if article or span.split()[0] in ("add", "insert", "wearing"):
            clause.text = clause.text.replace(span, " | ")
            clause.take(rf"(?:on|to|over|beside|next to|above) (?:it|him|her|{_WHICH} [\w-]+)")
            yield Edit("add", name)
            return


def _replacements(clause: _Clause) -> Iterator[Edit]:
    """Another thing in place of the one that is there."""
    one = r"(?:an? |some |the )?"
    substitute = r"(?:substitute|swap in) (?:an? |the )?"
    forms: tuple[str, ...] = (
        substitute,
        rf"(?:into|to|with|by|for|become|becomes|be|as|it'?s) {one}",
        r"(?:make|turn) (?:it|this|that|him|her|(?:the|my) [\w-]+) an? ",
    )
    if clause.has(r"instead|in place") or clause.has(r"rather an?"):
        forms = (*forms, r"an? ", r"")
    verb = clause.has(r"turn\w*|chang\w+|transform\w*|convert\w*|replac\w+|swap|trade|exchange|make"
                      r"|substitut\w+|becomes?|be|as|instead|in place|morph\w*")  # fmt: skip
    if not verb and not clause.has(r"zoom|crop|put|place|move|add"):
        forms = (r"an? ",)
    elif not verb:
        return
    for form in forms:
        for name, span in _named(clause.text, form):
            clause.text = clause.text.replace(span, f" {_colours_in(span)} | ", 1)
            clause.take(r"(?:instead of|in place of|for) (?:the|this|that|my) [\w-]+(?: \w+)?")
            yield Edit("thing", name)
            return


def _grounds(clause: _Clause) -> Iterator[Edit]:
    """A place or a plain colour behind the thing, or its colour laid over what is there."""
    clause.text = _unidentified(clause.text)
    colour = rf"{_SHADE}(?:{_colour_words()})"
    gone = clause.take(r"(?:instead of|in place of) (?:the |an? )?[\w-]+(?: one)?")
    plain = (
        rf"{colour} (?:colou?red )?{_GROUND}|{_GROUND}(?: colou?r)?(?: \w+){{0,3}}? {colour}"
        rf"|(?:against|on|before) (?:an? |plain |solid )*{colour}(?! \w+ing)(?=\W*$)"
    )
    for wording, name in _place_words():
        stem = rf"(?:(?:{_SHADE}(?:{_colour_words()})|starry|snowy|sandy|sunny|big|dark|hot) )?"
        if clause.has(wording) and not clause.has(rf"{wording} (?:is )?(?:\w+ )??{colour}\W*$"):
            if re.search(rf"\b(?:make|paint|turn|colou?r) the {_SCENE}\b", clause.text):
                continue
            if clause.has(r"(?:re)?colou?r|paint|dye") and not clause.has(
                rf"(?:in|on|at|under|by) (?:the |an? )?(?:\w+ )?{wording}|{_GROUND}|{wording}\W*$"
            ):
                continue
            if clause.take(rf"(?:{_GROUND} (?:to |into |with |by |be )?(?:an? |the )?)?"
                           rf"{stem}{wording}"):  # fmt: skip
                clause.take(_GROUND)
                yield Edit("ground", name)
                return
    if match := clause.take(plain):
        yield Edit("ground", _colour_name(match))
    elif clause.has(_SCENE) and (match := clause.take(colour)):
        yield Edit("colour", _colour_name(match), "ground")
    elif gone and clause.has(_GROUND) and (match := clause.take(colour)):
        yield Edit("ground", _colour_name(match))


def _colours(clause: _Clause) -> Iterator[Edit]:
    clause.text = _unidentified(clause.text)
    clause.take(r"less [\w-]+")
    matches = list(re.finditer(rf"\b{_SHADE}(?:{_colour_words()})(?![\w-])", clause.text))
    if matches:
        yield Edit("colour", _colour_name(matches[-1]))


def _light(clause: _Clause) -> Iterator[Edit]:
    thing = _where(clause, thing=True)
    up, down = (
        r"(?:bright|light)(?:er|en)?(?: it)?(?: up)?",
        r"(?:dark(?:er|en)?|dim(?:mer)?|gloom\w*)",
    )
    amount = _amount(clause.text)
    for less, words, sign in (
        (True, r"(?:bright|light|pale)", -1), (True, r"(?:dark|dim)", 1),
        (False, rf"(?:{up}|more light|overexpose\w*)", 1), (False, rf"(?:{down}|less light)", -1),
    ):  # fmt: skip
        bare = r"(?<!the )(?<!in )" if words.startswith("(?:(") else ""
        if clause.take(rf"{_LESS} {words}" if less else rf"{bare}{words}"):
            yield Edit("light", 1.35 ** (sign * amount), thing)
            return


def _blur(clause: _Clause) -> Iterator[Edit]:
    amount = _amount(clause.text)
    if clause.take(
        rf"{_LESS} (?:blurr\w*|soft|fuzzy)|sharp(?:en|er)?|(?:more )?(?:crisp\w*|in focus)"
    ):
        yield Edit("blur", -amount, _where(clause))
    elif clause.take(rf"{_LESS} sharp|blur(?:r\w*)?|out of focus|soft(?:en|er)|fuzzy|bokeh"):
        yield Edit("blur", amount, _where(clause))


def _turns(clause: _Clause) -> Iterator[Edit]:
    back = clause.has(r"counter-?\s?clockwise|anti-?clockwise|counterclockwise|left")
    sign = -1 if back else 1
    named = any(True for _ in _named(clause.text, rf"{_WHICH} "))
    own = named or clause.has(
        r"look\w*|fac(?:e|ing)|on its (?:side|head)|lay|tilt\w*|lean|slant\w*"
    )
    where: Where = "thing" if own else "all"
    way = r"(?: (?:counter|anti)?-?clockwise| (?:to the )?(?:left|right)| round| around)?"
    verb = r"(?:rotat\w+|turn\w*|tilt\w*|lean\w*|lay|put)"
    if clause.take(
        r"(?:mirror\w*|flip\w*|reflect\w*) .*?(?:vertical\w*|top to bottom|upside down)"
    ):
        yield Edit("mirror", "y", where)
    elif clause.take(
        r"mirror(?:ed)?(?: image)?(?: horizontally)?|flip\w*.*?(?:horizontal\w*|left to right)?"
        r"|reflect\w*|(?:the )?(?:other|opposite) (?:direction|way)(?: round)?|reversed"
        r"|(?:look|fac\w+)\w* (?:to the )?(?:left|right)"
    ):
        clause.take("left to right|horizontally")
        yield Edit("mirror", "x", where)
    elif clause.take(
        rf"(?:{verb} (?:it |{_WHICH} \w+ )?)?(?:upside[- ]down|on its head|half a turn)"
    ):
        yield Edit("turn", 180.0, where)
    elif match := clause.take(
        rf"(?:by )?(?P<n>\d{{1,3}}) ?(?:degrees?|deg|°)?{way}"
        if clause.has(verb)
        else r"(?P<n>\d{1,3}) ?(?:degrees?|°)"
    ):
        clause.take(rf"{verb}|counterclockwise|anti-?clockwise")
        yield Edit("turn", float(sign * int(match["n"])), where)
    elif clause.has(rf"{verb}|on its side") and clause.take(
        rf"(?:{verb} (?:{_ANY} )?)?(?:by )?(?:a )?quarter(?: turn)?{way}|on its side"
        rf"|rotat\w+(?: {_ANY})?{way}|turn (?:{_ANY} )?(?:to the )?(?:left|right|clockwise)"
    ):
        yield Edit("turn", 90.0 * sign, where)
    elif clause.take(rf"(?:tilt|lean(?!ing)|slant)\w*{way}"):
        yield Edit("turn", 15.0 * sign, where)


def _crops(clause: _Clause) -> Iterator[Edit]:
    if match := clause.take(r"(?:only|just|crop\w*) .*?(left|right|top|bottom|upper|lower) half"):
        half = re.search(r"left|right|top|bottom|upper|lower", match[0])
        names = {"upper": "top", "lower": "bottom"}
        yield Edit("crop", names.get(half[0], half[0]) if half else "square")
    elif clause.take(r"(?:crop\w*|cut) .*?square|square(?: format| crop)?"):
        yield Edit("crop", "square")
    elif clause.take(r"(?:crop\w*|zoom\w*)(?: .*)?|close-?up"):
        yield Edit("crop", "thing")


def _sizes(clause: _Clause) -> Iterator[Edit]:
    amount = _amount(clause.text)
    large = r"(?:big|large|huge|giant|enormous|tall|close)"
    small = r"(?:small|tiny|little|short)"
    ways = (
        (rf"{_LESS} {large}", -1), (rf"{_LESS} {small}", 1),
        (r"half (?:as (?:big|large)|the size|its size)|halve", -2),
        (r"(?:twice (?:as (?:big|large)|the size|its size)|double(?: (?:its|the) size)?)", 2),
        (r"(?:bigger|larger|enlarge\w*|huge|giant|gigantic|enormous|taller|closer|scale \w* ?up"
         r"|grow|big|large|blow \w+ up|magnify|more prominent|fill the picture)", 1),
        (r"(?:smaller|shrink\w*|tiny|reduce\w*|scale \w* ?down|farther away|further away|minute"
         r"|miniature|small|further back|shorter)", -1),
    )  # fmt: skip
    for words, sign in ways:
        if clause.take(words):
            factor = amount if abs(sign) == 1 else 2.0
            yield Edit("size", 1.4 ** (sign * factor if abs(sign) == 1 else sign))
            return


def _places(clause: _Clause) -> Iterator[Edit]:
    clause.take(r"(?:tone|calm|slow|water)\w* down")
    ways = {
        "left": r"left(?: (?:side|edge|half))?", "right": r"right(?: (?:side|edge|half))?",
        "top": r"top|upper|up|higher(?: up)?|above", "bottom": r"bottom|lower|down|below",
        "middle": r"(?:in|into|to) the (?:middle|cent(?:er|re))|cent(?:er|re)d?",
    }  # fmt: skip
    found = [name for name, words in ways.items() if clause.take(words)]
    if found and not ({"left", "right"} <= set(found) or {"top", "bottom"} <= set(found)):
        yield Edit("place", ",".join(found))


_RULES: Final[tuple[Callable[[_Clause], Iterator[Edit]], ...]] = (
    _tones, _styles, _removals, _additions, _replacements, _grounds, _turns, _crops, _light, _blur,
    _sizes, _places, _colours,
)  # fmt: skip

_MOTION_WORDS: Final = tuple(
    (name, pattern)
    for name, pattern in (
        ("zoom in", r"zoom\w*(?: slowly)? (?:in|into|onto|on|towards?|closer)|zoom(?!\w* out)"),
        ("zoom out", r"zoom\w*(?: slowly)? out|zoom\w* away"),
        ("pan right", r"(?:pan|camera)\b.*\b(?:to the|towards the|to) right|pan right|pan"
         r"(?!.*\b(?:left|up|down)\b)"),
        ("pan left", r"(?:pan|camera)\b.*\bleft"),
        ("pan up", r"(?:pan|camera)\b.*\b(?:up|upwards?)"),
        ("pan down", r"(?:pan|camera)\b.*\b(?:down|downwards?)"),
        ("bouncing", r"(?:bounc|jump|hop|leap|skip)\w*"),
        ("moving to the left", r"left"),
        ("moving to the right", r"(?:to the |go |going |move |moves |goes |run |runs )?right"),
        ("spinning", r"(?:spin|rotat|twirl|roll|revolv|whirl|tumbl|pirouett)\w*"
         r"|turn\w*(?: \w+)? (?:around|round)|cartwheels?|somersaults?|loop"),
        ("swinging", r"(?:swing|sway|rock(?!et)|tilt|nod|pendulum|lean)\w*"),
        ("shaking", r"(?:shak|trembl|danc|vibrat|wobbl|shiver|wiggl|jiggl|quiver|rattl|twitch"
         r"|wav(?:e|ing)|flicker|swish|flutter|bark|laugh|buzz)\w*"),
        ("shrinking", r"shrink\w*|smaller|disappear\w*|vanish\w*|go(?:es|ing)? (?:far )?away"
         r"|further away|farther away|reced\w+|fad(?:e|es|ing) away|dwindl\w*"),
        ("growing", r"grow\w*|bigger|larger|closer|approach\w*|expand\w*|swell\w*|inflat\w*"
         r"|towards? (?:me|us|the camera)"),
        ("rising", r"ris(?:e|es|ing)|(?:tak|lift)\w* off|fl(?:y|ies|ying)|up|upwards?|float\w*"
         r"|soar\w*|ascend\w*|climb\w*|launch\w*|blast\w*"),
        ("falling", r"fall\w*|drop\w*|sink\w*|down|downwards?|descend\w*|plung\w*|div(?:e|es|ing)"),
        ("moving to the right", r"(?:driv|run|walk|mov|sail|swim|rid|go|travel|race|leav|roll|crawl"
         r"|gallop|march|chas|cross)\w* (?:off|away|along|past|by|forward\w*|ahead|across|over"
         r"|through)"
         r"|runs?|running|walk\w*|driv\w+|sail\w*|sw[iu]m\w*|gallop\w*|crawl\w*|rac(?:es?|ing)"
         r"|leaves?|march\w*|travel\w*"),
    )
)  # fmt: skip


def _amount(text: str) -> float:
    """How much, 1 where it is not said."""
    if re.search(r"\b(?:a (?:little|bit|touch|shade|tad)|slightly|somewhat)\b", text):
        return 0.5
    return 2.0 if re.search(r"\b(?:much|a lot|far|way|very|really|extremely)\b", text) else 1.0


def _unidentified(text: str) -> str:
    """Without the colours that only tell which thing is meant, as in "the red car"."""
    tone = rf"colou?r|tone|shade|one(?= instead)|{_GROUND}(?=\W*$)"
    meant = rf"\b({_WHICH}) {_SHADE}(?:{_colour_words()}) (?!(?:{tone})\b)(?=[a-z])"
    text = re.sub(meant, r"\1 ", text)
    return re.sub(rf"\b(the) (?:{_colour_words()}) ({_GROUND})(?= \w)", r"\1 \2", text)


@cache
def _colour_words() -> str:
    words = [word for name, more in _MORE_COLOURS.items() for word in (name, *more.split())]
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


@cache
def _colours_by_word() -> dict[str, str]:
    return {word: name for name, more in _MORE_COLOURS.items() for word in (name, *more.split())}


def _colour_name(match: re.Match[str]) -> str:
    """The name of the last colour in what a match found."""
    words = re.findall(rf"(?<![\w-])(?:{_colour_words()})(?![\w-])", match[0])
    return _colours_by_word()[words[-1]]


def _colours_in(text: str) -> str:
    found = re.search(rf"\b{_SHADE}(?:{_colour_words()})(?![\w-])", text)
    return found[0] if found else ""


@cache
def _place_words() -> tuple[tuple[str, str], ...]:
    """Patterns for places, the longest first, each with the place's name."""
    told = nano_words.places()
    found = [
        (re.escape(word), name)
        for name, more in _MORE_PLACES.items()
        for word in {*more.split("|"), *told.get(name, ())}
    ]
    return tuple(sorted(found, key=lambda item: (-len(item[0]), item)))


@cache
def _thing_words() -> tuple[str, dict[str, str]]:
    """A pattern of all words for things, and their names."""
    names: dict[str, str] = {}
    for name, words in nano_words.things().items():
        for word in set(words) - _AMBIGUOUS:
            names.setdefault(word, name)
        names[name] = name
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(map(re.escape, ordered)), names


def _named(text: str, before: str) -> Iterator[tuple[str, str]]:
    """Things named right after the pattern: their names, and the whole span."""
    words, names = _thing_words()
    some = r"(?:[a-z-]+ )??"
    for match in re.finditer(rf"\b{before}{some}(?P<t>{words})(?![\w-])", text):
        yield names[match["t"]], match[0]


def _thing_in(text: str) -> bool:
    words, _ = _thing_words()
    return (
        re.search(rf"\b(?:{words}|man|woman|person|boy|girl|people|thing|object)\b", text)
        is not None
    )


def _any_thing(clause: _Clause, pattern: str) -> bool:
    """Whether the words of a pattern name a thing, or one in general."""
    match = re.search(rf"\b(?:{pattern})", clause.text)
    return match is not None and _thing_in(match[0])
