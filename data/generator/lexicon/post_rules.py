"""Sentence patterns of short posts. The same patterns serve both classes; only cues differ.

Variables: `t` the class of toxicity of the post and `u` the other one. Words that a relaxed
spelling elides stand in full, joined by underscores (`going_to`); the register is written later.
"""

RULES = {
    # A cue of the post's own class, about the person spoken to or of.
    "remark": """
        2> you_are a {noun.$t.?:sg} , {=handle} .
        3> {=handle} you_are {degree} {adj.$t.?} .
        2> {=handle} {jab.$t.?} .
        2> {jab.$t.?} .
        2> What a {adj.$t.?} {noun.$t.?:sg} you are .
        2> Only a {noun.$t.?:sg} would {activity:base} like that .
        2> Everyone at {club} knows you_are {adj.$t.?} and {adj.$t.?} .
        2> Still {activity:ing} , {=handle} : {jab.$t.?} .
        2> Just saying , {=handle} : {jab.$t.?} .
        2> I have got_to say it , {=handle} : {jab.$t.?} .
        2> let_me tell you something : {jab.$t.?} .
        2> I want_to tell you something , {=handle} : {jab.$t.?} .
        2> come_on , everyone around here knows you_are {adj.$t.?} .
        2> Not kidding , you_are {degree} {adj.$t.?} .
        2> Been thinking about it since {weekday} : you_are a {noun.$t.?:sg} .
        2> Probably nothing to do with {hobby} , but you_are {degree} {adj.$t.?} .
        you {adj.$t.?} {noun.$t.?:sg} .
        2> My {kin:sg} thinks you_are a {adj.$t.?} {noun.$t.?:sg} , and I_do too .
        You were {activity:ing} like a {noun.$t.?:sg} .
        {first_name} is a {noun.$t.?:sg} because {mishap} and nobody else came .
        That {job:sg} at the {shop:sg} is {degree} {adj.$t.?} .
        I_have never met a {noun.$t.?:sg} like you .
        you_are going_to be a {noun.$t.?:sg} for ever .
        {first_name} and you : one {noun.$t.?:sg} beside another .""",
    # A cue of the other class that does not hold: said of oneself or a thing, denied, quoted.
    "remark_misleading": """
        2> I_am such a {noun.$u.?:sg} : I was {activity:ing} and {mishap} .
        2> My {thing:sg} is {adj.$u.?} .
        2> That {thing:sg} is a {noun.$u.?:sg} of a machine .
        2> Nobody is calling you {adj.$u.?} .
        2> {first_name} called me a {noun.$u.?:sg} because {mishap} .
        2> you_are no {noun.$u.?:sg} .
        2> << {jab.$u.?} >> , it says on the {thing:sg} .
        I do_not think you_are {adj.$u.?} .
        Since when is {activity:ing} {adj.$u.?} ?
        In the film a {job:sg} shouts << {jab.$u.?} >> .
        My {animal:sg} is a {noun.$u.?:sg} .
        {first_name} used_to call {kin_of} a {noun.$u.?:sg} .
        The {weather} {month} was {adj.$u.?} .""",
    "kin_of": "the {animal:sg}\nthe {thing:sg}\nmy old {thing:sg}\nthe alarm\nthe lift",
    # Daily life, without a cue of toxicity.
    "filler": """
        4> I_am going_to {activity:base} this {daytime} .
        3> I_am {activity:ing} until {weekday} because {mishap} .
        3> My {kin:sg} is {activity:ing} and {activity:ing} .
        3> Been {activity:ing} all {daytime} .
        2> I want_to {activity:base} but {mishap} .
        2> We have_to {activity:base} before {season} .
        2> Anyone going_to {activity:base} in {town} ?
        2> I should_have bought {goods} at the {shop:sg} .
        2> {first_name} could_have told me about the {thing:sg} .
        2> let_me {activity:base} first .
        2> give_me {count} minutes , I_am {activity:ing} .
        2> kind_of tired of {activity:ing} .
        2> I do_not_know anything about {subject} .
        2> It_is a {weather} {weekday} and we_are {activity:ing} .
        2> {something} fell out_of my {bag:sg} at the {shop:sg} .
        2> I saw them {activity:ing} around {town} .
        a_lot_of {goods} and {nothing} to carry them in .
        Bought a {colour} {thing:sg} , probably because {mishap} .
        I suppose {first_name} will be {activity:ing} by {month} .
        They_are supposed_to {activity:base} on {weekday} .
        Remember {activity:ing} in {town} ?
        What_are_you {activity:ing} for , {first_name} ?
        come_on , {first_name} , we_are {activity:ing} .
        That_is enough {hobby} until {season} .
        I_have got_to {activity:base} , except {mishap} .
        I used_to {activity:base} with a {job:sg} in {town} .
        The {job:sg} must_have been {activity:ing} when {mishap} .
        I_will be {activity:ing} with {relative} .
        I cannot {activity:base} and {activity:base} at the same time .""",
    "something": "something\nnothing\nanything\neverything",
    "bag": "suitcase\nbackpack\nwallet\njacket\ntoolbox\nwardrobe\nnotebook\nfridge",
    "nothing": "nothing\na {thing:sg}\nno {thing:sg}",
    # Somebody else's spelling: the register of the quotation is the other one.
    "register_misleading": """
        {first_name} texted << {other_register} >> .
        The note on the {thing:sg} says << {other_register} >> .
        My {kin:sg} wrote << {other_register} >> .""",
    "other_register": """
        going_to be late
        give_me {count} minutes
        I_am {activity:ing}
        want_to {activity:base} ?
        let_me {activity:base}
        {activity:ing} because {mishap}
        got_to go""",
    "ending": """
        3> {hashtag}
        {hashtag} {hashtag}""",
}
