"""Generated corpora: texts from a probabilistic grammar, with known factors and their spans."""

from data.generator.posts import post_pairs, tweets
from data.generator.reviews import movies, review_pairs

__all__ = ["movies", "post_pairs", "review_pairs", "tweets"]
