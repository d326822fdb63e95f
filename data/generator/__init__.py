"""Generated corpora: texts from a probabilistic grammar, with known factors and their spans."""

from data.generator.reviews import movies

__all__ = ["movies"]
