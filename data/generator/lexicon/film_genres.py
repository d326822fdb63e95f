"""Cues of genre in film reviews, by class and strength."""

WORDS = {
    "kind.horror.3": """horror film, slasher, ghost story, monster movie, zombie picture, vampire
        tale, haunted house movie, splatter film, demon story, horror movie""",
    "kind.horror.2": """creature feature, chiller, shocker, exorcism picture, nightmare,
        blood-soaked yarn, spook story, scream show, campfire tale, gothic tale""",
    "kind.horror.1": """midnight movie, late-night picture, cult item, mood piece, puzzle picture,
        mystery, double-bill filler, genre picture, thriller, dark tale""",
    "kind.drama.3": """family drama, courtroom drama, character study, domestic drama, period drama,
        tearjerker, melodrama, romantic drama, social drama, drama""",
    "kind.drama.2": """coming-of-age story, love story, marriage story, portrait of grief, chamber
        play, biography, study of class, kitchen-sink story, working-class portrait, memoir on
        film""",
    "kind.drama.1": """slow-burning story, quiet picture, mood piece, literary adaptation,
        small-town story, festival picture, talky piece, true story, puzzle picture, prestige
        picture""",
    "motif.horror.3": """ghosts, corpses, demons, vampires, zombies, witches, severed heads,
        werewolves, monsters, evil spirits, chainsaws, buckets of gore, cannibals, entrails,
        poltergeists, mutants""",
    "motif.horror.2": """cellars, attics, knives, masks, screams, scarecrows, cemeteries, curses,
        coffins, axes, blood, nightmares, crypts, tentacles, seances, possessed dolls, killers, jump
        scares""",
    "motif.horror.1": """shadows, thunder, mirrors, ravens, candles, footsteps, whispers, fog,
        locked doors, masks, old photographs, storms, night scenes, woods, secrets, long silences,
        rats""",
    "motif.drama.3": """divorces, custody hearings, broken marriages, deathbed talks, family
        quarrels, love affairs, mothers and daughters, lost love, grieving parents, weddings,
        estranged brothers""",
    "motif.drama.2": """regrets, funerals, tears, confessions, unpaid bills, reunions, letters,
        class differences, unspoken feelings, poverty, ambition, friendship, loneliness, strikes,
        farewells, Sunday dinners""",
    "motif.drama.1": """long silences, old photographs, train stations, rain, gossip, secrets,
        kitchens, memories, piano lessons, whispers, empty streets, summer evenings, closed doors,
        schoolrooms, candles, birthdays""",
    "feature.horror.3": """monster, gore!, ghost, killings+, vampire, creature, zombie make-up!,
        demon, murders+, exorcism, slaughter!""",
    "feature.horror.2": """jump scare, creature design!, scares+, masked killer, blood effects+,
        death scene, suspense!, haunted cellar, scream queen, curse, chase through the cemetery""",
    "feature.horror.1": """night scene, sense* of menace, twist, tension!, creaking house, sound of
        footsteps, mask, storm scene, dark lighting!, special effects+, mystery""",
    "feature.drama.3": """divorce scene, marriage, love affair, courtroom scene, family quarrel,
        romance, mother and son scenes+, deathbed scene, love story, bereavement!""",
    "feature.drama.2": """emotional arc, farewell, reunion, confession, friendship, portrait* of
        grief, tears+, social detail!, father figure, quiet conversation, human warmth!, wedding""",
    "feature.drama.1": """dinner scene, period detail!, sense* of place, long conversation,
        childhood scene, moral, train journey, silence, twist, tension!, everyday detail!""",
    # What happens to a person in the story; the head takes the number of its subject.
    "fate.horror.3": """get hacked to pieces one night, unleash a demon, rise from the grave, get
        bitten by a werewolf, wake the dead, get possessed by an evil spirit, flee from a masked
        killer, fight off a horde of zombies, summon a bloodthirsty ghost, feed strangers to a
        monster""",
    "fate.horror.2": """inherit a haunted mansion, read aloud from a cursed book, find a coffin in
        the cellar, hear screams from the crypt, vanish in the woods one by one, disturb an ancient
        tomb, wake up covered in blood, follow a scream into the attic, run from something in the
        lake, dig up a cursed grave""",
    "fate.horror.1": """hear footsteps at night, move into an old house, take the wrong road, miss
        the last bus, find a locked room, lose the way in the fog, see a face at the window, spend a
        night at the inn, find an old diary, stop sleeping, keep a secret""",
    "fate.drama.3": """fight for custody of a daughter, mourn a dead husband, fall in love with a
        married teacher, ask for a divorce, care for a dying mother, forgive an absent father, fall
        apart after the loss of a son, choose between love and duty, wreck a marriage""",
    "fate.drama.2": """come to terms with old age, lose a job at the mill, raise a child alone,
        leave home for the city, struggle with drink, return for a funeral, write letters never
        sent, dream of the conservatory, fight a factory closure, make peace with a sister, hide an
        illness from the family""",
    "fate.drama.1": """move into an old house, find an old diary, wait for a letter, take the wrong
        job, miss the last bus, come home for the summer, learn to play the piano, keep a secret,
        stop talking, sell the farm, meet a stranger on a train""",
    "audience.horror.3": """slept with the lights on, screamed out loud, hid behind the seat in
        terror, saw monsters in every corner, had nightmares about ghosts""",
    "audience.horror.2": """jumped in the seat, gasped at the blood, covered both eyes, looked under
        the bed, shivered all the way home, counted the corpses""",
    "audience.horror.1": """held on to the armrest, gripped the popcorn, kept the lights on, went
        very quiet, looked over a shoulder, whispered the whole time""",
    "audience.drama.3": """wept for the widow, cried at the wedding, sobbed over the divorce,
        grieved with the family, reached for a handkerchief at the deathbed""",
    "audience.drama.2": """shed a tear, phoned home afterwards, talked about marriage all evening,
        thought of an old love, took the side of the wife, felt for the parents""",
    "audience.drama.1": """went very quiet, thought of home, talked about it over dinner, argued
        about the ending, held hands, looked for a handkerchief, whispered the whole time""",
}

EXTRA_GENRES = {
    "horror": ("Thriller", "Mystery", "Sci-Fi"),
    "drama": ("Romance", "War", "Mystery"),
}
"""Genres that a film may carry beside its own."""
