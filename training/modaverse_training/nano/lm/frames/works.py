"""What tells a medium by its own name: kinds of pictures, shots of films, pieces of music."""

# ruff: noqa: E501 - the tables hold one phrase a line

from __future__ import annotations

from modaverse_training.nano.lm.phrases import lines

#: Things that are there to be looked at. What they show stands after them, and the prompt holds both:
#: no mere "picture", "photo" or "drawing", which the frames of pictures leave out of it.
VISUAL_WORKS = lines("""
    [logo|icon|emblem|crest|badge|monogram|seal|mascot|coat of arms|trademark|favicon|app icon|pictogram|symbol]
    [poster|flyer|leaflet|brochure|placard|banner|billboard|signboard|shop sign|road sign|pub sign|street sign|nameplate|pennant|noticeboard]
    [sticker|stamp|postcard|greeting card|birthday card|Christmas card|business card|playing card|tarot card|trading card|flash card|invitation|bookmark|bookplate|ticket|coaster|beer mat|label|price tag|gift tag|menu]
    [book cover|album cover|record sleeve|magazine cover|dust jacket|frontispiece|title page|endpaper|vignette|comic strip|comic panel|storyboard panel|webcomic|colouring page|newspaper cartoon]
    [mural|fresco|mosaic|tapestry|stained-glass window|triptych|altarpiece|icon on gold|frieze|relief|cameo|miniature|diptych|trompe l'oeil]
    [scribble|study|outline|silhouette|caricature|cartoon|portrait|self-portrait|still life|landscape|seascape|nude|profile|bust]
    [etching|engraving|woodcut|linocut|lithograph|screen print|monotype|aquatint|mezzotint|drypoint|woodblock print|rubbing|stencil|collage|photomontage|decoupage]
    [watercolour|gouache|fresco|pastel|charcoal drawing|ink drawing|pencil drawing|chalk drawing|crayon drawing|oil sketch|oil painting|acrylic painting|finger painting|sand painting|tempera panel|silverpoint]
    [polaroid|daguerreotype|selfie|headshot|mugshot|passport photo|X-ray|close-up|macro shot|aerial photo|satellite image|panorama|wide-angle shot|long exposure|double exposure|contact sheet|photogram|tintype]
    [map|treasure map|blueprint|floor plan|elevation|cross-section|exploded view|diagram|flow chart|bar chart|pie chart|graph|infographic|timeline|family tree|wireframe|mock-up|schematic|sewing pattern]
    [avatar|emoji|sprite|tileset|texture|wallpaper|desktop background|lock screen|thumbnail|splash screen|pixel art|ASCII-like drawing|3D render|low-poly model|voxel scene|concept art piece|matte painting|character sheet]
    [tattoo|henna pattern|face paint design|nail art design|embroidery|cross-stitch|quilt block|patchwork|knitting chart|batik|T-shirt print|tote bag print|jersey|costume design|fashion sketch|fabric pattern]
    [wall chart|calendar page|school poster|anatomical plate|botanical plate|field guide plate|specimen drawing|star chart|weather map|chess diagram|crossword grid|maze|jigsaw|rebus|wanted poster|eye chart]
    [plate with a design|tile|vase decoration|cake topper|cookie design|latte art|snow globe|diorama|paper cut-out|origami model|sculpture|statue|figurine|bas-relief|topiary|ice sculpture|weathervane|hologram]
""")
SHOWING = ("of", "of", "of", "with", "with", "showing", "featuring", "depicting")
#: How a picture is made, after what it shows.
VISUAL_WAYS = lines("""
    [in|done in|made in] [oils|gouache|charcoal|crayon|chalk|ink|biro|pastels|watercolours|acrylics|felt tip|stained glass|mosaic|marble|bronze|cross-stitch|origami|papier-mache|silhouette|sepia|monochrome|pixel art|low poly|isometric view|flat design|line art|woodcut style]
    [35 mm film|macro lens|fisheye lens|tilt-shift|shallow depth of field|soft focus|bokeh|golden hour|backlit|high key|low key|studio light|rim light|long exposure|bird's-eye view|worm's-eye view|top view|side view|rear view|cutaway|portrait format|landscape format|square crop|centred|symmetrical|transparent background|white background|hand-drawn|hyperrealistic|art nouveau|art deco|bauhaus|pop art|ukiyo-e|cubist|surrealist|pointillist|rococo|Gothic]
""")
#: Shots and kinds of films, up to what they show.
SHOTS = lines("""
    [slow|quick|long|smooth|shaky|low|high|] [pan|dolly|dolly-in|dolly-out|tracking shot|crane shot|jib shot|tilt|tilt up|zoom|zoom-in|zoom-out|push-in|pull-back|orbit|arc shot|whip pan|follow shot|steadicam shot|handheld shot] [of|over|across|onto|around|past|towards]
    [time-lapse|hyperlapse|slow motion|slow-mo shot|high-speed footage|stop motion|stop-motion film|claymation|boomerang|cinemagraph|teaser|trailer|montage|vlog|newsreel|home movie|silent film|flipbook|anime scene|animated short|screen saver|music video|documentary|nature film] of
    [drone|aerial|GoPro|dashcam|webcam|security camera|CCTV|night-vision|underwater|thermal|black and white|archive|found|backstage|crowd|slow-motion|stock] footage of
    [establishing shot|cutaway|insert|B-roll|pick-up shot|reaction shot|two-shot|reverse shot|POV shot|over-the-shoulder shot|locked-off shot|opening shot|closing shot|rack focus|split screen|one-take|long take|jump cut|cutscene|title sequence|ident|commercial] [of|with]
    [rewind of|fast-forward of|backwards film of|motion study of|point of view of|camera following|camera circling|camera gliding past|drone orbiting|drone flying over]
""")
#: How a film shows it, after what it shows.
SHOT_WAYS = lines("""
    [in slow motion|in super slow motion|in fast motion|in time-lapse|sped up|slowed down|frame by frame|in one take|without a cut|in a loop|looped|played backwards|in reverse|handheld|from a drone|from a moving car|seen by a security camera|as the camera pulls back|while the camera pans|as the camera circles|with a slow zoom|at 24 frames a second|at 120 fps|in stop motion|caught on camera]
""")
#: Pieces and styles of music.
MUSICAL_WORKS = lines("""
    [lullaby|ballad|hymn|anthem|march|waltz|tango|polka|jig|reel|hornpipe|strathspey|minuet|gavotte|sarabande|bourree|mazurka|polonaise|bolero|fandango|tarantella|rumba|mambo|cha-cha|bossa nova|samba|calypso|foxtrot|quickstep|charleston|cancan|galop|landler|csardas|klezmer dance|square dance tune|sea shanty|work song|drinking song|carol|dirge|requiem|psalm|chant|madrigal|motet|aria|overture|prelude|fugue|toccata|sonata|sonatina|rondo|scherzo|etude|nocturne|impromptu|rhapsody|serenade|barcarolle|concerto|symphony|string quartet|divertimento|fanfare|flourish|cadenza|arpeggio|glissando|tremolo|trill|ostinato|drone|pedal note|chord progression|turnaround|vamp|riff|lick|hook|breakdown|build-up|drop|bridge|chorus|intro|outro|interlude|medley|mash-up|remix|jingle|sting|bumper|bed|theme tune|signature tune|leitmotif|underscore|ringtone|alarm tone|hold music|lift music|karaoke backing|backing track|click track|bassline|drum break|drum fill|beat|groove|loop|sample|solo|duet|trio]
    [blues|bebop|swing|Dixieland|ragtime|boogie-woogie|stride|cool jazz|free jazz|acid jazz|gypsy jazz|big band|soul|Motown|funk|disco|rhythm and blues|doo-wop|gospel|rockabilly|surf rock|glam rock|prog rock|psychedelic rock|punk|post-punk|new wave|grunge|shoegaze|heavy metal|thrash|doom metal|power ballad|country|bluegrass|honky-tonk|Western swing|zydeco|Cajun|folk|skiffle|reggae|ska|dub|dancehall|soca|merengue|salsa|cumbia|bachata|son|mariachi|flamenco|fado|chanson|musette|klezmer|rebetiko|qawwali|raga|gamelan|gagaku|taiko|afrobeat|highlife|soukous|mbalax|rai|techno|house|deep house|acid house|trance|drum and bass|jungle|dubstep|garage|grime|trap|drill|hip hop|lo-fi|trip hop|downtempo|ambient|chillout|new age|synthwave|vaporwave|chiptune|electro|industrial|krautrock|Italo disco|Eurodance|baroque|plainsong]
""")
#: What music is played on and by; alone they are rather to be seen, so a word of `PLAYING` follows.
PLAYERS = lines("""
    [grand piano|upright piano|honky-tonk piano|toy piano|electric piano|harpsichord|clavichord|celesta|pipe organ|barrel organ|Hammond organ|harmonium|accordion|concertina|bandoneon|melodica|mouth organ|harmonica|fiddle|violin|viola|cello|double bass|hurdy-gurdy|nyckelharpa|lute|mandolin|banjo|ukulele|acoustic guitar|slide guitar|steel guitar|twelve-string|bass guitar|sitar|sarod|oud|bouzouki|balalaika|koto|shamisen|pipa|erhu|guzheng|kora|zither|dulcimer|harp|lyre|psaltery|flute|piccolo|recorder|tin whistle|panpipes|ocarina|bansuri|shakuhachi|oboe|cor anglais|bassoon|contrabassoon|clarinet|bass clarinet|saxophone|alto sax|crumhorn|shawm|bagpipes|uilleann pipes|didgeridoo|trumpet|cornet|flugelhorn|bugle|French horn|trombone|tuba|sousaphone|alphorn|vuvuzela|kazoo|timpani|snare drum|bass drum|tom-toms|bongos|congas|djembe|tabla|bodhran|taiko drum|steel drum|tambourine|castanets|maracas|claves|cowbell|woodblock|triangle|cymbals|gong|tubular bells|glockenspiel|xylophone|marimba|vibraphone|kalimba|handbells|singing bowl|music box|theremin|Mellotron|Moog|drum machine|vocoder|turntable|choir|boys' choir|barbershop quartet|brass band|marching band|string orchestra|jazz trio|steel band|mariachi band|pub band|beatboxer|yodeller]
""")
PLAYING = (
    "solo", "solo", "tune", "melody", "riff", "music", "piece", "playing", "intro", "chords", "scale",
    "improvisation", "groove", "lick",
)  # fmt: skip
MUSICAL_WAYS = lines("""
    [in C|in D minor|in E flat|in F sharp minor|in a minor key|in a major key|in three four|in seven eight|in six eight|at 90 bpm|at 120 bpm|at 174 bpm|up-tempo|down-tempo|allegro|adagio|andante|presto|largo|legato|staccato|pizzicato|con brio|rubato|crescendo|pianissimo|fortissimo|muted|unplugged|a cappella|out of tune|swung|syncopated|with brushes|with vinyl crackle|with a slow build|with handclaps]
""")
