"""Generated corpora: texts from a probabilistic grammar, with known factors and their spans."""

from data.generator.posts import tweets
from data.generator.reviews import movies

__all__ = ["movies", "tweets"]
