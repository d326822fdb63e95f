"""Tables beside those of models of texts: sparsity, labels read, and the decoder's side."""

from collections.abc import Iterator, Sequence

from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, MetricKey
from harness.outputs.remarks import every
from harness.outputs.tables.cells import interval_cell
from harness.outputs.tables.layout import Column, Row, Table

Shown = tuple[MetricKey, Column, int]
"""A metric, its head, and the digits behind the point."""

HOYER = {
    "hoyer": "mean",
    "hoyer_draw": "a draw",
    "hoyer_slab": "slab alone",
    "hoyer_dense": "dense Gaussian",
}
"""Metrics of sparsity, and their heads."""

DECODED, LINES, SWAPPED = "texts from z", "lines, cosine", "swapped"

DECODER = (
    ("self_bleu", Column("self-BLEU ↓", DECODED), 1),
    ("line_cosine", Column("least of neighbours ↑", LINES), 3),
    ("line_ends_cosine", Column("ends", LINES), 3),
)
"""What the decoder makes of latents; each label adds those of `BY_LABEL`."""

BY_LABEL = (
    ("consistency", "{}, alike when read again ↑", DECODED, 3),
    ("transfer_accuracy", "{}, taken for the other class ↑", SWAPPED, 3),
    ("transfer_bleu", "{}, BLEU to the source ↑", SWAPPED, 1),
    ("transfer_perplexity", "{}, perplexity a word ↓", SWAPPED, 1),
    ("source_perplexity", "{}, perplexity of the sources", SWAPPED, 1),
    ("judge_accuracy", "{}, the judge on real texts", SWAPPED, 3),
)


def tables(
    scores: ConditionScores, method_variants: Sequence[MethodVariant]
) -> Iterator[tuple[Table, tuple[str, ...]]]:
    """Each table with its remarks, of the models that have any of its numbers, in this order."""
    shown = {
        ("Sparsity, and labels read", "codes"): _codes(scores),
        ("The decoder's side", "decoder"): _decoder(scores),
    }
    for (title, remarks), columns in shown.items():
        rows = []
        for each in method_variants:
            found = [scores.interval(each, Metric.mean([key])) for key, _, _ in columns]
            if any(found):
                pairs = zip(found, columns, strict=True)
                cells = tuple(interval_cell(i, digits=digits) for i, (_, _, digits) in pairs)
                rows.append(Row(tuple(each), cells, of=each))
        if rows:
            heads = tuple(column for _, column, _ in columns)
            yield Table(title, ("method", "variant"), heads, tuple(rows)), every(remarks)


def _codes(scores: ConditionScores) -> list[Shown]:
    read = (key for key in scores.all_keys if key.factor and key.probe == "linear")
    labels = sorted(read, key=lambda key: (key.factor, key.metric))
    return [
        *((MetricKey(name), Column(head, "Hoyer"), 3) for name, head in HOYER.items()),
        *((key, Column(key.metric.removesuffix("_accuracy"), key.factor), 3) for key in labels),
    ]


def _decoder(scores: ConditionScores) -> list[Shown]:
    labels = sorted({key.factor for key in scores.all_keys if key.metric == "consistency"})
    return [
        *((MetricKey(name), column, digits) for name, column, digits in DECODER),
        *(
            (MetricKey(name, factor=label), Column(head.format(label), group), digits)
            for label in labels
            for name, head, group, digits in BY_LABEL
        ),
    ]
