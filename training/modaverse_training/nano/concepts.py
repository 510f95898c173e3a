"""The one list of concepts that ties the nano suite's modalities together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from modaverse_tools.nano_edits import COLOURS as COLOURS  # one list for making and for changing


@dataclass(frozen=True)
class Concept:
    """A drawable thing: its name, the drawing that shows it, other words for it.

    Attributes:
        name: The word a caption uses first, in the singular.
        glyph: The code point in Noto Color Emoji that draws it.
        words: Other words that people use for the same thing.
        plural: How two of them are called.
    """

    name: str
    glyph: str
    words: tuple[str, ...] = ()
    plural: str = ""

    def several(self) -> str:
        """The plural of the name."""
        return self.plural or plural(self.name)


def plural(noun: str) -> str:
    """The regular English plural of `noun`."""
    if noun.endswith(("s", "sh", "ch", "x", "z")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


# name | glyph | other words | irregular plural
_DRAWABLE: Final = """
dog|🐶|puppy,hound,doggy,pup
cat|🐱|kitten,kitty
mouse|🐭||mice
rabbit|🐰|bunny,hare
fox|🦊
bear|🐻|grizzly
panda|🐼
koala|🐨
tiger|🐯
lion|🦁
cow|🐮|calf
pig|🐷|piglet,hog
frog|🐸|toad
monkey|🐵|ape,chimpanzee
chicken|🐔|hen,rooster
penguin|🐧
bird|🐦|sparrow,robin
chick|🐤
duck|🦆|mallard
eagle|🦅|hawk,falcon
owl|🦉
wolf|🐺||wolves
horse|🐴|pony,stallion,mare
unicorn|🦄
bee|🐝|bumblebee,wasp
butterfly|🦋
snail|🐌
ladybug|🐞|ladybird,beetle
spider|🕷
turtle|🐢|tortoise
snake|🐍|serpent,cobra
dinosaur|🦕|brontosaurus
octopus|🐙|squid
crab|🦀
fish|🐠|goldfish|fish
dolphin|🐬
whale|🐳
shark|🦈
crocodile|🐊|alligator
zebra|🦓
elephant|🐘
giraffe|🦒
camel|🐫
sheep|🐑|lamb|sheep
goat|🐐
hedgehog|🦔|porcupine
bat|🦇
parrot|🦜
flamingo|🦩
peacock|🦚
swan|🦢
kangaroo|🦘
apple|🍎
pear|🍐
tangerine|🍊|mandarin,clementine
lemon|🍋
banana|🍌
watermelon|🍉|melon slice
bunch of grapes|🍇|grapes|bunches of grapes
strawberry|🍓
cherry|🍒|pair of cherries
pineapple|🍍
coconut|🥥
avocado|🥑
carrot|🥕
ear of corn|🌽|corn,corncob|ears of corn
broccoli|🥦||broccoli
mushroom|🍄|toadstool
loaf of bread|🍞|bread,toast|loaves of bread
cheese|🧀|piece of cheese,wedge of cheese|pieces of cheese
egg|🥚
burger|🍔|hamburger,cheeseburger
pizza|🍕|slice of pizza,pizza slice
hot dog|🌭|hotdog
ice cream|🍦|ice cream cone,soft serve
cake|🍰|piece of cake,slice of cake
birthday cake|🎂
doughnut|🍩|donut
cookie|🍪|biscuit
cup of coffee|☕|coffee,coffee cup,cup of tea,mug|cups of coffee
tree|🌳|oak
palm tree|🌴|palm
pine tree|🌲|fir tree,pine,spruce
cactus|🌵||cacti
sunflower|🌻
rose|🌹
tulip|🌷
maple leaf|🍁|leaf|maple leaves
sun|🌞
moon|🌙|crescent moon
star|⭐
cloud|☁
rainbow|🌈
snowman|⛄||snowmen
fire|🔥|flame,campfire,bonfire|fires
volcano|🌋||volcanoes
car|🚗|automobile,sedan
taxi|🚕|cab
bus|🚌|school bus
fire engine|🚒|fire truck,firetruck
police car|🚓
ambulance|🚑
truck|🚚|lorry,delivery van
tractor|🚜
bicycle|🚲|bike
motorcycle|🏍|motorbike
train|🚂|locomotive,steam engine
helicopter|🚁|chopper
airplane|✈|plane,aeroplane,aircraft,jet
rocket|🚀|spaceship
sailboat|⛵|sailing boat,boat,yacht
ship|🚢|cruise ship,ocean liner
balloon|🎈
house|🏠|home,cottage,hut
castle|🏰|palace,fortress
tent|⛺
church|⛪|chapel
alarm clock|⏰|clock
phone|📱|smartphone,mobile phone,cell phone
laptop|💻|computer,notebook computer
television|📺|tv,tv set
camera|📷
light bulb|💡|lightbulb,lamp
book|📕|novel
pencil|✏
pair of scissors|✂|scissors|pairs of scissors
key|🔑
hammer|🔨
umbrella|☂|parasol
top hat|🎩|hat
crown|👑
pair of glasses|👓|glasses,spectacles,eyeglasses|pairs of glasses
shirt|👕|t-shirt,tee shirt
shoe|👟|sneaker,trainer
gift|🎁|present,gift box
soccer ball|⚽|football,ball
basketball|🏀
tennis racket|🎾|tennis,racket
guitar|🎸|electric guitar
piano|🎹|keyboard
violin|🎻|fiddle
trumpet|🎺
drum|🥁|snare drum
robot|🤖|android
ghost|👻
alien|👽|extraterrestrial
heart|❤|love heart
skull|💀
chair|🪑
bell|🔔
teddy bear|🧸
backpack|🎒|rucksack,school bag
anchor|⚓
candle|🕯
magnet|🧲
telescope|🔭
"""

# name | words that a caption may use for it
_SOUNDING: Final = """
dog|dog barking,barking dog,bark,barking,dog
cat|cat meowing,meow,meowing,cat
cow|cow mooing,moo,mooing,cow
rooster|rooster crowing,cock-a-doodle-doo,rooster,crowing
bird|birds chirping,chirping,birdsong,bird,birds singing,tweeting
frog|frog croaking,croak,croaking,frog
cricket|crickets chirping,crickets,cricket,cicadas
bee|bee buzzing,buzzing,bee,buzz
owl|owl hooting,hooting,owl,hoot
wolf|wolf howling,howling,wolf,howl
horse|horse galloping,galloping,hooves,horse
rain|rain,rainfall,rain falling,drizzle,downpour
thunder|thunder,thunderstorm,thunderclap,storm
wind|wind,wind blowing,gale,howling wind
waves|sea waves,waves,ocean,surf,sea
fire|fire crackling,crackling fire,campfire,fire
stream|stream,brook,running water,river,water flowing
engine|car engine,engine,motor,car,truck engine
siren|siren,police siren,ambulance siren,fire engine
train|train,steam train,train horn,locomotive
helicopter|helicopter,chopper,helicopter blades
clock|clock ticking,ticking,tick tock,clock
alarm|alarm,beeping,alarm clock,beep
phone|phone ringing,telephone,ringtone,phone
bell|bell,church bell,bell ringing,bell tolling
knock|knocking,knock on a door,door knock
footsteps|footsteps,steps,walking
applause|applause,clapping,crowd clapping,audience
heartbeat|heartbeat,heart beating
typing|typing,keyboard typing,typewriter
explosion|explosion,blast,boom
laser|laser,laser gun,zap,sci-fi zap
horn|car horn,honking,horn
whistle|whistle,whistling,referee whistle
piano|piano,piano melody,grand piano
guitar|guitar,acoustic guitar,guitar strumming
violin|violin,fiddle
cello|cello
flute|flute
trumpet|trumpet
saxophone|saxophone,sax
organ|organ,church organ,pipe organ
harp|harp
accordion|accordion
xylophone|xylophone,marimba,glockenspiel
drums|drums,drum beat,drumming,drum kit
bass|bass guitar,bass,double bass
clarinet|clarinet
tuba|tuba
harmonica|harmonica,mouth organ
music box|music box
choir|choir,choir singing,voices singing
banjo|banjo
sitar|sitar
"""

COLOUR_WORDS: Final[dict[str, tuple[str, ...]]] = {
    "red": ("scarlet", "crimson"),
    "orange": (),
    "yellow": ("golden",),
    "green": ("emerald",),
    "blue": ("azure", "navy"),
    "purple": ("violet", "lilac"),
    "pink": ("rosy", "magenta"),
    "brown": ("chestnut",),
    "black": ("jet-black",),
    "white": ("snow-white",),
    "gray": ("grey", "silver"),
}
PLACES: Final[dict[str, tuple[str, ...]]] = {
    "beach": ("on a beach", "at the beach", "on the sand by the sea", "on the shore"),
    "sea": ("in the sea", "in the ocean", "on the water", "on a lake", "at sea"),
    "underwater": ("underwater", "under the sea", "at the bottom of the ocean"),
    "sky": ("in the sky", "above the clouds", "in the air", "flying in a blue sky"),
    "meadow": ("on the grass", "in a meadow", "in a green field", "in a park", "in a garden"),
    "forest": ("in a forest", "in the woods", "among the trees", "in the jungle"),
    "desert": ("in the desert", "on sand dunes", "in a hot desert"),
    "snow": ("in the snow", "on a snowy field", "in winter", "on the ice"),
    "city": ("in the city", "in a street", "downtown", "in front of skyscrapers", "in town"),
    "space": ("in space", "among the stars", "in outer space", "in a galaxy"),
    "night": ("at night", "under a night sky", "in the moonlight", "in the dark"),
    "sunset": ("at sunset", "at dusk", "in the evening light", "at sunrise"),
    "mountains": ("in the mountains", "in front of a mountain", "on a hill"),
    "room": ("in a room", "on a table", "indoors", "at home", "in the kitchen"),
}
# What colour the drawings are that are not tinted: the colour of most of it, or two.
_USUAL: Final = """
red: octopus, crab, apple, cherry, strawberry, rose, car, fire engine, motorcycle, rocket, balloon
red: book, guitar, heart, backpack, magnet, drum, ladybug, watermelon, train
orange: fox, tiger, tangerine, carrot, pizza, fire, basketball, tent, mushroom, burger, hot dog
orange: maple leaf, violin, butterfly
yellow: cat, chick, fish, lemon, banana, ear of corn, cheese, sunflower, sun, moon, star, taxi
yellow: helicopter, light bulb, pencil, key, crown, trumpet, bell, giraffe, bee, pineapple, gift
green: frog, turtle, snake, dinosaur, crocodile, parrot, peacock, pear, avocado, broccoli, tree
green: palm tree, pine tree, cactus, tractor
blue: bird, dolphin, whale, bus, airplane, ship, laptop, television, pair of scissors, umbrella
blue: pair of glasses, shirt, shoe, anchor, tennis racket
purple: bunch of grapes
pink: pig, flamingo, tulip, cake, birthday cake
brown: bear, lion, monkey, duck, eagle, owl, horse, camel, goat, hedgehog, bat, kangaroo, coconut
brown: loaf of bread, egg, ice cream, doughnut, cookie, hammer, teddy bear, chair, snail
black: top hat, phone, camera, penguin
white: sheep, swan, chicken, unicorn, cloud, snowman, ambulance, house, church, ghost, skull
white: candle, cup of coffee, alarm clock
gray: mouse, rabbit, koala, wolf, spider, shark, elephant, volcano, bicycle, castle, alien, robot
gray: telescope
black and white: panda, zebra, police car, piano, soccer ball
brown and white: dog, cow
red and yellow: truck
blue and brown: sailboat
red, yellow and blue: rainbow
"""
MOTIONS: Final[dict[str, tuple[str, ...]]] = {
    "right": ("moving to the right", "going right", "moving right", "running to the right"),
    "left": ("moving to the left", "going left", "moving left", "running to the left"),
    "up": ("rising", "going up", "flying up", "moving up", "taking off", "floating up"),
    "down": ("falling", "going down", "dropping", "moving down", "sinking", "falling down"),
    "bounce": ("bouncing", "jumping", "hopping", "jumping up and down"),
    "spin": ("spinning", "rotating", "turning around", "rolling", "twirling"),
    "grow": ("growing", "getting bigger", "coming closer", "zooming in", "approaching"),
    "shrink": ("shrinking", "getting smaller", "going away", "zooming out", "disappearing"),
    "shake": ("shaking", "trembling", "dancing", "vibrating", "wobbling", "shivering"),
    "swing": ("swinging", "rocking", "swaying", "tilting from side to side"),
}


@cache
def drawables() -> tuple[Concept, ...]:
    """Every drawable concept, in the fixed order of the label sets."""
    rows = (line.split("|") for line in _DRAWABLE.strip().splitlines())
    return tuple(
        Concept(
            name=row[0],
            glyph=row[1],
            words=tuple(word for word in row[2].split(",") if word) if len(row) > 2 else (),
            plural=row[3] if len(row) > 3 else "",
        )
        for row in rows
    )


@cache
def usual_colours() -> dict[str, str]:
    """The colour of each drawable thing, by its name, where it is not tinted."""
    lines = (line.split(": ") for line in _USUAL.strip().splitlines())
    return {name: colour for colour, names in lines for name in names.split(", ")}


@cache
def sounds() -> dict[str, tuple[str, ...]]:
    """Every sound by name, with the words that captions use for it, in label order."""
    rows = (line.split("|") for line in _SOUNDING.strip().splitlines())
    return {name: tuple(words.split(",")) for name, words in rows}
