"""Tables of one-to-many text: likelihoods, use of the latent, and responses written."""

from harness.analysis.metrics import Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.remarks import every
from harness.outputs.tables import content, variants
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import Column, Document, Summary

TITLE = "One context, many responses"
"""Of the report's section."""

NATS, BLEU, DISTINCT = "nats a response", "BLEU, of 100", "distinct n-grams"

COLUMNS = tuple(
    Measured(
        Column(f"{head} {'↓' if lower else '↑'}", group),
        Metric.mean([MetricKey(metric)], lower_is_better=lower),
    )
    for metric, head, group, lower in (
        ("iw_nll", "NLL", NATS, True),
        ("kl", "KL", NATS, False),
        ("latent_use", "use of z", NATS, False),
        ("bleu", "all references", BLEU, False),
        ("response_precision", "precision", BLEU, False),
        ("response_recall", "recall", BLEU, False),
        ("distinct_1", "1", DISTINCT, False),
        ("distinct_2", "2", DISTINCT, False),
    )
)

REMARKS = (content.REMARKS[0], *every("responses"))


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone one line a method."""
    tables = (
        content.comparison(measured.at(each), each.title, COLUMNS) for each in measured.conditions
    )
    return Summary(tuple(tables), REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition the comparison, its variants and its costs."""
    made: list[Document] = []
    for condition in measured.conditions:
        scores = measured.at(condition)
        table = content.comparison(scores, "Summary", COLUMNS)
        said = (*REMARKS, *content.mixture(scores))
        made.append(Document(condition.slug, condition.title, (table,), said))
        made.append(content.costs(scores))
        made += variants.documents(scores, COLUMNS, own=False)
    return made
