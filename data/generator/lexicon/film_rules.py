"""Sentence patterns of film reviews. The same patterns serve all classes; only cues differ.

Variables: `s` the sentiment of the review and `o` the other one; `g` its genre and `h` the other.
"""

RULES = {
    # Own sentiment.
    "sentiment": """
        3> The {aspect:n} {be:v} {adj.$s.?} .
        3> The {aspect:n} {be:v} {degree} {adj.$s.?} .
        2> The {aspect:n} {does.$s.?:v} .
        2> The {aspect:n} and the {aspect:n} seem {adj.$s.?} to me .
        2> I {reaction.$s.?} .
        2> {film} is a {verdict.$s.?:sg} .
        2> {film} is {degree} {adj.$s.?} .
        2> {=lead} is {adj.$s.?} in the part of the {job:sg} .
        2> What a {verdict.$s.?:sg} !
        2> {relative} and I agree : {advice.$s.?} .
        2> My advice : {advice.$s.?} .
        The {aspect:n} {be:v} {manner.$s.?} done .
        {=director} handles the {aspect:sg} {manner.$s.?} .
        {person} , the {trade:sg} , has made a {adj.$s.?} job of it .
        Thanks to the {trade:sg} the {aspect:n} {be:v} {adj.$s.?} .
        Along with {count} others I {reaction.$s.?} .
        Call it a {verdict.$s.?:sg} .
        As for the {aspect:sg} , it is {adj.$s.?} .
        It is a {adj.$s.?} and {adj.$s.?} piece of work .""",
    # The other sentiment, taken back.
    "sentiment_misleading": """
        3> I would not call it {adj.$o.?} .
        3> {critic} called it {adj.$o.?} , and I cannot agree .
        2> I expected a {verdict.$o.?:sg} , and that is not what I got .
        2> However {adj.$o.?} the {aspect:n} may be , {film} as a whole is {adj.$s.?} .
        2> The {aspect:n} {be:v} {adj.$o.?} , but the {aspect:n} {be:v} {adj.$s.?} .
        2> According to {critic} , it is << a {verdict.$o.?:sg} >> .
        2> The {aspect:n} {be:v} {adj.$o.?} , I admit .
        It is anything but a {verdict.$o.?:sg} .
        {relative} {reaction.$o.?} ; I {reaction.$s.?} .
        Unlike {director_of} , this is not {adj.$o.?} .
        << {advice.$o.?} >> , wrote {critic} , but opinions differ .
        Never for a moment {be_adverb} {adj.$o.?} .
        Do not believe {critic} when it says << {adj.$o.?} >> .
        {=lead} , so {adj.$o.?} elsewhere , is {adj.$s.?} here .
        Some will find the {aspect:n} {adj.$o.?} .""",
    "be_adverb": """
        is it
        was it
        does it feel
        did it seem""",
    "director_of": """
        the last film by {person}
        {=director} 's earlier work
        the book
        the stage version
        the remake
        the sequel""",
    # Own genre.
    "genre": """
        4> A {job:sg} and a {job:sg} {fate.$g.?} .
        3> {=lead} is a {job:sg} who {story_adverb} learns what it is to {fate.$g.?:base} .
        3> {=lead} plays a {job:sg} in {town} whose friends {fate.$g.?} .
        2> In a {landscape:sg} in {country} , {count} strangers {fate.$g.?} .
        2> You get {motif.$g.?} and {motif.$g.?} .
        2> It is full of {motif.$g.?} .
        2> {=director} makes a {kind.$g.?:sg} out of it .
        2> {film} is a {kind.$g.?:sg} set in a {landscape:sg} .
        2> As a {kind.$g.?:sg} it belongs to the {decade} .
        {film} opens with {motif.$g.?} and ends with {motif.$g.?} .
        {relative} {audience.$g.?} .
        The people around us {audience.$g.?} .
        {person} , in a small part , has to deal with {motif.$g.?} .
        The {trade:sg} had worked on many a {kind.$g.?:sg} before .
        The {feature.$g.?:n} {come:v} in the {place_in_film} .""",
    "come": "come\narrive\nappear",
    "place_in_film": "first half\nlast reel\nmiddle\nfinal scene\nopening minutes\nsecond hour",
    "story_adverb": "slowly\nfinally\nsoon\nnever\ngradually\nat last",
    # The other genre, taken back.
    "genre_misleading": """
        3> Do not expect a {kind.$h.?:sg} .
        2> {critic} sold it as a {kind.$h.?:sg} .
        2> {relative} preferred a good {kind.$h.?:sg} .
        2> The poster promises {motif.$h.?} and delivers none .
        2> {=director} is known for {motif.$h.?} , but not this time .
        2> It came in a box with a {kind.$h.?:sg} , for whatever reason .
        2> There is a touch of {motif.$h.?} , though at heart it is a {kind.$g.?:sg} .
        I mistook it for a {kind.$h.?:sg} because of the music .
        Nobody will {fate.$h.?:base} here .
        Before that , the {venue:sg} showed a {kind.$h.?:sg} .
        {=lead} , who once made a {kind.$h.?:sg} , plays the {job:sg} .
        In the novel the {job:pl} {fate.$h.?} , which the film leaves out .""",
    # Both factors in one sentence.
    "both": """
        3> The {feature.$g.?:n} {be:v} {adj.$s.?} .
        2> The {feature.$g.?:n} {be:v} {degree} {adj.$s.?} .
        2> The {feature.$g.?:n} {does.$s.?:v} .
        2> {film} is a {adj.$s.?} {kind.$g.?:sg} .
        2> As a {kind.$g.?:sg} it is a {verdict.$s.?:sg} .
        2> At one point {count} {job:pl} {fate.$g.?} , and I {reaction.$s.?} .
        I {reaction.$s.?} because of the {feature.$g.?:sg} .
        If you like {motif.$g.?} : {advice.$s.?} .
        {=director} films {motif.$g.?} {manner.$s.?} .
        {relative} {audience.$g.?} , and I {reaction.$s.?} .""",
    "be": "be",
}
