"""Banks of plain words and phrases that the grammar draws from, with [alternatives|in brackets]."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

import random
import re

_CHOICE = re.compile(r"\[([^\[\]]*)\]")


def expand(template: str, rng: random.Random) -> str:
    """Replace each [a|b|] by one of its alternatives, innermost first."""
    while True:
        template, count = _CHOICE.subn(lambda m: rng.choice(m.group(1).split("|")), template)
        if not count:
            return re.sub(r" {2,}", " ", template)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def lines(text: str) -> tuple[str, ...]:
    """The phrases of a table that is written as text, one a line."""
    return tuple(line.strip() for line in text.strip().splitlines())


COLOURS = _words(
    "red blue green yellow black white orange purple pink brown grey gray golden silver turquoise violet"
)
QUALITIES = _words(
    "big small tiny huge old new young little happy sad angry sleepy funny cute scary strange beautiful ugly dark "
    "bright shiny wooden metal stone glass paper plastic broken empty full fluffy wet dry cold hot wild quiet loud soft "
    "fast slow round square tall short long thin fat friendly lonely ancient modern magic giant mysterious frozen burning "
    "distant lazy brave rusty dusty smiling snowy sunny foggy stormy peaceful busy tired hungry colourful simple royal "
    "medieval futuristic Victorian Japanese Italian French African tropical floating flying dancing sleeping laughing"
)
MEDIA_ACTS = (  # what people in a scene do with media: no wish of its own
    "taking a picture",
    "filming a video of {thing}",
    "watching a film",
    "listening to music",
    "singing a song",
    "playing a {instrument}",
    "drawing {thing}",
    "painting a picture of {thing}",
    "reading a book aloud",
    "giving a speech",
    "looking at a photo of {thing}",
    "with a camera",
    "recording a sound",
    "making a video",
    "speaking into a microphone",
    "hearing a noise",
    "watching a video of {thing}",
    "holding a picture of {thing}",
    "telling a story",
    "photographing {thing}",
    "playing music",
    "shouting",
    "whispering",
    "saying hello",
)
QUANTITIES = _words("two three four five six seven ten twelve 2 3 5 many some several")
THINGS = _words(
    "dog cat fox horse cow pig sheep goat duck chicken rooster owl eagle parrot crow penguin frog snake turtle fish shark "
    "whale dolphin octopus crab bee butterfly spider snail ant lion tiger bear elephant giraffe zebra monkey gorilla wolf "
    "deer rabbit squirrel mouse hedgehog camel kangaroo panda koala unicorn dragon dinosaur robot alien ghost witch wizard "
    "pirate knight princess king queen clown astronaut firefighter doctor baby boy girl man woman chef dancer car bus truck "
    "train tram bicycle motorbike ship boat submarine plane helicopter rocket balloon kite house castle lighthouse bridge "
    "tower church windmill tent barn street city village forest jungle desert beach island mountain volcano river lake "
    "waterfall sea ocean garden field farm park tree flower rose tulip sunflower cactus mushroom leaf apple banana orange "
    "lemon cherry strawberry grape pear watermelon pineapple carrot tomato pumpkin bread cake pizza burger cheese egg "
    "cookie candle lamp clock bell key book pencil cup teapot umbrella hat shoe ring crown sword drum guitar piano violin "
    "trumpet phone camera computer television ball star moon sun planet cloud rainbow snowman heart gift chair table door "
    "window fireplace campfire fire storm thunderstorm wave wheel engine elevator tractor toaster kettle vase statue flag "
    "anchor ladder hammer scissors glasses skull diamond trophy medal dice puzzle teddy doll"
)
MOVES = _words(
    "run walk jump fly swim dance spin roll fall rise bounce float slide grow shrink shake turn climb dive drive rotate "
    "melt burn explode wave swing drift hop skate ride sail glide sink open close blink flicker glow move sleep eat play "
    "crawl race march juggle surf paint cook read sing laugh cry nod stretch wink bloom fade crash land chase throw carry"
)
CRIES = _words(
    "bark meow roar howl croak hiss buzz chirp tweet quack moo oink neigh bleat cluck crow hoot squeak growl purr snore "
    "whistle ring tick beep honk rattle crackle splash drip rumble bang knock creak click hum whisper scream laugh cough "
    "sneeze clap crunch sizzle pop slam gurgle trumpet sing squawk screech caw ribbit chime toll siren whirr thunder"
)
WAYS = lines("""
    to the left
    to the right
    left
    right
    up
    down
    upwards
    downwards
    in circles
    slowly
    fast
    quickly
    up and down
    from left to right
    from right to left
    around
    around and around
    away
    in slow motion
    backwards
    over and over
    back and forth
    across the screen
    off the table
    off
    in a loop
""")
PREPOSITIONS = lines("""
    in
    on
    under
    near
    next to
    behind
    in front of
    over
    above
    with
    on top of
    inside
    beside
    against
    between
    around
    without
    and
    for
    made of
    full of
    like
    through
    across
""")
PLACES_AND_TIMES = lines("""
    in the [snow|rain|sun|dark|fog|wind|desert|forest|garden|city|park|kitchen|mountains|sky|water|sea|air|night|distance|street|jungle|grass|countryside]
    on [the|a] [beach|table|moon|roof|hill|lake|wall|road|street|river|bridge|sofa|field|branch|ice|stage|wooden table|train|farm]
    at [night|dawn|dusk|sunset|sunrise|noon|midnight|the beach|the sea|the zoo|a party|home|Christmas|the market]
    under [water|a tree|the stars|a bridge|the sea|the moon|the bed]
    on [a|an] [white|black|blue|green|yellow|red|grey|plain|orange|purple|pink] background
    in [winter|summer|autumn|spring|space|Paris|Tokyo|New York|London|Venice|the style of Van Gogh|the style of a comic|black and white|watercolour|pixel art]
    by [night|day|the sea|the fire|a river|the window]
    with [a hat|sunglasses|a beard|a long tail|big eyes|wings|a red bow|an umbrella|flowers|snow on top|many windows]
    during [a storm|the night|a thunderstorm|breakfast|an eclipse]
    [wearing|holding|carrying|riding] [a hat|a crown|a red scarf|a balloon|sunglasses|a bike|an umbrella|a sword]
    over [the sea|the hills|the city|a lake|green fields|mountains]
    from [far away|above|below|behind|a distance|the side]
    through [the woods|a tunnel|the snow|the clouds]
    in [a|an] [empty|old|large|big|dark|small] [room|house|hall|church|station|street|box|garden|factory|cave]
""")
STYLES = lines("""
    a[n oil| watercolour| watercolor|n acrylic] painting
    a [pencil|charcoal|quick|ink|rough] [sketch|drawing]
    a watercolour
    a portrait
    a [minimalist|simple|modern|vintage|retro|flat|funny] [logo|icon|poster|sticker|portrait|cartoon|postcard|emblem|map|diagram|badge|stamp]
    a black and white [photo|picture|drawing]
    a [close-up|macro shot|cartoon|comic|logo|poster|mosaic|caricature|silhouette|3D render|collage|statue|still life|landscape]
    [pixel art|graffiti|line art|clip art|concept art]
""")
STYLES_AFTER = lines("""
    [oil|watercolour|digital|acrylic] [painting|style]
    [cartoon|comic|anime|retro|vintage|manga|impressionist|cubist|baroque] style
    [photorealistic|minimalist|very detailed|black and white|pixel art|soft light|highly detailed|4k|cinematic|wide angle|high contrast]
""")
SOUNDS = lines("""
    [rain|heavy rain|hail|wind|thunder|waves|ocean waves|a storm|a thunderstorm|distant thunder|a waterfall|a stream|a river]
    [rain|hail|sleet] [on|against|hitting] [a|the] [tin roof|window|tent|umbrella|car|leaves|roof]
    [footsteps|steps] [on|in] [gravel|snow|wood|dry leaves|a corridor|wet sand|stairs]
    [a crackling|a|an open|a small] [fire|campfire|fireplace|bonfire]
    [a|an old] [car|engine|motorbike|truck|tractor|train|plane|helicopter|steam engine|ship] [starting|passing|landing|leaving|idling|horn|engine|]
    [church|sleigh|bicycle|door|school|cow|temple|alarm|wind] [bells|bell]
    [glass|a plate|a window|a bottle] [breaking|shattering|falling]
    [a|the] [door|gate|window|floor] [creaking|slamming|closing|opening|squeaking]
    [applause|laughter|a crowd|people talking|a crowd cheering|a baby crying|children playing|someone snoring|a heartbeat|a cough|a sneeze|whispers]
    [a|an] [alarm|siren|fire alarm|ambulance siren|police siren|foghorn|car horn|telephone|doorbell|kettle|clock|typewriter|camera shutter|printer|vacuum cleaner|hair dryer|drill|chainsaw|saw|hammer|microwave|washing machine|fan|zipper|gun|laser|explosion|fireworks|UFO|spaceship|robot|modem|vinyl crackle|notification|ringtone]
    [a|an|the] [dog|cat|cow|owl|frog|lion|wolf|duck|rooster|crow|bee|horse|sheep|pig|cricket|seagull|whale|elephant|snake|goat|monkey] [barking|meowing|mooing|hooting|croaking|roaring|howling|quacking|crowing|buzzing|neighing|bleating|oinking|chirping|crying|singing|hissing|]
    [birds|crickets|frogs|seagulls|wolves|cicadas|bees|dogs] [singing|at night|in the morning|in the forest|far away|chirping|]
    [a busy|a quiet|the] [street|cafe|market|office|station|restaurant|city|forest|factory|harbour|kitchen|airport|classroom]
    [traffic|city noise|white noise|silence|static|bubbles|boiling water|a dripping tap|frying bacon|pouring water|running water|a toilet flushing|coins|keys|dice|a coin falling|cutlery|popcorn|a match being lit|scissors cutting paper|chalk on a blackboard]
    [bees|bee] buzzing
""")
# What is plainly heard, whoever asks for it and however: no word of a modality need stand by.
HEARD = lines("""
    [a|the|some|a short|a loud|a soft|a single|] [chime|ding|beep|buzz|click|thud|thump|clang|jingle|ringtone|rumble|hiss|sizzle|crackle|whoosh|squeak|rattle|clatter|splash|gurgle|rustle|hum|drone|roar|growl|howl|bark|meow|purr|moo|chirp|tweet|hoot|croak|snort|neigh|whinny|squawk|yelp|whimper|sneeze|cough|yawn|snore|gasp|sigh|giggle|chuckle|shriek|scream|cheer|applause|whistle|toot|honk|gong|knock|creak|slam|bang|boom|crash|clink|plop|drip|murmur|whisper|laugh|laughter|drumbeat|heartbeat|birdsong|echo|fanfare|drum roll|drumroll|melody|tune|riff|lullaby|beat|bassline|soundscape|ambience|siren|alarm|buzzer|doorbell|foghorn]
    [a notification|an error|a success|a start-up|a login|a game over|a level-up|an elevator|a doorbell|a phone|a message] [chime|ding|beep|jingle|ping|buzz|tone|blip|melody]
    [the|a] [ding|ring|chime|toll|clang|peal] of [a|the] [bell|church bell|doorbell|bicycle bell|school bell|hotel bell|lift]
    [the|a] [roar|growl|howl|bark|cry|call|song|hoot|croak|squeak|hiss|bellow|bleat|moo|trill|screech] of [a|an|the|some] [lion|bear|wolf|dog|gull|loon|nightingale|owl|toad|mouse|snake|stag|lamb|cow|wren|hawk|fox|monkey|seal|peacock|cuckoo|jackdaw|curlew]
    [the|a] [rumble|roar|clatter|hum|whirr|purr|putter|chug|screech|hiss|drone|whine|throb] of [a|an|the] [engine|motor|train|lorry|tractor|mower|fan|drill|turbine|propeller|fridge|generator|old car|racing car|scooter|crane|lathe|loom|printer|boiler]
    [the|a] [splash|drip|trickle|gurgle|rush|roar|lapping|patter|babble|bubbling] of [water|rain|a brook|the sea|waves|a tap|a fountain|a waterfall|a kettle|soup|a river]
    [the|a] [rustle|crackle|crunch|snap|creak|whisper|swish|scrape|rattle|flutter|flap] of [leaves|dry leaves|a fire|snow|gravel|twigs|a floorboard|a door|paper|silk|chains|a flag|pages|wings|sails|bones|a rocking chair]
    [the|some|a burst of|a round of|polite|wild|canned] [applause|laughter|cheering|clapping|booing|chatter|murmuring|giggling|weeping|sobbing]
    [the|a] [strumming|plucking|tuning|picking|solo] of [a|an] [guitar|lute|banjo|harp|ukulele|mandolin|cello]
    [rain|sleet|hail|drizzle|thunder|wind|a gale|surf|breakers|a storm] [pattering|drumming|rolling|howling|whistling|crashing|rumbling|hissing]
    [church bells|sleigh bells|wind chimes|cowbells|castanets|maracas|bagpipes|panpipes|a harpsichord|a barrel organ|a music box|a brass band|a string quartet|a choir|an orchestra|a drum kit|a jukebox]
    [someone|a man|a woman|a child|an old man|the neighbours|a baby|a crowd] [humming|snoring|coughing|laughing|crying|whistling|sneezing|clapping|shouting|giggling|sobbing|yodelling|hiccuping|cheering|burping]
    [engine|kitchen|traffic|forest|crowd|harbour|playground|office|station|farmyard|jungle|street|bar|rain|wind|sea|fire|fan] [noise|ambience|hum|sounds|sound effects|background noise|room tone]
    [brown|white|pink|green] noise
    [hoofbeats|footsteps|footfalls|gunshots|fireworks|thunderclaps|heartbeats|snores|drumbeats|handclaps|birdsong|whale song|static|feedback|record scratches|radio static]
""")
INSTRUMENTS = _words(
    "piano guitar violin cello flute trumpet drum harp organ saxophone clarinet banjo ukulele accordion trombone oboe tuba "
    "harmonica xylophone marimba bagpipe sitar synthesizer bass mandolin lute koto gong tambourine bassoon horn vibraphone "
    "glockenspiel celesta didgeridoo viola fiddle keyboard kalimba theremin"
)
GENRES = _words(
    "jazz blues rock techno reggae samba tango waltz funk disco country folk classical ambient metal punk swing soul salsa "
    "flamenco dubstep house lofi hip-hop baroque gospel bluegrass polka ska trance orchestral electronic chiptune"
)
MOODS = _words(
    "sad happy slow fast calm cheerful gentle dark dramatic epic relaxing mysterious quiet loud soft lively romantic spooky "
    "melancholic energetic dreamy short funky playful solemn triumphant nostalgic tense sleepy heroic peaceful"
)
MUSIC_FORMS = _words(
    "melody tune song solo beat riff rhythm loop lullaby march fanfare chord arpeggio jingle groove ballad concerto anthem "
    "bassline waltz theme hymn scale serenade drumroll intro"
)
MONTHS = _words(
    "January February March April May June July August September October November December Jan Feb Oct Dec"
)
FIRST_NAMES = _words(
    "Anna Ben Clara David Emma Felix Grace Hugo Ines Jonas Karim Lena Marco Nora Oskar Pedro Quentin Rosa Sam Tara Umar Vera "
    "Walter Xenia Yara Zoe Aisha Bjorn Chloé Dmitri Eva Fatima Gabriel Hana Ivan Julia Kofi Liam Maya Noah Olga Pablo Rania "
    "Sofia Tomasz Ursula Viktor Wei Yusuf Zara Alice Bob Carol Jürgen Søren Zoë André Mateo Aoife Niamh Seán Łukasz Kasia "
    "Priya Arjun Mei Hiroshi Yuki Ahmed Omar Leila Nadia Elif Mehmet Ali Jack Tom Lucy Mary John Peter Paul George Henry "
    "Charlotte Oliver Amelia Isla Ava Mia Leo Max Theo Ella Ruby Daisy Molly Charlie Archie Freddie Rex Bella Luna Muffin "
    "Einstein Mozart Bach Shakespeare Napoleon Cleopatra Gandhi Elvis Batman Dracula Frankenstein Santa Pinocchio Hamlet"
)
SURNAMES = _words(
    "Smith Jones Garcia Müller Rossi Silva Novak Kowalski Ivanova Nguyen Tanaka Kim Singh Patel Okafor Hansen Johansson "
    "Virtanen Popescu Yilmaz O'Brien MacDonald Dubois Martin Fernández Schneider Weber Fischer Brown Taylor Wilson Evans "
    "Thomas Roberts Walker Wright Thompson White Hughes Edwards Green Hall Wood Harris Lewis Lee Clarke Adebayo Mensah "
    "Haugen Lindqvist Papadopoulos Horvat Nagy Svoboda Costa van der Berg Cohen Levi Haddad Rahman Chowdhury Zhang Wang Li"
)
PLACES = lines("""
    Paris
    London
    New York
    NYC
    Tokyo
    Berlin
    Rome
    Madrid
    Lisbon
    Vienna
    Prague
    Warsaw
    Moscow
    Istanbul
    Cairo
    Nairobi
    Lagos
    Cape Town
    Mumbai
    Delhi
    Beijing
    Shanghai
    Hong Kong
    Seoul
    Sydney
    Melbourne
    Toronto
    Montréal
    Vancouver
    Chicago
    Boston
    Seattle
    San Francisco
    Los Angeles
    Texas
    Mexico City
    Rio de Janeiro
    São Paulo
    Buenos Aires
    Lima
    Bogotá
    Havana
    Reykjavík
    Oslo
    Stockholm
    Copenhagen
    Helsinki
    Zürich
    Geneva
    Munich
    Hamburg
    Köln
    Graz
    Budapest
    Kraków
    Athens
    Naples
    Venice
    Florence
    Barcelona
    Porto
    Dublin
    Edinburgh
    Glasgow
    Cardiff
    Leeds
    Oxford
    Mount Fuji
    Mount Everest
    the Eiffel Tower
    the Alps
    the Sahara
    the Amazon
    the Grand Canyon
    Big Ben
    Niagara Falls
    Africa
    Japan
    India
    Italy
    France
    Norway
    Scotland
    Brazil
    Kenya
    Iceland
    the North Pole
    Mars
    Jupiter
    Saturn
    Lake Superior
    the Nile
    Bhutan
    Timbuktu
    Ouagadougou
    Llanfair
    Gdańsk
    Tromsø
    Malmö
    Kyiv
    Python
    Pompeii
    Brooklyn
    Hollywood
""")
ONSETS = _words(
    "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p ph pl pr qu r s sh sk sl sm sn sp st str t th tr v w wh x y z zw"
)
VOWELS = _words("a e i o u a e i o u ai ea ee oo ou oa ie y au io ö ü é")
CODAS = ("", "", "", "", *_words("b ck d f g l ll m n ng nd nt p r rk rm s sh sk ss st t th x zz"))
LETTERS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" * 3
    + "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"
    + "äöüßéèêëàâáãåæçñóòôõøœíìîïúùûýžščřěďťňłąęśźżćńőűğışțăÄÖÜÉÀÅØÑÇŁŚŽ"
    + "абвгдежзиклмнопрстуфхцчшщыьэюяΑΒΓΔαβγδεζηθικλμνξοπρστυφχψωάέήίόύώ"
    + "的一是不了人我在有他这中大来上国你好谢日本語東京안녕すしのはمرحباשלום€£¥°±²½×÷–—…“”‘’«»¿¡🦊🎵😀🐶❤️"
)
FUNCTION_WORDS = _words(
    "the a of and in to with for on at by from or not no as is are was be this that it its his her my your our their all "
    "some any every each one two into over under after before while when where who which what how but so very too only"
)
OTHER_LANGUAGES = _words(
    "French German Spanish Italian Latin Japanese Korean Arabic Swedish Polish Hindi Swahili Dutch Russian Chinese Welsh Danish Norwegian Thai Hebrew"
)
SAYINGS = lines("""
    Hello, [I am|my name is|this is] {name}[.|!|]
    [Good morning|Good evening|Welcome|Goodbye|Thank you|Congratulations|Happy birthday|Good luck|Merry Christmas|Good night|Dear|Hey|Hi|Sorry], {name}[.|!|]
    Welcome to {name}[!|.|, {person}.]
    The [train|bus|flight|ferry|meeting|shop|class] to {city} [leaves|departs|arrives|is late] at {number}.
    [Your|The] [table|order|taxi|code|room|ticket|password|number|flight] is [ready|{number}|number {number}|late].
    {name} [is|was] {adjective}[.|!| and {adjective}.]
    [Please|Do not|Don't|Never|Always] {verb} the {noun}[.|!|, please.]
    I [love|hate|miss|see|want|need|found|lost] [you|{thing}|my {noun}|the {noun}][.|!| in {city}.| at {number}.]
    [It's|It is] {number} [degrees|o'clock|metres|euros|miles|people] [in {city}|today|now|]
    Attention, [please|passengers|everyone]: [gate|platform|door|line] {number} is [closed|open|delayed].
    [Can|Could|Will|Would|Do] you {verb} [the {noun}|with me|{thing}|tomorrow]?
    [Who|What|Where|When|Why|How] [is|are|was] [the {noun}|{name}|my {nouns}|you]?
    [Once upon a time|Long ago|One day|In {city}|Last night], {thing} [lived|came|fell|was {doing}] {place}.
    Don't [worry|panic|forget|move|wake the {noun}|touch the {noun}][, {person}.|!|.]
    [Yes|No|Oh|Wow|Well|Ah|Hmm|OK], [it's|that's|you are|they're|I'm] {adjective}[!|.|...|?]
    {person}'s {noun} [isn't|wasn't|can't be|won't be] {adjective}.
    The [capital|king|queen|mayor] of {city} [is|was] {name}.
    [Call|Meet|Ask|Tell|Find|Help] {name} at {number}[.|!| or {number}.]
    {number}, {number}, {number}
    [Ready|Steady|Stop|Help|Run|Wait|Listen|Checkmate|Silence|Fire|Eureka|Bingo]!
    [Turn|Keep|Go] [left|right|straight] [at|after|in] [the {noun}|{number} metres|{city}].
    [You have|There are|We need] {int} [new messages|{nouns}|missed calls|minutes].
    "{noun}" [is|means] "{noun}"
    The {adjective} {noun} {verb}s over the {adjective} {noun}.
    {example}
    [Draw|Paint|Play|Show me|Make] {thing}[.|!|]
    [a picture of|the sound of|a video of] {thing}
    Room {int}, {number}, {name}[.|]
    {name}: {number}; {name}: {number}.
    To {verb} or not to {verb}[, that is the {noun}.|.|?]
    {noun} {noun} {noun}
    {nouns} [are|like|need|eat|make] {nouns}[.|!|]
    My {noun} has {int} {nouns}[.|, and {person} has none.]
""")
CHATTER = lines("""
    To be, or not to be, that is the question.
    The quick brown fox jumps over the lazy dog
    She sells sea shells on the sea shore.
    Peter Piper picked a peck of pickled peppers.
    I have a dream
    All happy families are alike.
    We are closed on Sundays.
    Please mind the step.
    Keep calm and carry on
    It was a dark and stormy night
    one, two, three, four, five
    A B C D E F G
    Lorem ipsum dolor sit amet
    You shall go to the ball!
    Elementary, my dear Watson.
    The show must go on!
    May the road rise to meet you.
    An apple a day keeps the doctor away.
    Mirror, mirror, on the wall
    What's up, doc?
    I'll be back
    Winter is coming
    Houston, we have a problem.
    Is anybody home?
    Tick tock, tick tock
    Ho ho ho!
    testing, testing, 1 2 3
    Row, row, row your boat
    Silence is golden
    Time flies
    See you later, alligator!
    Break a leg!
    Dinner is ready
    The doctor will see you now.
    This call may be recorded.
    Your parcel arrives between 9 and 11.
    Mind your head
    Stop talking, please.
    wake up
    good night
    hello world
    I'm sorry, Dave.
    It's alive!
    Let it snow, let it snow, let it snow.
    Twinkle, twinkle, little star
""")
FOREIGN: dict[str, tuple[str, ...]] = {
    "de": lines("""
        Guten Morgen, wie geht es Ihnen?
        Auf Wiedersehen und schöne Grüße!
        Der Zug nach München fährt um acht Uhr.
        Ich hätte gern einen Kaffee.
        Alles Gute zum Geburtstag, Jürgen
        Wo ist der Bahnhof?
        Straße
        Vielen Dank für Ihre Hilfe.
        Übung macht den Meister
    """),
    "fr": lines("""
        Bonjour, comment allez-vous?
        Où est la gare?
        Je voudrais un café, s'il vous plaît.
        À bientôt, mes amis!
        C'est la vie
        Bon anniversaire, Chloé!
        merci beaucoup
        L'été est très chaud à Paris.
        Ça va bien
        crème brûlée
    """),
    "es": lines("""
        Buenos días, señor García
        ¿Dónde está el baño?
        ¡Feliz cumpleaños!
        Me gusta la música
        Hasta mañana
        El niño come una manzana.
        muchas gracias por todo
        ¿Cuánto cuesta?
    """),
    "it": lines("""
        Buongiorno, come stai?
        Vorrei un gelato alla fragola.
        Che bella giornata!
        Arrivederci, Roma
        grazie mille
        Dov'è la stazione?
        È molto buono
    """),
    "pt": lines("""
        Bom dia, tudo bem?
        Onde fica a praia?
        Eu não falo português
        Até amanhã, João!
        obrigada
        A lição é fácil.
    """),
    "nl": lines("""
        Goedemorgen, hoe gaat het?
        Waar is het station?
        Een kopje koffie, alstublieft
        Tot ziens!
        Het regent vandaag in Utrecht.
    """),
    "sv": lines("""
        God morgon, hur mår du?
        Tack så mycket
        Var är tågstationen?
        Jag älskar kanelbullar!
        vi ses på lördag
    """),
    "pl": lines("""
        Dzień dobry, jak się masz?
        Dziękuję bardzo
        Gdzie jest dworzec?
        Smacznego!
        Proszę kawę z mlekiem.
        Cześć, Łukasz
    """),
    "cs": lines("""
        Dobré ráno, jak se máte?
        Děkuji mnohokrát
        Kde je nádraží?
        Ahoj, Jiří!
        Těším se na léto.
    """),
    "tr": lines("""
        Merhaba, nasılsın?
        Teşekkür ederim
        İyi geceler
        İstanbul çok güzel bir şehir.
        Görüşürüz!
    """),
    "ru": lines("""
        Доброе утро, как дела?
        Спасибо большое
        Где вокзал?
        Меня зовут Иван.
        До свидания!
        Я люблю чай
        С днём рождения
    """),
    "el": lines("""
        Καλημέρα, τι κάνεις;
        Ευχαριστώ πολύ
        Πού είναι η θάλασσα;
        Καλή όρεξη!
        Με λένε Μαρία.
    """),
    "fi": lines("""
        Hyvää huomenta, mitä kuuluu?
        Kiitos paljon
        Missä on rautatieasema?
        Hyvää yötä
        Minä rakastan saunaa!
    """),
    "hu": lines("""
        Jó reggelt, hogy vagy?
        Köszönöm szépen
        Hol van a pályaudvar?
        Jó étvágyat!
        Szép napot kívánok
    """),
    "ro": lines("""
        Bună dimineața, ce mai faci?
        Mulțumesc frumos
        Unde este gara?
        Noapte bună
        Îmi place marea.
    """),
    "zh": lines("""
        你好，你怎么样？
        谢谢你
        早上好
        我爱你
        今天天气很好
        再见
        北京很大
    """),
    "en-us": lines("""
        How y'all doing today?
        Let's get some coffee downtown.
        Have a great day, folks!
        Howdy
    """),
}
LANGUAGE_NAMES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
    "nl": "Dutch", "sv": "Swedish", "pl": "Polish", "cs": "Czech", "tr": "Turkish",
    "ru": "Russian", "el": "Greek", "fi": "Finnish", "hu": "Hungarian", "ro": "Romanian",
    "zh": "Chinese", "en-us": "American", "en": "British",
}  # fmt: skip
