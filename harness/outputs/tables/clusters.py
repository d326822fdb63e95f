"""Tables of tasks whose methods give clusters: how they agree with the classes of the corpus."""

from harness.analysis.metrics import Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.remarks import every
from harness.outputs.tables import content, variants
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.layout import Column, Document, Summary

TITLE = "Clusters"
"""Of the report's section."""

COLUMNS = tuple(
    Measured(Column(head, group), Metric.mean([MetricKey(metric)]), digits=3 if group else 1)
    for metric, head, group in (
        ("b_cubed_f1", "F1 ↑", "B-cubed"),
        ("b_cubed_precision", "precision ↑", "B-cubed"),
        ("b_cubed_recall", "recall ↑", "B-cubed"),
        ("v_measure", "V ↑", "V-measure"),
        ("homogeneity", "homogeneity ↑", "V-measure"),
        ("completeness", "completeness ↑", "V-measure"),
        ("adjusted_rand", "ARI ↑", "Rand index"),
        ("clusters_used", "clusters", ""),
    )
)

REMARKS = (content.REMARKS[0], *every("clusters"))


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone one line a method, controls in italics."""
    tables = (
        content.comparison(measured.at(each), each.title, COLUMNS) for each in measured.conditions
    )
    return Summary(tuple(tables), REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """For each condition the summary, variants, costs, and what methods say of themselves."""
    made: list[Document] = []
    for scores in map(measured.at, measured.conditions):
        slug, title = scores.condition.slug, scores.condition.title
        said = (*REMARKS, *content.mixture(scores))
        made += [
            Document(slug, title, (content.comparison(scores, "Summary", COLUMNS),), said),
            content.costs(scores),
        ]
        made += filter(None, (content.own_scores(scores), *variants.documents(scores, COLUMNS)))
    return made
