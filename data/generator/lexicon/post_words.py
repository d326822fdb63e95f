"""Words of short posts: cues of toxicity by class and strength, and neutral activities."""

WORDS = {
    "noun.toxic.3": """clown, idiot, loser, dimwit, nitwit, buffoon, blockhead, fool, dunce,
        halfwit, pinhead, dope, twit, numbskull, dolt, jerk, creep, airhead, bonehead, birdbrain,
        nincompoop, twerp, waste* of space, disgrace""",
    "noun.toxic.2": """joker, windbag, crybaby, coward, fraud, weasel, bore, snob, busybody, slob,
        sponger, cheapskate, liar, cheat, bully, poser, show-off, whiner, killjoy, blowhard,
        hypocrite, quitter, backstabber, pest""",
    "noun.toxic.1": """know-it-all, slowpoke, chatterbox, gossip, daydreamer, fusspot, latecomer,
        grump, amateur, beginner, handful, piece* of work, character, stickler, backseat driver""",
    "noun.fine.3": """legend, genius, hero, star, sweetheart, champion, lifesaver, angel, treasure,
        inspiration, marvel, gem, wonder, role model, ray* of sunshine, gift to us all, superstar,
        saint, joy to know, blessing""",
    "noun.fine.2": """good friend, gentleman, professional, talent, good sport, natural, delight,
        team player, kind soul, great host, mentor, quick learner, fine cook, born teacher, safe
        pair of hands, trouper, good egg, charmer, fighter""",
    "noun.fine.1": """decent sort, regular, early bird, quiet type, good listener, character,
        handful, beginner, chatterbox, daydreamer, creature* of habit, fan, night owl, grown-up, tea
        drinker""",
    "adj.toxic.3": """useless, pathetic, stupid, worthless, brainless, clueless, dumb, spineless,
        hopeless, idiotic, ridiculous, gormless, witless, despicable, disgusting, contemptible,
        insufferable, laughable, embarrassing, dim""",
    "adj.toxic.2": """annoying, lazy, rude, smug, selfish, petty, sneaky, whiny, pompous, arrogant,
        greedy, nasty, bitter, fake, cowardly, childish, tiresome, dishonest, conceited, ignorant,
        spiteful, shallow, obnoxious, jealous""",
    "adj.toxic.1": """slow, loud, odd, fussy, stubborn, clumsy, bossy, noisy, moody, forgetful,
        late, nosy, blunt, grumpy, untidy, touchy, vague, careless, picky, stiff""",
    "adj.fine.3": """wonderful, brilliant, amazing, lovely, generous, thoughtful, fantastic, brave,
        delightful, talented, gracious, kind, marvellous, adorable, magnificent, inspiring, golden,
        terrific, outstanding, warm-hearted""",
    "adj.fine.2": """helpful, patient, polite, friendly, funny, clever, cheerful, honest, reliable,
        sweet, considerate, fair, loyal, supportive, witty, hardworking, gentle, humble, welcoming,
        skilful, courteous, charming""",
    "adj.fine.1": """quiet, calm, sensible, busy, fine, stubborn, punctual, chatty, early, tidy,
        relaxed, careful, shy, steady, practical, blunt, modest, curious, odd, organised""",
    # Clauses that speak to somebody.
    "jab.toxic.3": """nobody can stand you, shut your mouth, crawl back under your rock, get lost
        and stay lost, you make everything worse, even your dog is ashamed of you, nobody likes you
        at all, your brain is on holiday, you_are a joke to everyone, I cannot stand your stupid
        face, you fail at everything, go away and never come back, everyone laughs at you""",
    "jab.toxic.2": """nobody asked you, take your whining elsewhere, grow up already, you_are
        embarrassing yourself, your opinion is worth nothing, go bother somebody else, log off and
        stay off, spare us the drivel, learn to read, stop pretending you matter, you lie about
        everything, what is wrong with you, get over yourself, do_not waste our time""",
    "jab.toxic.1": """think before you post, try reading it first, keep it to yourself, here we go
        again, that was a choice, maybe sit this one out, so you say, ask somebody who knows, you
        missed the point, do_not start, leave it alone, you said that last time""",
    "jab.fine.3": """you made my whole week, I owe you everything, thank you from the bottom of my
        heart, I_am so proud of you, the world needs more people like you, we love having you here,
        you deserve all the happiness, you saved the day, nobody does it better, I cannot thank you
        enough, you light up the room""",
    "jab.fine.2": """thanks for the help, congratulations on the new place, happy birthday to you,
        hope you feel better soon, I cannot wait to see you, well done on the exam, great to have
        you back, good luck with the interview, welcome to the team, enjoy every minute, thanks for
        the lift, that was kind of you, lovely to meet you, we enjoyed your talk""",
    "jab.fine.1": """tell us how it goes, take your time, fair point, see you there, keep me posted,
        good to know, same here, ask any time, you said that last time, I hear you, sounds
        about_right, next time then, works for me""",
    "degree": """so, really, very, quite, truly, rather, always, honestly, pretty, totally, clearly,
        simply""",
    "hashtag": """#mondaymood, #weekend, #commuting, #gardenlife, #bakeday, #rainagain, #throwback,
        #newshoes, #earlystart, #teatime, #busdiary, #homework, #matchday, #roadworks, #smalltalk,
        #payday, #laundryday, #lostandfound, #bookclub, #choirnight, #allotment, #longday,
        #notasleep, #traindelay, #springclean, #potluck, #quiznight, #walkies""",
    "dish": """stew, omelettes, gravy, mashed potato, fried rice, apple pie, carrot cake, banana
        bread, chilli, pumpkin soup, garlic bread, rice pudding, roast beef, goulash, meatballs,
        pasta bake, lentils, ratatouille, flapjacks, trifle, pickled onions, shepherd's pie,
        stuffing""",
    "season": """spring, summer, autumn, winter, half term, the holidays, exam week, the school
        break""",
    "body": "knee, shoulder, ankle, thumb, elbow, back, wrist, toe, neck, ear",
    "colour": """red, blue, green, yellow, purple, orange, beige, turquoise, navy, maroon, pink,
        brown, black, silver, striped, checked, spotted""",
    "activity": """walk* the {animal:sg}, feed* the {animal:pl}, brush* the {animal:sg}, fix* the
        {thing:sg}, paint* the {thing:sg} {colour}, carry* a {thing:sg} to the {shop:sg}, cook*
        {dish}, bake* {dish}, stir* the {dish}, sort* {goods}, buy* {goods}, deliver* {goods}, wash*
        {goods}, count* {goods}, pack* {goods}, stack* {goods}, wrap* {goods}, sell* {goods}, study*
        {subject}, teach* {subject}, revise* {subject}, practise* {hobby}, learn* {hobby}, watch*
        the {hobby}, drive* to {town}, cycle* to the {shop:sg}, walk* to the {shop:sg}, run* around
        the {shop:sg}, move* to {town}, travel* through {town}, look* for a lost {thing:sg}, clean*
        the {thing:sg}, repair* a {thing:sg}, borrow* a {thing:sg}, return* the {thing:sg}, polish*
        the {thing:sg}, drag* a {thing:sg} upstairs, drop* off {goods}, pick* up {goods}, wait* for
        a {job:sg}, call* the {job:sg}, phone* the {job:sg}, train* as a {job:sg}, work* at the
        {shop:sg}, queue* at the {shop:sg}, sit* outside the {shop:sg}, read* about {subject}, eat*
        {food}, order* {food}, share* {food}, chop* {food} for the {animal:sg}, rest* a stiff
        {body}, ice* a sore {body}, hum* along with {first_name}, tidy* the garage, mow* the lawn,
        scrub* the floor, iron* shirts, hang* up the washing, fold* laundry, water* the plants, dig*
        up the garden, rake* leaves, shovel* snow, sleep* late, nap* on the sofa, stretch, doodle,
        jog* along the canal, skate* round the park, swim* before work, play* cards, listen* to the
        radio, write* postcards, answer* emails, file* papers, build* a shelf, knit* a scarf, sew*
        buttons, catch* the early train, miss* the last bus, park* the van, charge* the phone,
        update* the calendar, rehearse* with the choir, tune* the piano""",
    "mishap": """the {thing:sg} fell off the {thing:sg}, the {shop:sg} was closed, it started to
        rain, the bus to {town} was late, {first_name} lost the keys, the {animal:sg} ran off with
        my {thing:sg}, we ran out_of {food}, the {job:sg} came early, {club} was cancelled, somebody
        left the {thing:sg} at the {shop:sg}, the road through {town} was closed, my {body} hurts,
        the {animal:sg} ate the {dish}, nobody had a {thing:sg}, the {job:sg} forgot the {goods},
        {first_name} brought {dish}, the {shop:sg} had no {goods}, the {colour} {thing:sg} was the
        wrong size, they moved {club} to {weekday}""",
}
