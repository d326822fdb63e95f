"""Tables of language-modelling tasks: likelihoods, what latents hold, and published numbers."""

from collections.abc import Iterator

from data.published import Published, text_vaes
from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import Condition, MethodVariant, Metric, MetricKey
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval
from harness.evaluation.text.samples import DRAWN, LINE, REBUILT, WITHHELD
from harness.outputs.remarks import every
from harness.outputs.tables import latents, less_default
from harness.outputs.tables.cells import MISSING, counted
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.content import costs, failures, mixture
from harness.outputs.tables.layout import Cell, Column, Document, Row, Summary, Table
from harness.outputs.tables.variants import changes
from harness.store.records import Record

TITLE = "Models of texts"
"""Of the report's section."""

NATS = "nats a sentence ↓"
WORD = "perplexity a word ↓"
INFORMATION = "mutual information ↑"
UNITS = "active units ↑"
USE = "use of z ↑"
BACK = "reconstruction ↑"

COLUMNS = (
    ("negative_elbo", Column("negative ELBO", NATS), 2),
    ("reconstruction", Column("reconstruction", NATS), 2),
    ("kl", Column("KL", NATS), 2),
    ("iw_nll", Column("NLL", NATS), 2),
    ("word_perplexity", Column("NLL", WORD), 2),
    ("mutual_information", Column("nats", INFORMATION), 2),
    ("active_units_01", Column("> .01", UNITS), 0),
    ("active_units_20", Column("> .2", UNITS), 0),
    ("latent_size", Column("at most", UNITS), 0),
    ("latent_use", Column("nats a sentence", USE), 2),
    ("exact_match", Column("exact, of 1", BACK), 3),
    ("bleu", Column("BLEU, of 100", BACK), 1),
)
"""Metrics, their heads, and the digits behind the point."""

UNPAIRED = ("word_perplexity", "active_units_01", "active_units_20", "latent_size", "exact_match")
"""Left out where variants stand beside their default: neither what a technique is meant to change,
nor what it costs."""

REMARKS = every("language")
PUBLISHED_REMARKS = every("published")

SAMPLES = "Texts that models of texts wrote themselves"

SAMPLE_HEADS = {
    DRAWN: "drawn from the prior",
    REBUILT: "the same, rebuilt from its own latent",
    LINE: "on the line between two other draws, from end to end",
}
"""Sorts of texts, as records name them, to the heads of their columns."""


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone the models that run on other tasks too."""
    tables = tuple(
        _models(measured.at(condition), condition.title, _main(measured, condition))
        for condition in measured.conditions
    )
    return Summary(tables, REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """All models of each condition beside published numbers, and costs; then all published."""
    made = []
    numbers = text_vaes()
    columns = [
        Measured(column, Metric.mean([MetricKey(metric)]))
        for metric, column, _ in COLUMNS
        if metric not in UNPAIRED
    ]
    for condition in measured.conditions:
        scores = measured.at(condition)
        first = next(_records(scores), None)
        corpus = "" if first is None else str(first.inputs["corpus"]["name"])
        beside = published_table([n for n in numbers if n.corpus == corpus], corpus)
        everyone = _tried(scores)
        tables = [_models(scores, "Models", everyone)]
        remarks: tuple[str, ...] = REMARKS
        for table, said in latents.tables(scores, _ordered(scores, everyone)):
            tables.append(table)
            remarks += said
        paired = less_default.table(scores, _ordered(scores, everyone), columns)
        if paired is not None:
            tables.append(paired)
            remarks += less_default.REMARKS
        if beside.rows:
            tables.append(beside)
            remarks += PUBLISHED_REMARKS
        made += [
            Document(condition.slug, condition.title, tuple(tables), (*remarks, *mixture(scores))),
            costs(scores),
        ]
    if made:
        corpora = list(dict.fromkeys(number.corpus for number in numbers))
        tables = [published_table([n for n in numbers if n.corpus == c], c) for c in corpora]
        title = "Variational autoencoders of texts"
        made.append(Document("published-text-vaes", title, tuple(tables), PUBLISHED_REMARKS))
    return [*made, *_samples(measured)]


def _samples(measured: ProfileScores) -> list[Document]:
    """The page of texts that the models of the summary wrote themselves, where any are stored."""
    tables = []
    for condition in measured.conditions:
        scores = measured.at(condition)
        method_variants = _ordered(scores, _main(measured, condition))
        rows = tuple(row for each in method_variants for row in _written(scores, each))
        if rows:
            keys = ("model", "text", *SAMPLE_HEADS.values())
            tables.append(Table(condition.title, keys, (Column("comes back"),), rows))
    remarks = tuple(said.format(withheld=WITHHELD) for said in every("samples"))
    return [Document("samples", SAMPLES, tuple(tables), remarks)] if tables else []


def _written(scores: ConditionScores, method_variant: MethodVariant) -> list[Row]:
    """One row for each text that the trial of the first seed drew from the prior."""
    records = scores.records(method_variant)
    texts = next((r.texts for r in records if r.texts), None)
    if texts is None:
        return []
    rows = []
    for number, (drawn, *others) in enumerate(
        zip(*(texts[sort] for sort in SAMPLE_HEADS), strict=True), start=1
    ):
        back = "yes" if drawn == others[0] else "no"
        cell = Cell(MISSING if WITHHELD in (drawn, others[0]) else back)
        rows.append(
            Row((method_variant.label, str(number), drawn, *others), (cell,), of=method_variant)
        )
    return rows


def published_table(numbers: list[Published], corpus: str) -> Table:
    """One row a system and source, one column a metric and unit."""
    columns = list(dict.fromkeys((n.metric, n.unit) for n in numbers))
    systems = list(dict.fromkeys((n.system, n.source) for n in numbers))
    found = {(n.system, n.source, n.metric, n.unit): n.value for n in numbers}
    rows = []
    for system, source in systems:
        values = [found.get((system, source, *column)) for column in columns]
        intervals = [None if value is None else Interval(value) for value in values]
        rows.append(Row((system, source), tuple(Cell(_text(i, 2), i) for i in intervals)))
    heads = tuple(Column(metric.replace("_", " "), unit) for metric, unit in columns)
    return Table(f"Published: {corpus}", ("system", "source"), heads, tuple(rows))


def _models(scores: ConditionScores, title: str, method_variants: set[MethodVariant]) -> Table:
    wanted = len(scores.seeds)
    rows: list[Row] = []
    notes: list[str] = []
    for method_variant in _ordered(scores, method_variants):
        own = []
        there = set[int]()
        for name, _, digits in COLUMNS:
            metric = Metric.mean([MetricKey(name)])
            interval = scores.interval(method_variant, metric)
            there |= set(scores.by_seed(method_variant, metric))
            own.append(Cell(_text(interval, digits), interval))
        default, settings = (
            scores.settings_of(each)
            for each in (MethodVariant(method_variant.method), method_variant)
        )
        rows.append(
            Row(
                (*method_variant, changes(default, settings) if default else ""),
                (counted(len(there), wanted), *own),
                failures(method_variant.label, scores.problems(method_variant), notes),
                of=method_variant,
            )
        )
    most = f"nats, at most {_cap(scores)}"
    heads = [
        Column(most, INFORMATION) if column.group == INFORMATION else column
        for _, column, _ in COLUMNS
    ]
    size = f", {sizes}" if (sizes := _sizes(scores)) else ""
    keys = ("method", "variant", "changes")
    return Table(f"{title}{size}", keys, (Column("seeds"), *heads), tuple(rows), tuple(notes))


def _ordered(scores: ConditionScores, method_variants: set[MethodVariant]) -> list[MethodVariant]:
    """Models without a latent first, then each method's default before its variants."""
    use = Metric.mean([MetricKey("latent_use")])

    def place(method_variant: MethodVariant) -> tuple[bool, str, bool, str]:
        method, variant = method_variant
        latent = bool(scores.by_seed(method_variant, use))
        return latent, method, variant != "default", variant

    return sorted(method_variants, key=place)


def _main(measured: ProfileScores, condition: Condition) -> set[MethodVariant]:
    """The methods of a condition that were tried on another task too; all, where none was."""
    own = _tried(measured.at(condition))
    others = (
        _tried(measured.at(other))
        for other in measured.conditions
        if other.backbone == condition.backbone and other != condition
    )
    return own & set[MethodVariant]().union(*others) or own


def _tried(scores: ConditionScores) -> set[MethodVariant]:
    return {*scores.values, *scores.trials}


def _cap(scores: ConditionScores) -> str:
    """The cap of the mutual information in nats, as the records of this condition have it."""
    caps = {
        round(value, 2)
        for metric_keys in scores.values.values()
        for value in metric_keys.get(MetricKey("mutual_information_cap"), {}).values()
    }
    return " or ".join(f"{cap:.2f}" for cap in sorted(caps)) or "ln N"


def _sizes(scores: ConditionScores) -> str:
    """How many sentences a trial learned from and was evaluated on."""
    for record in _records(scores):
        if record.counts:
            train, evaluation = (sum(record.counts[p].values()) for p in ("train", "evaluation"))
            return f"{train:,} training and {evaluation:,} evaluation sentences"
    return ""


def _records(scores: ConditionScores) -> Iterator[Record]:
    for by_seed in scores.trials.values():
        yield from by_seed.values()


def _text(interval: Interval | None, digits: int) -> str:
    if interval is None:
        return MISSING
    reach = f" ± {interval.half_width:.{digits}f}" if interval.known else ""
    return f"{interval.mean:.{digits}f}{reach}"
