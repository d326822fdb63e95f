"""Neutral words of daily life, shared by the generated corpora."""

WORDS = {
    "weekday": "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday",
    "month": """
        January, February, March, April, May, June, July, August, September, October, November,
        December""",
    "daytime": "morning, afternoon, evening, lunchtime, weekend, midday, teatime",
    "weather": """
        rainy, sunny, windy, cloudy, humid, chilly, breezy, drizzly, frosty, mild, warm, grey,
        snowy, damp, muggy""",
    "count": "two, three, four, five, six, seven, eight, nine, ten, twelve, fifteen, twenty",
    "food": """
        popcorn, pizza, noodles, soup, toast, pancakes, curry, salad, peanuts, pretzels, dumplings,
        sandwiches, lasagne, biscuits, crackers, olives, cheese, grapes, cherries, porridge,
        muffins, waffles, tacos, risotto, chocolate, yoghurt, strawberries, pickles, hummus,
        cinnamon rolls, rice cakes, gingerbread, oatcakes, pears, walnuts, celery, radishes""",
    "thing": """
        bicycle, laptop, printer, kettle, umbrella, suitcase, jacket, guitar, camera, toaster,
        backpack, lamp, sofa, fridge, microwave, keyboard, headphones+, wallet, notebook, blender,
        ladder, mattress, radiator, lawnmower, thermostat, doorbell, dishwasher, scooter, tent,
        skateboard, bookshelf, calendar, stapler, envelope, blanket, pillow, carpet, curtain,
        hammer, screwdriver, toolbox, battery, charger, tripod, telescope, piano, violin, trumpet,
        drum kit, sewing machine, vacuum cleaner, wheelbarrow, watering can, teapot, saucepan,
        frying pan, oven, freezer, wardrobe, bunk bed, armchair, alarm clock, router, speaker,
        remote, spreadsheet, timetable, parcel, ticket, passport, receipt, recipe, puzzle, jigsaw,
        crossword, board game, deck of cards, tennis racket, helmet, pair of boots""",
    "goods": """
        groceries, tomatoes, potatoes, carrots, onions, bread rolls, flowers, candles, postcards,
        stamps, batteries, light bulbs, socks, gloves, curtains, bin bags, paint brushes, seeds,
        herbs, eggs, apples, oranges, napkins, plates, teaspoons, magazines, pencils, folders,
        crates, jars, buttons, ribbons, balloons, tiles, bricks, cushions, towels, magnets""",
    "shop": """
        market, bakery, supermarket, pharmacy, hardware store, post office, bank, bus stop,
        train station, laundromat, barber, florist, stationery shop, garden centre, petrol station,
        farm shop, fishmonger, grocery, corner shop, swimming pool, skate park, playground,
        harbour, pier, stadium, car park, roundabout, town square, riverside, bike shop""",
    "hobby": """
        pottery, gardening, chess, knitting, birdwatching, carpentry, baking, yoga, fishing,
        photography, cycling, swimming, hiking, painting, sketching, juggling, archery, badminton,
        karaoke, origami, sailing, rowing, climbing, ballroom dancing, bowling, fencing, astronomy,
        beekeeping, woodwork, calligraphy, quilting, karate, snooker, table tennis, geocaching""",
    "animal": """
        dog, cat, parrot, hamster, rabbit, goldfish, pony, tortoise, budgie, goat, duck, puppy,
        kitten, hen, donkey, ferret, gecko, canary, spaniel, terrier""",
    "subject": """
        geography, chemistry, history, algebra, biology, physics, grammar, economics, statistics,
        geometry, Latin, Spanish, philosophy, accounting, nutrition, woodwind, botany, geology""",
    "job": """
        plumber, nurse, teacher, architect, lawyer, baker, farmer, fisherman, journalist, pianist,
        carpenter, mechanic, librarian, surgeon, waiter, tailor, photographer, postman, clerk,
        professor, sailor, soldier, miner, painter, novelist, barber, pilot, banker, chef,
        gardener, secretary, translator, violinist, welder, shopkeeper, ferryman, beekeeper,
        bookseller, geologist, locksmith, watchmaker, cellist, schoolgirl, student, truck driver,
        florist, detective, innkeeper, midwife, stonemason, night porter, taxi driver, cartographer,
        apprentice, museum guard, radio host, ballet teacher, vet, dentist, zookeeper""",
}
