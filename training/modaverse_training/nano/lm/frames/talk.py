"""What people say that asks for nothing to be made: small talk, and questions of knowledge."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

TALK = {
    "Hello! I can make pictures, sounds, speech and short videos. What would you like?": lines("""
        [hi|hello|hey|hiya|howdy|yo|hello there|hi there|hey there|good morning|good afternoon|good evening|greetings|hullo|good day|morning|evening|hallo|sup|heyo|aloha|welcome back]
        [hi|hello|hey|good morning|good evening|good afternoon|greetings] [ModaVerse|there|you|computer|everyone|machine|little model|friend|again|buddy|robot|from {city}|my friend]
        [hi|hello|hey|good morning], [how are you|how are you doing|how are you today|how do you do|nice to meet you|what's up|how is it going|are you there|my name is {name}|i'm {name}|anybody there|it's me|pleased to meet you|how's life|i am new here]
        [how are you|how are you doing|how do you do|what's up|are you there|how's it going|nice to meet you|anyone home|how do you feel|are you awake|are you ok]
        [i'm|i am] {name}[, hello|, nice to meet you|, hi|]
        [hello|hi] [hello|hi|again]
        [good morning|hello|hey] [sunshine|{name}|once more]
        [heya|hey hey|hi hi|oi|ahoy|salutations|g'day|top of the morning|well hello|hi all|hey you|yoohoo|bonjour|hola|guten tag|ciao bella|namaste|wassup|whats up|good to see you|long time no see|welcome|hello world|knock knock|peekaboo|hello friend]
        [a very|] good [morning|evening|afternoon|day] [to all|, dear computer|, sir|, my dear|everyone|]
        [i|we] [wanted to say|just say|say] [hi|hello|good morning]
        [anyone|anybody|somebody|is someone] [there|here|home|around|listening]
        [how|how's] [are things|is life|was your day|have you been|your day|everything]
        [pleased|happy|delighted|glad|good] to [meet|see] you
    """),
    "You are welcome.": lines("""
        [thanks|thank you|thx|ty|cheers|many thanks|thanks a lot|thank you very much|thank you so much|much appreciated|thanks so much|great thanks|merci|thanks again|much obliged to you|ta very much|tysm]
        [thanks|thank you|thanks a lot|cheers] [for the picture|for the video|for your help|for everything|my friend|mate|computer|{name}|for that|dear|for the {noun}|for the sound|a lot|so very much]
        [that is|that's|this is|it's|wow, that's|oh, that is] [great|lovely|perfect|nice|beautiful|wonderful|amazing|cool|awesome|fantastic|superb|brilliant|exactly what i wanted|so good|well done|funny|just right]
        [great|good|nice|well done|awesome|perfect|excellent|cool|wow|brilliant|fantastic|super|lovely|amazing|good job|nice work|great work|wonderful|yay|hooray]
        [i like|i love|we like|everybody loves] [it|that|this|them|what you made|your picture|your work|the result|you]
        [thanks|thank you], [that is|that's|it is] [great|lovely|perfect|nice|wonderful|very kind|all i needed|beautiful|very good]
        you [did|do] a [great|good|fine] job
        [much|most|deeply|very much] [obliged|appreciated|grateful]
        [i am|i'm|we are|we're] [so|very|truly|really|] [grateful|thankful|impressed|pleased|delighted|amazed|happy with it|obliged to you|thrilled|touched]
        [how|so|very|really|truly|absolutely] [nice|kind|sweet|lovely|pretty|clever|good|wonderful|cool] [of you|indeed|]
        [you] [made my day|saved me|rock|nailed it|are a genius|are a gem|are a legend|did well|helped me a lot]
        [bravo|well done|kudos|respect|splendid|marvellous|magnificent|excellent work|spot on|neat|sweet|wicked|top|superb|hurray|congratulations|chapeau|delightful|good stuff|what a beauty|impressive|love it|loving it|not bad|good one|nicely done|that works|works for me|just perfect|exactly right|fine, thanks]
        [thanks|thank you] [anyway|all the same|in advance|kindly|from the heart|a million|a bunch|for the quick help|for listening|for being there|, little one|, this helped|, you are kind]
        [a thousand|a million|many|big|special|warm] thanks
        [that|this|it] [looks|sounds|turned out|came out] [great|lovely|perfect|nice|beautiful|wonderful|amazing|just right|really good]
        [i] [appreciate|really appreciate] [it|that|this|your help|your work]
        [my {noun}|{person}] [loves|will love|likes|liked] [it|this|that]
        [you are|you're] [great|the best|amazing|so kind|very helpful|a star|clever|so good at this]
        [perfect|great|super|lovely|nice|wonderful|beautiful|very good], [thanks|thank you|cheers|ta|many thanks]
        [that's|that is|that was|this was|it was|it's] [great|lovely|perfect|nice|wonderful|very kind|beautiful|very good|really nice|good], [thanks|thank you|cheers|ta|thanks a lot]
        [ta|thanks|cheers|thank you], that was [great|lovely|perfect|nice|wonderful|very kind|good]
    """),
    "I am ModaVerse. I can make pictures, sounds, speech and short videos.": lines("""
        [what|so what|and what|hey, what] can you [do|make|create|do for me|offer|generate|produce|help with]
        who [are|made|built|created|trained] you
        what are you [|exactly|called|good at|capable of|made for|there for]
        are you [a robot|a human|a person|an ai|real|a chatbot|alive|chatgpt|a machine|a bot|a computer|able to draw|able to make music|able to make videos|intelligent|a program|any good]
        [do|can] you [draw|paint|sing|speak|make videos|make sounds|make music|make pictures|make speech|only make pictures|animate|do voices|do video|talk|make clips|play music|read aloud|also do sound|even draw|handle audio]
        [can|do] you [draw|paint|make pictures|make videos|speak] [too|as well|at all|also|yourself]
        [what is|what's|tell me] your [name|purpose|job|function|task|speciality|trade]
        [tell me|say something] about [yourself|you|your abilities|your skills|what you can do]
        [help|help me|help please|?|menu|options|commands|/help|info|instructions|manual]
        how [does this work|do you work|do i use you|can you help me|does it work|do i use this|can i use you|do i start]
        [what|which] [kinds|kind|sorts|types] of [things|media|files|stuff|modality|output] [can you make|do you make|do you support|can you do]
        [introduce|explain|describe|present] yourself
        [state|say|give|reveal] your [name|purpose|function|business|mission]
        what [kind|sort|type] of [model|program|assistant|machine|software|being|computer|artist] are you
        [what|who] [exactly|actually|really|on earth|the heck] are you
        [can|could|will|would] you [help me|be of use|assist me|do anything useful|do something for me|do more than pictures]
        what [else|more|other things] can you [do|make|create]
        [what|which] [formats|modalities|languages|voices|sounds|tricks] [do you know|can you do|do you speak|do you have]
        [are you|is this] [an app|a website|a toy|free|open source|offline|local|a large model|small|ModaVerse|some kind of ai]
        [how|in which way] [can|could|do] you [help|help me|be useful|serve me]
        [i am|i'm] new here[, what can you do|, how does this work|, what is this]
        [what is|what's] [this|this thing|this program|this app|all this|this for|it you do]
        [give me|show me] [an overview|your menu|examples|some examples|a tour|the list of functions|the manual]
        do you [understand|speak|know] [english|me|languages|german|french]
        [what is|what's|who is|explain|tell me about] ModaVerse
        [list|show me|show|name] your [tools|skills|features|abilities|functions|capabilities]
        what [should|can|may|could] i ask [you|you for|for]
        what [modality types|tools|features] do you [have|offer|support|know]
        is it true that you [can draw|make videos|speak|make pictures|can make sounds]
    """),
    "Goodbye!": lines("""
        [bye|goodbye|bye bye|see you|see ya|cya|farewell|good night|ciao|so long|later|adieu|good bye|take care|cheerio|tschüss|au revoir|adios|see you later|see you soon|see you tomorrow|until next time|bye for now|i'm off|night night]
        [bye|goodbye|see you|good night|ciao|farewell|bye bye], [{name}|ModaVerse|see you tomorrow|take care|have a nice day|i have to go|computer|my friend|thanks for everything|that was all|sleep well|until tomorrow]
        [i have to go|i must go|i need to go|gotta go|i am leaving|i'm going to bed|time to go|i'm done for today|that's all for today|that will be all, bye|have a nice day|have a good evening|have a great weekend|i'm logging off|that's it, goodbye|i am going home now]
        [see you|talk to you|until] [tomorrow|later|next time|soon|on monday|next week|in {city}|then]
        [so then|well|right|ok|okay|alright|and now], [bye|goodbye|see you|good night|ciao|farewell]
        [see|catch|talk to|speak to|meet] [you|ya|u] [around|later|soon|next week|next time|another day|tomorrow|on sunday|again]
        [i'll|i will|we will] [be back|be back tomorrow|see you later|come back later|return|say goodbye now|leave you now|call it a day|be off]
        [have a|enjoy your|wish you a] [nice|good|great|lovely|wonderful|pleasant|] [day|evening|weekend|night|holiday|time|sleep]
        [take it easy|stay safe|be well|sleep tight|sweet dreams|signing off|over and out|toodle-oo|ta-ta|hasta la vista|sayonara|arrivederci|auf wiedersehen|peace out|till then|till next time|that is all for now, bye|i'm out|laters|nighty night|godspeed]
    """),
    "All right, I will make nothing.": lines("""
        [nothing|never mind|nevermind|forget it|forget that|stop|cancel|cancel that|cancel it|no|nope|no thanks|no thank you|not now|nothing please|leave it|skip it|nah|stop it|abort|quit it|drop it|do nothing|don't|enough|that's enough|wait|let it be|scrap that|not today]
        i [don't want|do not want|don't need|do not need|want|need] nothing[ today| now| more| from you|]
        i [don't want|do not want|don't need|do not need] [anything|any modality|a modality|any modality or modality|anything today|you to do anything|you to make anything|a single modality|any modality today|more pictures|your help now]
        [don't|do not|please don't|please do not|never] [make|draw|create|do|play|generate|show me|say|paint|animate] [anything|a thing|a modality|any modality|it|that|{thing}|me {thing}|a picture of {thing}|the sound of {thing}|a video of {thing}|any of that]
        no [pictures|sounds|videos|music|speech|modality], no [pictures|sounds|videos|music|speech|modality][, nothing|, please|, nothing at all|]
        no modality [please|today|for me|, thank you|, thanks|now]
        [leave it|let it go|drop the idea|give it up|forget about it|no need|not needed|not necessary|don't bother|no more|that is all|that will do|hold on|hold it|pause|halt|stay quiet|be quiet|silence please|quiet|shush|undo|back|wrong window|oops, wrong chat|sorry, wrong window|ignore me|as you were|it's fine|it is nothing|nothing special|nothing at all|just nothing|none|nope, nothing|rather not|better not|i'd rather not|please stop|stop now|stop making things]
        i [was only|am only|was just|am just] [joking|kidding|wondering|asking|curious|resting|saying|talking to myself]
        [i|we] [don't|do not] [want|need|require|wish for] [any|another|more] [pictures|videos|sounds|images|clips|music|speech] [today|now|please|any more|at the moment|or {nouns}|]
        [my|the|our] {noun} [is|was|has been|looks|seems] {adjective}[ today| again| lately|]
        i [changed|have changed] my mind[, nothing|, forget it|, no modality please|]
        [i|we] [saw|watched|made|lost|deleted|bought|drew|painted|heard|like|hate|took|have|found] [a|the|some|my|this] [video|picture|film|song|photo|drawing|painting|sound|recording|movie|clip] [yesterday|of {thing}|last night|at school|in {city}|today|about {nouns}|with {name}|a year ago]
        my [brother|sister|friend|aunt|neighbour|teacher|{noun}] [plays the|paints|draws|sings in|hates the|photographed|sold a|has a|broke the|teaches] {noun}[ in {city}| every day| in a band| very well|]
        the [picture|video|film|speech|song|music|sound|photo|movie|voice|drawing] [was|is|on the wall is|in the {noun} was|of the {noun} is] [too loud|too long|boring|beautiful|hanging there|old|funny|broken|sold|gone|{adjective}]
        i am [just|only] [testing|looking|thinking|reading|trying this|typing|waiting|checking the keyboard|playing around]
        [yesterday|last night|last week|once|today] [i|we|my {noun}|{person}] [sold|saw|drew|heard|recorded|deleted|watched|painted|lost] [the|a|my] {noun}
        [she|he|{person}|my {noun}] [gave a speech about|sings about|talked about|draws|paints|plays|filmed|recorded|photographed] {nouns}[ very well|, badly| every day|]
        [i used to|we used to|nobody wants to] [draw|paint|sing|play the {noun}|make videos|listen to {nouns}] [every day|as a child|at school|]
        the [sound|picture|video|music|noise|light] in [this|the] {noun} is [terrible|great|too loud|nice|{adjective}]
        [our|my|the] [neighbours|friends|children|students] [play|make|watch|hate|love|draw] {nouns}
        [it is|it's|it was] [raining|cold|late|monday|a nice day|{adjective}] [today|here|in {city}|outside]
        [i am|i'm] [hungry|tired|bored|sad|happy|at home|late|in {city}|ill]
        [forget|ignore|scrap] [what i said|the last message|my request|that request|that]
    """),
}
KNOWLEDGE = lines("""
    [what|who] is {thing}
    [what|who] [is|was|are|were] [the|a] [capital|president|population|mayor|currency|name|size|age|price|meaning|history|king|flag|purpose|colour|speed|weight|language] of [{city}|{thing}|the {noun}|{nouns}|{name}]
    who [invented|wrote|discovered|painted|directed|built|won|founded|composed|killed|sang|designed|made|took] [the {noun}|{name}|the first {noun}|the picture {name}|the film {name}|the song {name}|{thing}]
    who [is|was|are] {name}
    [what|which] {noun} [is|was] the [biggest|oldest|fastest|best|first|largest|smallest|most {adjective}] [in {city}|of all|in the world|on earth|]
    when [was|is|did|does|will] [{name}|the {noun}|{thing}|{city}] [born|founded|invented|begin|end|happen|built|arrive|over|die]
    where [is|are|was|can i find|do i find|does one buy] [{city}|{thing}|the {noun}|{nouns}|{name}|my {noun}]
    why [is|are|do|does|did|can't|was] [the {noun}|{nouns}|{thing}|{name}|we|people|i] [{verb}|{adjective}|so {adjective}|not {verb}]
    how [many|much] [{nouns}|{noun}|people|pixels|legs|days|cups|planets|countries|strings] [are there in|does|do|live in|has|are in|make up] [{city}|{thing}|a {noun}|{nouns}|the {noun}]
    how [old|tall|long|big|fast|heavy|deep|far|hot|expensive|loud|high] [is|was|are] [{name}|{thing}|the {noun}|{nouns}|{city}|it to {city}]
    how do [i|you|we|people] [{verb}|make|build|fix|cook|install|draw|clean|repair|get|learn|tune|grow|film|record] [{thing}|a {noun}|the {noun}|{nouns}|a video|music]
    how [do|does|did] [{nouns}|{thing}|a {noun}|the {noun}|cameras|videos|speakers|microphones|it] [work|{verb}|form|grow|survive|live|sleep]
    what [do|does|did] [{nouns}|{thing}|a {noun}|{name}|the {noun}|the word {noun}] [eat|mean|do|drink|cost|weigh|invent|say about {nouns}|have in common]
    what [happened|happens] [in {int}|in {city}|to {name}|when {nouns} {verb}|at {number}|to the {noun}|after {int}]
    what [is|are] {nouns} [made of|for|used for|called in {language}|good for]
    what [time|day|date|year] is it [in {city}|now|today|]
    [what's|what is|how is] the [weather|temperature|time|news|date|traffic] [in|like in|today in|tomorrow in] {city}
    [what's|what is] the [difference|relation|distance] between {nouns} and {nouns}
    [explain|define|describe|tell me about|teach me about|inform me about|what do you know about] [{nouns}|{thing}|the {noun}|{name}|{city}|how {nouns} {verb}|what {thing} is|why {nouns} {verb}|the history of {city}|the theory of {nouns}]
    [tell me|explain|say|let me know|do you know|can you explain] [what|how|why|where|when|who|whether] [{nouns} {verb}|the {noun} is|{name} was|{thing} {verb}s|{city} is|{nouns} are {adjective}|{name} died]
    [tell me|give me|do you know|i need] [a|one|another] [joke|story|fact|riddle|fun fact|secret|bedtime story|poem|recipe|quote|tip] [about {nouns}|about {thing}|for {thing}|for {nouns}|about {city}|about {name}|]
    [write|compose|draft|write me|make up|invent|think up] [a|an|me a|the] [poem|story|essay|letter|email|haiku|limerick|cover letter|song text|script|speech|tweet|article|summary|blog post|slogan|joke|tale|text|caption|list|product description|CV|report|sonnet|rap|review] [about|for|on|to] [{nouns}|{thing}|{name}|{city}|the {noun}|a {noun}|my {noun}]
    [write|make|fix|debug|explain] [a|an|this|the|some|my] [python|javascript|rust|C|html|SQL|] [function|program|script|code|class|regex|query|formula] [that {verb}s {nouns}|for {nouns}|for a {noun}|to {verb} the {noun}|]
    [translate|put|turn] "{sentence}" [into|to] {language}[|, text only| for me|, please| in writing]
    [translate|put] [{thing}|this|the word {noun}|"{sentence}"|the sentence "{sentence}"|"{noun}"] [into|to] {language}
    [translate|translate this|put this] [into|to] {language}: {sentence}
    [what is|what's|how do you say] ["{noun}"|{noun}|"{thing}"|"{sentence}"|the word for {noun}|the {language} word for {noun}] in {language}
    [summarise|summarize|rewrite|shorten|correct|proofread|improve|rephrase|paraphrase|simplify|check] [this|this text|the text|the following|my text|this sentence|my grammar]: {sentence}
    [summarise|summarize|review|analyse|compare|discuss] [the plot of {name}|the book {name}|the history of {city}|{nouns} and {nouns}|the news|{thing}]
    [what is|what's|calculate|compute|how much is|solve|evaluate|] {int} [+|-|*|/|x|plus|minus|times|divided by|percent of|to the power of] {int}
    [what is|what's|calculate|] the [square root|double|half|factorial|sum|product|logarithm] of {int}
    {int} [+|-|*|/|times|plus] {int} [=|is what|]
    [solve|prove|simplify] [x + {int} = {int}|{int}x = {int}|the equation {int}x + {int} = {int}|x squared is {int}]
    [convert|change] {int} [miles|kilometres|pounds|inches|euros|degrees|litres|dollars|hours] [to|into] [kilometres|miles|kilos|centimetres|yen|minutes|gallons]
    [count|spell|rhyme|sort|list|name|alphabetise] [the letters in {noun}|{noun}|with {noun}|these words: {noun}, {noun}, {noun}|three {nouns}|five {nouns}|ten {nouns}|all {nouns}|the {nouns} of {city}|the letters of "{noun}"|something with {noun}]
    [recommend|suggest|find|name] [a|me a|some|one] [film|book|restaurant|song|hotel|game|name for my {noun}|gift for {name}|good {noun}|band|movie about {nouns}]
    [give me|i need|list] [ten|five|three|some|a few|two] [ideas|names|tips|reasons|facts|synonyms|examples|words|arguments] [for|about|for a|of] {noun}
    [is|are|was|were] [{thing}|{nouns}|{city}|the {noun}|{name}] [{adjective}|a {noun}|bigger than {nouns}|in {city}|real|dangerous|edible|dead|extinct|true]
    [do|does|can|did] [{nouns}|{name}|the {noun}|a {noun}] [{verb}|have {nouns}|like {nouns}|live in {city}|cause {nouns}|eat {nouns}|see colours|dream]
    [should|shall|may|must|can] [i|we|one] [{verb}|buy {thing}|go to {city}|eat {nouns}|learn {language}|trust {nouns}|take the {noun}]
    what [should|can|could] [i|we] [eat|cook|wear|read|watch|do in {city}|call my {noun}|give {name}|name my {noun}]
    [do you|don't you|would you] [like|know|think about|believe in|remember|prefer|love] [{nouns}|{name}|{thing}|{city}|the {noun}]
    [what's|what is] your [favourite|favorite] {noun}
    which [{noun}|country|animal|planet|film|song|instrument|river|painter|year] [has|did {name} play|is {adjective}|{verb}s|won in {int}|lives in {city}|is the longest|made the {noun}|came first]
    [book|order|buy|send|call|open|play me the latest|turn on|set|remind me of|delete|schedule] [a table|{thing}|an email to {name}|the lights|a timer for {int} minutes|an alarm for {number}|a flight to {city}|the file|a meeting with {name}|a taxi]
    [search|google|look up|browse|find] [the web|online|the internet|information] [for|about] [{thing}|{nouns}|{name}]
    [meaning|definition|etymology|synonyms|opposite|plural|history|price|recipe] of {noun}
    [homework|quiz question|trivia|question]: [who|what|when] [was|is] {name}
    what [film|movie|song|book|painting|video] [is|was] [that|the first|the longest|the most {adjective}]
    how [do|does] [video|sound|image|camera|radio|music|picture] [files|codecs|recorders|waves|sensors|players] work
    describe [the sound of|the look of|what] {thing} in words
    what is {noun}
    [whose|which|what] {noun} [was|is|did|has] [it|that|the {noun}|{name}][ that {verb}s|]
    [i need|i want|give me|can i have|could you give me] [a definition|an explanation|directions|advice|a recipe|information|the address|the phone number|the score|the time|the date|the lyrics|a translation|an answer] [of|for|on|about|to] [{nouns}|{thing}|{name}|the {noun}]
    [work out|figure out|estimate|compute|add up|multiply|divide|subtract] [{int} and {int}|the {noun}|{int} by {int}|how many {nouns} there are]
    [help me|teach me|show me how|i want to learn how] to [{verb}|cook {nouns}|speak {language}|write {thing}|fix the {noun}|program|draw {nouns}]
    [is it|was it|will it be] [true|possible|likely|legal|safe|raining|cold] [that {nouns} {verb}|to {verb}|in {city}|tomorrow]
    [how|what] [come|if] [{nouns} {verb}|the {noun} is {adjective}|there were no {nouns}]
    [in which|in what|on which|at what|from which|for how long|since when|how often|how soon|how far] [year|country|city|day|age|] [did|do|was|is|does] [{name}|{nouns}|{thing}|the {noun}] [{verb}|born|begin|live|end]
    [the answer to|solution to|result of] [the {noun}|{int} + {int}|the riddle|life]
    {noun} meaning
    define {noun}
    advice on {nouns}
    [how|what] about {nouns}, are they {adjective}
""")
KNOWLEDGE_ABOUT = lines("""
    what do {x} eat
    what are {x}
    where do {x} live
    why do {x} {verb}
    how old do {x} get
    how do {x} {verb}
    who invented {x}
    tell me about {x}
    explain {x}
    tell me a fact about {x}
    how many {x} are there
    write a poem about {x}
    tell me a story about {x}
""")
READ_ANSWER = lines("""
    and read it aloud
    , then read it to me
    and say [it|the answer] [aloud|out loud|]
    , spoken please
    and speak the answer
    and read the answer aloud
    . say the answer
""")
#: What a short text is about, {x}, which the person gives.
ABOUT = lines("""
    what is [this|the following|this sentence|this text|that] about[: |, |? ]{x}
    what['s|s| is] {x} about
    [name|tell me|say|give me] the [subject|topic|theme|noun|thing that matters] [of|in] [this|the sentence|the caption|this caption|the title|]: {x}
    {x}[. |: | - |; ][what is that about|what is it about|what is meant|what does that describe|so what is it]
    [who or what|what|which creature or thing] [does|would] {x} describe
    [what|who] is the [hero|subject|star|topic|focus] of {x}
    [read|here is|take|look at] [this|a line|a caption|a sentence|my note]: {x}. [what is it about|what does it show|its subject]
    in [a|one|two] [word|words], what is {x} about
    {x} is the title of a [picture|story|poem|song]. [what will it be about|what would it show|what is in it]
    [sum up|boil down] {x} [to its subject|to one noun|to the thing it names]
    [what|which] [noun|subject] [stands|is] [at the centre|at the heart|in the middle] of {x}
    [someone said|she wrote|my note says|the label reads] {x}, what [is|was] [it|that] about
""")
