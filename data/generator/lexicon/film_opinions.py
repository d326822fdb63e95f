"""Cues of sentiment in film reviews, by class and strength."""

WORDS = {
    "adj.pos.3": """brilliant, superb, magnificent, dazzling, outstanding, masterful, flawless,
        exquisite, sublime, extraordinary, wonderful, stunning, glorious, exceptional, marvellous,
        unforgettable, breathtaking, terrific, perfect, riveting, remarkable, splendid, fantastic,
        amazing, excellent, phenomenal, spellbinding, impeccable""",
    "adj.pos.2": """good, strong, engaging, clever, charming, satisfying, enjoyable, impressive,
        convincing, assured, graceful, witty, polished, absorbing, fresh, sincere, memorable, sharp,
        intelligent, elegant, rewarding, likeable, inventive, confident, delightful, vivid,
        imaginative, subtle, compelling, lovely""",
    "adj.pos.1": """decent, competent, solid, pleasant, tidy, fair, watchable, sensible, earnest,
        brisk, neat, steady, modest, careful, unusual, ambitious, quiet, old-fashioned, direct,
        patient, restrained, slow, strange, simple, serious, playful, light, odd""",
    "adj.neg.3": """awful, terrible, dreadful, atrocious, abysmal, wretched, unbearable, appalling,
        horrible, insulting, incompetent, laughable, pathetic, disastrous, unwatchable, hopeless,
        worthless, miserable, excruciating, embarrassing, dire, lousy, inept, idiotic, shoddy,
        painful, rotten, ghastly""",
    "adj.neg.2": """dull, weak, tedious, clumsy, bland, stale, shallow, lazy, wooden, muddled,
        disappointing, forgettable, flat, predictable, contrived, lifeless, sloppy, hollow,
        annoying, pointless, tiresome, unconvincing, confused, stilted, amateurish, poor, bad,
        boring, cheap, overdone""",
    "adj.neg.1": """uneven, thin, slow, ordinary, overlong, rough, familiar, vague, routine, loud,
        busy, odd, cold, safe, small, stiff, plain, repetitive, undercooked, hurried, talky,
        strange, simple, serious, light, crowded, abrupt, tame""",
    "verdict.pos.3": """masterpiece, triumph, gem, treasure, marvel, classic, knockout, joy,
        miracle, work* of art, revelation, stroke* of genius, landmark""",
    "verdict.pos.2": """delight, pleasure, success, winner, treat, welcome surprise, crowd-pleaser,
        labour* of love, fine piece of craft, rare find, worthy effort, real achievement""",
    "verdict.pos.1": """decent effort, pleasant diversion, curiosity, grower, promising start,
        honest attempt, tidy package, good starting point, reasonable bet, safe choice, modest
        success""",
    "verdict.neg.3": """disaster, train wreck, mess, catastrophe, travesty, insult, fiasco,
        abomination, farce, total failure, waste* of time, crime against cinema, shambles""",
    "verdict.neg.2": """disappointment, letdown, bore, chore, dud, misfire, slog, missed
        opportunity, flop, blunder, mistake, cheap imitation, cash grab""",
    "verdict.neg.1": """half-finished sketch, rough draft, mixed bag, curiosity, oddity, safe
        choice, long sit, wobbly attempt, patchwork, modest failure, first attempt""",
    # What an aspect of a film does; the head takes the number of its subject.
    "does.pos.3": """work beautifully, soar, dazzle, shine from start to finish, take my breath
        away, amaze, earn every bit of praise, sparkle, enchant, deserve an ovation, astonish""",
    "does.pos.2": """hold the attention, linger for days, hit the right notes, pay off, fit like a
        glove, find the right tone, surprise in the best way, carry the viewer along, delight,
        convince, keep its grip, strike a chord, ring true""",
    "does.pos.1": """get the job done, grow on you, hold together, take its time, stay out of the
        way, suffice, stay with me, improve later on, leave room to think, move along, keep its
        word""",
    "does.neg.3": """fail completely, stink, collapse, ruin everything, insult the viewer, make no
        sense at all, sink without trace, fall to pieces, die on the screen, disgrace everyone
        involved""",
    "does.neg.2": """drag, fall flat, wear thin, miss the mark, irritate, grate, lead nowhere, bore,
        run out of ideas, outstay its welcome, disappoint, stumble, feel forced, ring false""",
    "does.neg.1": """come and go, take its time, wander, drift, leave questions open, hurry along,
        repeat itself, sit there, wobble now and then, stay on the surface, fade, arrive late""",
    "manner.pos.3": "brilliantly, superbly, flawlessly, masterfully, wonderfully, exquisitely",
    "manner.pos.2": """nicely, skilfully, elegantly, convincingly, cleverly, gracefully, deftly,
        well""",
    "manner.pos.1": "carefully, sensibly, neatly, quietly, competently, patiently, simply, plainly",
    "manner.neg.3": "atrociously, dreadfully, terribly, incompetently, pathetically, horribly",
    "manner.neg.2": "poorly, badly, clumsily, lazily, sloppily, tediously, feebly, awkwardly",
    "manner.neg.1": "hastily, stiffly, vaguely, loosely, quickly, loudly, simply, plainly",
    # Verb phrases of a viewer, in the first person and the past.
    "reaction.pos.3": """loved every minute, was blown away, applauded at the end, adored it, wanted
        to cheer, was completely captivated, could not look away, fell in love with it, left
        elated""",
    "reaction.pos.2": """enjoyed myself, was thoroughly entertained, laughed in the right places,
        left with a smile, recommended it to friends, was won over, bought a copy, would happily see
        it again, forgot the time, was glad I came""",
    "reaction.pos.1": """stayed until the end, got used to it, warmed to it, thought about it later,
        had few complaints, came round to it, watched the credits, was in the mood for it, kept an
        open mind, would give it another look""",
    "reaction.neg.3": """hated every minute, walked out, wanted my money back, felt insulted,
        regretted the ticket, detested it, begged for it to end, could not believe how bad it was,
        left furious""",
    "reaction.neg.2": """nearly fell asleep, checked my watch twice, lost interest, was bored,
        sighed a lot, stopped caring, rolled my eyes, felt cheated, gave up on it, was let down,
        yawned""",
    "reaction.neg.1": """looked at my phone, went for a drink, expected more, lost the thread, sat
        there politely, shrugged at the end, thought about dinner, was in the wrong mood for it,
        kept an open mind, had a few complaints, stayed until the end""",
    "advice.pos.3": """do not miss it, see it at any price, drop everything and go, buy it today,
        ten out of ten, run to the nearest screen, give it every prize there is""",
    "advice.pos.2": """well worth your time, warmly recommended, see it with friends, bring the
        family, worth every penny, add it to the shelf, two thumbs up, give it a chance""",
    "advice.pos.1": """fine for a quiet night, worth a rental, try it once, no harm done, better
        late than never, be patient with it, good enough for me""",
    "advice.neg.3": """avoid it at all costs, save your money, burn the negative, zero out of ten,
        stay far away, nobody should sit through this, demand a refund""",
    "advice.neg.2": """skip it, not worth the bother, spend the evening elsewhere, read a book
        instead, two thumbs down, wait for something better, leave it on the shelf, steer clear""",
    "advice.neg.1": """wait until it is free, watch it while ironing, for completists alone, not in
        a hurry, maybe on a long flight, your mileage may vary, lower your hopes""",
    "degree": """rather, quite, very, really, truly, remarkably, fairly, surprisingly, simply,
        oddly, consistently, almost always, unexpectedly, mostly, decidedly""",
    "critic": """one critic, the poster, a reviewer, the blurb, the trailer, my boss, the local
        paper, a famous columnist, the press kit, everybody online, a podcast, the festival guide,
        the man at the ticket desk, the back cover, an old guidebook""",
}
