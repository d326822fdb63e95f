"""Tables of language-modelling tasks: likelihoods, what latents hold, and published numbers."""

from __future__ import annotations

from dataclasses import dataclass

from data.published import Published, text_vaes
from harness.analysis.metrics import Condition, MethodVariant, Metric, MetricKey, file_name
from harness.analysis.profile_scores import ProfileScores
from harness.analysis.statistics import Interval
from harness.evaluation.text.samples import DRAWN, LINE, REBUILT, WITHHELD
from harness.outputs.tables import less_default
from harness.outputs.tables.columns import Measured
from harness.outputs.tables.content import costs
from harness.outputs.tables.layout import MISSING, Cell, Column, Document, Row, Summary, Table
from harness.outputs.tables.variants import changes

TITLE = "Models of texts"
"""Of the report's section."""

NATS = "nats a sentence ↓"
WORD = "perplexity a word ↓"
INFORMATION = "mutual information ↑"
UNITS = "active units ↑"
USE = "use of z ↑"
BACK = "reconstruction ↑"

REMARKS = (
    "Mean over seeds ± half of its 95% interval (Student); with one seed no interval is shown.",
    "NLL: importance-weighted with 100 samples (Burda et al. 2016); exact for models without a "
    "latent. Likelihoods are of the tokenizer's pieces and the end of the sentence, over its whole "
    "vocabulary; words are counted by white space, the end as one.",
    "Mutual information: Hoffman and Johnson 2016, aggregate posterior over all evaluation "
    "sentences; the head names its cap, ln N. Active units: Var(E[z|x]) above .01 and above .2, at "
    "most the size of z.",
    "Use of z: rise of the NLL given z when latents are permuted across sentences; 0 means that "
    "the decoder ignores z.",
)

PUBLISHED_REMARKS = (
    "As others published them, with other trainings, tokens and evaluation; perplexities a GPT-2 "
    "piece compare with none a word. No number is that of Park and Lee 2021, whose tables are "
    "not known.",
    "Mutual information is near its cap where it is near ln N: 9.21 for 10,000 sentences, 8.23 "
    "for the test part of PTB.",
)


SAMPLES = "Texts that models of texts wrote themselves"

SAMPLE_HEADS = {
    DRAWN: "drawn from the prior",
    REBUILT: "the same, rebuilt from its own latent",
    LINE: "on the line between two other draws, from end to end",
}
"""Sorts of texts, as records name them, to the heads of their columns."""

SAMPLE_REMARKS = (
    "The first seed's, decoded greedily; none was chosen. Where the latent is ignored, all texts "
    "of a model are alike.",
    f"No text of a corpus is shown: where a model wrote one word for word, {WITHHELD} stands.",
)


@dataclass(frozen=True)
class _Shown:
    """A column: its heads, what it shows, and the digits behind the point."""

    column: Column
    metric: str
    digits: int = 2


def summary(measured: ProfileScores) -> Summary:
    """For each task and backbone the models that run on every task."""
    tables = tuple(
        _models(measured, condition, condition.title, _everywhere(measured, condition.backbone))
        for condition in measured.conditions
    )
    return Summary(tables, REMARKS)


def documents(measured: ProfileScores) -> list[Document]:
    """All models of each condition beside published numbers, and costs; then all published."""
    made = []
    numbers = text_vaes()
    for condition in measured.conditions:
        corpus = _corpus(measured, condition)
        beside = published_table([n for n in numbers if n.corpus == corpus], corpus)
        everyone = (
            measured.values.get(condition, {}).keys() | measured.trials.get(condition, {}).keys()
        )
        tables = [_models(measured, condition, "Models", tuple(sorted(everyone)))]
        remarks: tuple[str, ...] = REMARKS
        ordered = _ordered(measured, condition, tuple(everyone))
        paired = less_default.table(measured, condition, ordered, _paired_columns())
        if paired is not None:
            tables.append(paired)
            remarks += (less_default.REMARK,)
        if beside.rows:
            tables.append(beside)
            remarks += PUBLISHED_REMARKS
        made += [
            Document(condition.slug, condition.title, tuple(tables), remarks),
            costs(measured, condition),
        ]
    if made:
        corpora = list(dict.fromkeys(number.corpus for number in numbers))
        tables = [published_table([n for n in numbers if n.corpus == c], c) for c in corpora]
        title = "Variational autoencoders of texts"
        made.append(
            Document(file_name("published-text-vaes"), title, tuple(tables), PUBLISHED_REMARKS)
        )
    return [*made, *_samples(measured)]


def _samples(measured: ProfileScores) -> list[Document]:
    """The page of texts that the models of the summary wrote themselves, where any are stored."""
    tables = []
    for condition in measured.conditions:
        method_variants = _ordered(measured, condition, _everywhere(measured, condition.backbone))
        rows = tuple(row for each in method_variants for row in _written(measured, condition, each))
        if rows:
            keys = ("model", "text", *SAMPLE_HEADS.values())
            tables.append(Table(condition.title, keys, (Column("comes back"),), rows))
    return [Document("samples", SAMPLES, tuple(tables), SAMPLE_REMARKS)] if tables else []


def _written(
    measured: ProfileScores, condition: Condition, method_variant: MethodVariant
) -> list[Row]:
    """One row for each text that the trial of the first seed drew from the prior."""
    by_seed = measured.trials.get(condition, {}).get(method_variant, {})
    texts = next((r.texts for _, r in sorted(by_seed.items()) if r.texts), None)
    if texts is None:
        return []
    rows = []
    for number, (drawn, *others) in enumerate(
        zip(*(texts[sort] for sort in SAMPLE_HEADS), strict=True), start=1
    ):
        back = "yes" if drawn == others[0] else "no"
        cell = Cell(MISSING if WITHHELD in (drawn, others[0]) else back)
        rows.append(Row((method_variant.label, str(number), drawn, *others), (cell,)))
    return rows


def published_table(numbers: list[Published], corpus: str) -> Table:
    """One row a system and source, one column a metric and unit."""
    columns = list(dict.fromkeys((n.metric, n.unit) for n in numbers))
    systems = list(dict.fromkeys((n.system, n.source) for n in numbers))
    found = {(n.system, n.source, n.metric, n.unit): n.value for n in numbers}
    rows = []
    for system, source in systems:
        values = [found.get((system, source, *column)) for column in columns]
        cells = [
            Cell(MISSING) if value is None else Cell(f"{value:.2f}", Interval(value))
            for value in values
        ]
        rows.append(Row((system, source), tuple(cells)))
    heads = tuple(Column(metric.replace("_", " "), unit) for metric, unit in columns)
    return Table(f"Published: {corpus}", ("system", "source"), heads, tuple(rows))


def _models(
    measured: ProfileScores,
    condition: Condition,
    title: str,
    method_variants: tuple[MethodVariant, ...],
) -> Table:
    cap = _cap(measured, condition)
    shown = (
        _Shown(Column("negative ELBO", NATS), "negative_elbo"),
        _Shown(Column("reconstruction", NATS), "reconstruction"),
        _Shown(Column("KL", NATS), "kl"),
        _Shown(Column("NLL", NATS), "iw_nll"),
        _Shown(Column("NLL", WORD), "word_perplexity"),
        _Shown(Column(f"nats, at most {cap}", INFORMATION), "mutual_information"),
        _Shown(Column("> .01", UNITS), "active_units_01", 0),
        _Shown(Column("> .2", UNITS), "active_units_20", 0),
        _Shown(Column("at most", UNITS), "latent_size", 0),
        _Shown(Column("nats a sentence", USE), "latent_use"),
        _Shown(Column("exact, of 1", BACK), "exact_match", 3),
        _Shown(Column("BLEU, of 100", BACK), "bleu", 1),
    )
    wanted = len(measured.seeds(condition))
    rows: list[Row] = []
    notes: list[str] = []
    for method_variant in _ordered(measured, condition, method_variants):
        own = []
        there = set[int]()
        for column in shown:
            metric = Metric.mean([MetricKey(column.metric)])
            interval = measured.interval(condition, method_variant, metric)
            there |= set(measured.by_seed(condition, method_variant, metric))
            own.append(Cell(_text(interval, column.digits), interval))
        failed = [p for p in measured.problems(condition, method_variant) if p.status != "missing"]
        places = tuple(range(len(notes), len(notes) + len(failed)))
        notes += [
            f"{method_variant.label}: {p.status} ({' '.join(p.reason.split())})" for p in failed
        ]
        seeds = str(wanted) if len(there) == wanted else f"{len(there)}/{wanted}"
        keys = (
            method_variant.method,
            method_variant.variant,
            _changes(measured, condition, method_variant),
        )
        rows.append(Row(keys, (Cell(seeds, Interval(len(there))), *own), notes=places))
    heads = (Column("seeds"), *(column.column for column in shown))
    size = f", {sizes}" if (sizes := _sizes(measured, condition)) else ""
    keys = ("method", "variant", "changes")
    return Table(f"{title}{size}", keys, heads, tuple(rows), tuple(notes))


def _paired_columns() -> tuple[Measured, ...]:
    """What a technique is meant to change, and what it costs."""
    shown = {
        "negative_elbo": Column("negative ELBO", NATS),
        "reconstruction": Column("reconstruction", NATS),
        "kl": Column("KL", NATS),
        "iw_nll": Column("NLL", NATS),
        "mutual_information": Column("nats", INFORMATION),
        "latent_use": Column("nats a sentence", USE),
        "bleu": Column("BLEU, of 100", BACK),
    }
    return tuple(
        Measured(column, Metric.mean([MetricKey(metric)])) for metric, column in shown.items()
    )


def _ordered(
    measured: ProfileScores, condition: Condition, method_variants: tuple[MethodVariant, ...]
) -> list[MethodVariant]:
    """Models without a latent first, then each method's default before its variants."""
    use = Metric.mean([MetricKey("latent_use")])

    def place(method_variant: MethodVariant) -> tuple[bool, str, bool, str]:
        latent = bool(measured.by_seed(condition, method_variant, use))
        variant = method_variant.variant
        return latent, method_variant.method, variant != "default", variant

    return sorted(method_variants, key=place)


def _everywhere(measured: ProfileScores, backbone: str) -> tuple[MethodVariant, ...]:
    """The methods that were tried on every task of the kind."""
    tried = [
        set(measured.values.get(s, {})) | set(measured.trials.get(s, {}))
        for s in measured.conditions
        if s.backbone == backbone
    ]
    return tuple(sorted(set.intersection(*tried)))


def _cap(measured: ProfileScores, condition: Condition) -> str:
    """The cap of the mutual information in nats, as the records of this condition have it."""
    caps = {
        round(value, 2)
        for metric_keys in measured.values.get(condition, {}).values()
        for value in metric_keys.get(MetricKey("mutual_information_cap"), {}).values()
    }
    return " or ".join(f"{cap:.2f}" for cap in sorted(caps)) or "ln N"


def _sizes(measured: ProfileScores, condition: Condition) -> str:
    """How many sentences a trial learned from and was evaluated on."""
    for by_seed in measured.trials.get(condition, {}).values():
        for record in by_seed.values():
            if record.counts:
                counts = {part: sum(cells.values()) for part, cells in record.counts.items()}
                train, evaluation = counts["train"], counts["evaluation"]
                return f"{train:,} training and {evaluation:,} evaluation sentences"
    return ""


def _corpus(measured: ProfileScores, condition: Condition) -> str:
    for by_seed in measured.trials.get(condition, {}).values():
        for record in by_seed.values():
            return str(record.inputs["corpus"]["name"])
    return ""


def _changes(measured: ProfileScores, condition: Condition, method_variant: MethodVariant) -> str:
    default = measured.settings_of(condition, MethodVariant(method_variant.method))
    return changes(default, measured.settings_of(condition, method_variant)) if default else ""


def _text(interval: Interval | None, digits: int) -> str:
    if interval is None:
        return MISSING
    if not interval.known:
        return f"{interval.mean:.{digits}f}"
    return f"{interval.mean:.{digits}f} ± {interval.half_width:.{digits}f}"
