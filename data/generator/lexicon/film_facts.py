"""Neutral words about films: titles, trades, numbers."""

WORDS = {
    "title_adjective": """Amber, Ashen, Bitter, Blue, Bright, Broken, Burning, Copper, Crimson,
        Distant, Eastern, Empty, Endless, Faded, Fallen, Final, Forgotten, Fragile, Frozen, Gentle,
        Golden, Hidden, Hollow, Idle, Inner, Iron, Ivory, Last, Lonely, Long, Lost, Lower, Marble,
        Narrow, Northern, Open, Painted, Pale, Paper, Patient, Quiet, Restless, Rising, Running,
        Scarlet, Second, Secret, Seventh, Shallow, Silent, Silver, Slow, Small, Southern, Steep,
        Sunken, Sweet, Tender, Third, Twisted, Velvet, Violet, Wandering, White, Wild, Winter,
        Wooden""",
    "title_noun": """Anchor, Autumn, Balcony, Basin, Bell, Bridge, Canal, Candle, Carousel, Chapel,
        Circle, Clock, Coast, Compass, Corridor, Crossing, Curtain, Door, Echo, Feather, Ferry,
        Field, Fire, Garden, Gate, Glacier, Guest, Harbour, Harvest, Hill, Horizon, Hour, House,
        Island, Journey, Key, Lantern, Letter, Lighthouse, Map, Meadow, Mirror, Mountain, Night,
        Orchard, Passage, Piano, Pier, Promise, Quarry, Reef, Return, River, Road, Room, Root, Sand,
        Sea, Season, Shore, Signal, Sparrow, Stair, Station, Stone, Storm, Stranger, Summer, Thread,
        Threshold, Tide, Tower, Train, Valley, Vessel, Village, Voyage, Wall, Water, Well, Window,
        Witness, Wood""",
    "trade": """editor, cameraman, composer, costume designer, stuntman, sound engineer, set
        painter, casting agent, screenwriter, lighting crew, make-up artist, location scout,
        translator, second unit, script supervisor, boom operator, production designer,
        choreographer""",
    "decade": "twenties, thirties, forties, fifties, sixties, seventies, eighties, nineties",
    "country": """Canada, Norway, Poland, Portugal, Scotland, Ireland, Italy, Hungary, Greece,
        Mexico, Brazil, Japan, Korea, Iceland, Denmark, Belgium, Spain, Argentina, Finland, Austria,
        Bulgaria, Australia, India, Egypt, Turkey, Chile""",
    "stock": """black and white, muted colour, sixteen millimetre, widescreen, grainy digital video,
        washed-out colour, a square frame, natural light, a single location, long takes, three
        languages, bright daylight, eleven days, chronological order, a rented warehouse, the
        round""",
    "landscape": """coastal town, valley, farmhouse, suburb, fishing port, mining town, island
        village, desert, mountain village, market town, vineyard, canal district, harbour, prairie
        town, railway town, ski lodge, lake house, boarding school, hospital, army camp, monastery,
        castle, guest house, motel, caravan park, factory, theatre, orchard, tower block,
        lighthouse, newspaper office, spa town, shipyard, border town, cannery""",
    "venue": """cinema, multiplex, library, town hall, school gym, arts centre, drive-in, museum,
        film club, community centre, hotel room, observatory, caravan, waiting room, campus,
        bookshop, living room, kitchen, garage, garden shed, dormitory, cabin, lounge, church hall,
        theatre, bar, cafe, airport, sports hall""",
    "carrier": """streaming, cable, an old tape, a borrowed disc, late television, a laptop, a
        projector, a plane, a battered cassette, a boxed set, my phone, a rented disc, a festival
        pass, a library copy, a tablet""",
    "award": """award, medal, retrospective, prize, screening, subtitle track, restoration, press
        kit, reissue, box set, soundtrack album, radio version, remake, stage version, sequel,
        prequel""",
    "aspect": """acting!, script!, direction!, cast!, photography!, editing!, score!, pacing!,
        ending!, opening!, dialogue!, performance, lead performance!, camera work!, production
        design!, lighting!, sound design!, supporting cast!, second half!, first act!, final act!,
        screenplay!, storyline!, staging!, costumes+, sets+, middle section!, narration!, casting!,
        framing!, music!, plot!, structure!, title sequence!, cinematography!, flashbacks+,
        monologue, subplot, side character, closing shot!, songs+, crowd scenes+, extras+, jokes+,
        sound effects+, accents+, locations+, transitions+, character, supporting part""",
}

RULES = {
    "title": """
        4> The {title_adjective} {title_noun}
        3> {title_adjective} {title_noun}
        2> The {title_noun} of {town}
        2> {title_noun} and {title_noun}
        2> The {title_noun}
        A {title_noun} in {month}
        {first_name} and the {title_noun}
        Letters from {town}""",
    "film": """
        3> the film
        3> the movie
        3> {=title}
        2> this film
        2> this movie
        this picture
        {=director} 's film
        the whole thing""",
    "filler": """
        3> {watched} it on a {weather} {weekday} with {relative} .
        2> {watched} it in a {venue:sg} in {town} , on {carrier} , over {food} .
        2> We {watched_we} it at the {venue:sg} one {weather} {daytime} .
        2> {=director} shot it in {stock} near {town} .
        2> It was filmed in {country} and in {country} in the {decade} .
        2> {=lead} plays a {job:sg} from {town} .
        2> {=lead} and {person} play a {job:sg} and a {job:sg} .
        2> It takes place in a {landscape:sg} in {country} .
        The story begins in a {landscape:sg} near {town} , in the {decade} .
        It runs for about {count} reels and has {count} speaking parts .
        I own the {award:sg} , which {relative} gave me in {month} .
        There is also a {award:sg} , made in {country} .
        The {trade:sg} , {person} , came from the {landscape:sg} where it was shot .
        {person} was the {trade:sg} , and {person} was the {trade:sg} .
        {=director} was a {job:sg} before the cameras rolled in {town} .
        My {kin:sg} , a {job:sg} , once met {=lead} at the {shop:sg} in {town} .
        Before {=title} I had seen {count} films by {=director} .
        It is based on a novel by {person} , a {job:sg} from {country} .
        For the record , it was released in {month} and again in {month} .
        {relative} brought {food} and talked about {hobby} until it started .
        We had spent the {daytime} on {hobby} and ate {food} on the way .
        I took notes on the back of a {thing:sg} .
        Somebody in the row behind us carried a {thing:sg} and a bag of {goods} .
        The {animal:sg} slept on the sofa and {relative} folded {goods} .
        There is a scene with a {thing:sg} and a {animal:sg} .
        A {job:sg} , a {job:sg} and a {animal:sg} share the first scene .
        {=lead} carries a {thing:sg} from one end of the {landscape:sg} to the other .
        The credits thank the {shop:sg} and the {venue:sg} of {town} .
        The version I have comes from {country} , with {food} advertised on the sleeve .
        A lecture on {subject} at the {venue:sg} ended with a clip from it .
        {person} , who teaches {subject} , lent me a copy .""",
    "watched": """
        2> I saw
        2> I watched
        I first saw
        Last {month} I watched
        In {month} I saw""",
    "watched_we": """
        watched
        saw
        caught
        were shown""",
}
