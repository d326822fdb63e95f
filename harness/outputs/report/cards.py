"""Model cards: for each artifact that a method learns, what it is, how good, and its limits."""

from collections.abc import Iterator
from pathlib import Path

from data import corpora, tasks
from data.corpora.source import EMBEDDED_TERMS
from data.errors import UserError
from harness.analysis.condition_scores import ConditionScores
from harness.analysis.metrics import MethodVariant, Metric, MetricKey, file_name
from harness.analysis.profile_scores import ProfileScores
from harness.outputs.report.environment import environment
from harness.outputs.report.sources import command, sources
from harness.outputs.tables import columns, content
from harness.outputs.tables.cells import decimal, interval_text
from harness.runs import discovery
from harness.runs.profiles import find
from harness.store.records import Record
from harness.system.storage import write_atomically

GOOD, LEAKS, KEEPS = "How good it is", "What leaks", "What is kept"

PARTS = {
    columns.LEAKAGE: LEAKS,
    columns.KEPT: KEEPS,
    columns.DETAIL: KEEPS,
    columns.OTHER_FACTORS: KEEPS,
}
"""Groups of columns to the part of a card that shows them; all others say how good it is."""

APART = {
    "control": "A control: it shows what the measure alone can tell; tables never mark it.",
    "upper bound": "An upper bound: it learned from balanced rows, which its task does not offer.",
}
"""What a card says of a method that takes no part in comparisons."""

TRAINED = Metric.mean([MetricKey("trainable_parameters")])


def write_cards(results: Path, profile: str) -> list[Path]:
    """Write `results/<profile>/cards/<task>/<method>.md` for all that learned something.

    Cards are of the methods' default variants at each task's main correlation. Those that no
    longer follow from the records are removed. UserError as for the report.
    """
    measured = ProfileScores.read(results, profile, find(profile).seeds_of)
    folder = results / profile / "cards"
    written = []
    for condition in measured.main_conditions:
        alike = [other for other in measured.main_conditions if other.task == condition.task]
        suffix = f"-{condition.backbone}" if len(alike) > 1 else ""
        scores = measured.at(condition)
        for method_variant in scores.method_variants:
            trained = scores.by_seed(method_variant, TRAINED).values()
            text = card(scores, method_variant, profile) if any(trained) else None
            if text is not None:
                name = file_name(f"{method_variant.method}{suffix}")
                written.append(folder / file_name(condition.task) / f"{name}.md")
                write_atomically(written[-1], text)
    for path in folder.glob("*/*.md"):
        if path not in written:
            path.unlink()
    return sorted(written)


def card(scores: ConditionScores, method_variant: MethodVariant, profile: str) -> str | None:
    """The card of a method; None where it did not run."""
    done = [r for r in scores.records(method_variant) if r.status == "done"]
    if not done:
        return None
    first = done[0]
    method = discovery.methods().get(method_variant.method)
    summary = method.summary if method else "A method that is not part of this installation."
    said, _, source = summary.partition(" Source: ")
    cells = content.cost_cells(scores, method_variant)
    parts = _parts(scores, method_variant)
    values = " ".join(value for rows in parts.values() for _, value in rows)
    costs = {
        metric: (head, cell.text if cell.number else "unknown")
        for (metric, head, _), cell in zip(content.COSTS, cells, strict=True)
    }
    _, numbers = costs.pop("trainable_parameters")
    _, size = costs.pop("artifact_bytes")
    corpus = str(first.inputs.get("corpus", {}).get("name", scores.condition.task))
    embedded = first.provenance.get("corpus_source") == "embedded"
    unknown = "a task that is not part of this installation"
    classes = (f"{name}: {', '.join(found)}" for name, found in first.classes.items())
    template = environment().get_template("card.md.j2")
    return template.render(
        method=method_variant.method,
        summary=said,
        source=source,
        condition=scores.condition,
        task_summary=tasks.summaries().get(scores.condition.task, unknown),
        classes="; ".join(classes),
        weights=str(first.inputs.get("backbone", {}).get("weights", ""))[:12],
        done=done,
        trained=numbers,
        bytes=size,
        corpus=corpus,
        embedded=embedded,
        counts=[
            (part, sum(cells.values()), ", ".join(f"{name} {n}" for name, n in cells.items()))
            for part, cells in first.counts.items()
        ],
        parts=parts,
        signs=[said for sign, said in content.SIGNS.items() if sign in values],
        costs=", ".join(f"{head} {value}" for head, value in costs.values()),
        limits=list(_limits(scores, method_variant, done)),
        licence=_licence(corpus, embedded=embedded),
        sources=[s for s in sources(scores) if s["method_variant"] == method_variant],
        command=command(profile, scores.condition, method_variant.method),
    )


def _parts(
    scores: ConditionScores, method_variant: MethodVariant
) -> dict[str, list[tuple[str, str]]]:
    """What is told, what leaks and what is kept, beside chance; then a method's own metrics."""
    found: dict[str, list[tuple[str, str]]] = {GOOD: [], LEAKS: [], KEEPS: []}
    shown = [
        (f"{aspect}: ", column)
        for aspect in scores.aspects
        for column in columns.representation_columns(scores, aspect)
    ]
    shown += [("", column) for column in columns.detail_columns(scores)]
    for prefix, column in shown:
        cell = content.entry(scores, method_variant, column, ())
        level = decimal(scores.chance(column.metric))
        chance = "" if level == "nan" else f" (chance {level})"
        part = PARTS.get(column.column.group, GOOD)
        found[part].append((f"{prefix}{column.column.full_name}{chance}", cell.text))
    for names, own in content.own_metrics(scores, method_variant):
        found[GOOD].append((", ".join(filter(None, names)), interval_text(own)))
    return {part: rows for part, rows in found.items() if rows}


def _limits(
    scores: ConditionScores, method_variant: MethodVariant, done: list[Record]
) -> Iterator[str]:
    _, correlation, backbone = scores.condition
    yield f"Measured under the backbone {backbone} and on this task alone."
    if correlation:
        yield (
            f"Learned where {correlation:.0%} of the rows lie in the majority cells; "
            "what it does under another correlation is another question."
        )
    if len(done) == 1:
        yield "One seed: how much another would differ is not known."
    if role := scores.apart.get(method_variant.method):
        yield APART[role]
    for problem in scores.problems(method_variant):
        yield f"Seeds {', '.join(map(str, problem.seeds))}: {problem.status} ({problem.reason})."
    yield from dict.fromkeys(warning for record in done for warning in record.warnings)
    if done[0].classes:
        yield (
            "A probe that reads nothing does not prove that nothing is there: other probes may "
            "read more. Not a safeguard of anybody's privacy."
        )


def _licence(corpus: str, *, embedded: bool) -> str:
    try:
        terms = EMBEDDED_TERMS if embedded else corpora.find(corpus).licence
    except UserError:
        terms = "as its owner says"
    return (
        f"The code that made it: Apache-2.0. The rows it learned from: {terms}. It may hold traces "
        "of them, and it changes or goes with the backbone, whose licence holds as well."
    )
