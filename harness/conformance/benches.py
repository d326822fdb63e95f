"""What the checks run on, for each kind of task: small draws of generated corpora."""

from collections.abc import Callable

from data import tasks
from data.mentions import MentionDraw
from data.placebo import placebo
from data.quotas import Sizes
from data.rows import Splits
from harness.conformance import checks
from harness.conformance.checks import COMMON, Check, check_dial
from harness.conformance.clusterers import ClusterBench, check_blind, check_clusters
from harness.conformance.codes import FactorBench, check_code
from harness.conformance.representations import (
    Bench,
    check_honest,
    check_representation,
    check_unknown_aspect,
)
from harness.conformance.response_models import ResponseBench, check_responses
from harness.conformance.tagged_texts import TaggingBench, check_found
from harness.conformance.text_models import TextBench, check_latent, check_likelihood
from harness.encoders.backbones import Backbone

SEED = 3


def labelled(backbone: Backbone) -> Bench:
    """Film reviews with two aspects, and the same rows with coin flips for labels."""
    task = tasks.find("movies")
    splits = task.draw(task.load(None), seed=SEED, sizes=Sizes(96, 32, 30))
    assert isinstance(splits, Splits)
    texts = splits.evaluation.texts[:24]
    return Bench(splits.training, texts, backbone, placebo=placebo(splits, seed=5))


def triplets(backbone: Backbone) -> Bench:
    """Triplets without labels."""
    task = tasks.find("syntax")
    draw = task.draw(task.load(None), seed=SEED, sizes=Sizes(24, 6, 6))
    return Bench(draw.training, draw.evaluation.triplets.texts[:24], backbone)


def language(backbone: Backbone) -> TextBench:
    """Texts, with a label for models that learn from one."""
    task = tasks.find("yelp-lm")
    draw = task.draw(task.load(None), seed=SEED, sizes=Sizes(48, 16, 16))
    return TextBench(draw.training, draw.evaluation[:12], backbone)


def responses(backbone: Backbone) -> ResponseBench:
    """Contexts with several responses."""
    task = tasks.find("dialogue")
    draw = task.draw(task.load(None), seed=SEED, sizes=Sizes(12, 4, 12))
    known = draw.evaluation
    return ResponseBench(draw.training, known.texts, backbone, replies=known.firsts())


def clusters(backbone: Backbone) -> ClusterBench:
    """Sentences with two entities, and what the harness knows of those evaluated on."""
    task = tasks.find("relations-generated")
    draw = task.draw(task.load(None), seed=SEED, sizes=Sizes(64, 16, 48))
    assert isinstance(draw, MentionDraw)
    return ClusterBench(draw.training, draw.evaluation.texts, backbone, draw=draw)


def tagging(backbone: Backbone) -> TaggingBench:
    """Texts with a label and spans."""
    task = tasks.find("profner")
    draw = task.draw(task.load(None), seed=SEED, sizes=Sizes(48, 16, 16))
    return TaggingBench(draw.training, draw.evaluation.texts[:12], backbone)


def factors(backbone: Backbone) -> FactorBench:
    """Texts with known factors."""
    task = tasks.find("dsentences-factors")
    draw = task.draw(task.load(None), seed=SEED, sizes=Sizes(48, 16, 24))
    return FactorBench(draw.training, draw.evaluation.texts, backbone)


REPRESENTED = (*COMMON, check_dial, check_representation, check_unknown_aspect)

BY_KIND: dict[str, tuple[Callable[[Backbone], checks.Bench], tuple[Check, ...]]] = {
    "aspects": (labelled, (*REPRESENTED, check_honest)),
    # Without labels there is nothing to see.
    "triplets": (triplets, REPRESENTED),
    "language": (language, (*COMMON, check_likelihood, check_latent)),
    "responses": (responses, (*COMMON, check_responses)),
    "clusters": (clusters, (*COMMON, check_clusters, check_blind)),
    "tagging": (tagging, (*COMMON, check_found)),
    # A model without a latent has no code to ask for; texts and labels have checks of their own.
    "factors": (factors, (check_code,)),
}
"""Kind of task to its bench and its checks."""
