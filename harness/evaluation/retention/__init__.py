"""What a representation keeps of the encoder that it is made from.

Low leakage alone can be met by destroying a representation: one number tells its aspect and little
else. Everything here compares a representation with the *untuned* encoder's vectors of the same
texts, so retention means what a user of the encoder loses. Methods that are not made from the
encoder lose neighbours by construction.
"""

from harness.evaluation.retention.reference import Reference, make_reference
from harness.evaluation.retention.retained import collapse, retained
from harness.evaluation.retention.similarity import sts_corpus, sts_pairs

__all__ = ["Reference", "collapse", "make_reference", "retained", "sts_corpus", "sts_pairs"]
