"""Public originals of the corpora, downloaded, verified and turned into the Parquet layout."""

NAMES = (
    *("movies", "tweets", "ptb", "yelp", "captions", "counterfactual", "founta"),
    *("fewrel_wiki", "fewrel_semeval"),
)
