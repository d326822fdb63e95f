"""The reference of all metrics of tasks with aspects: docs/metrics.md."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from harness.analysis.definitions import OWN_SCORES, PARTS, Definition
from harness.contract.scores import LOW_NEIGHBOURS, LOW_RANK
from harness.outputs.tables.markdown import escape

INTRODUCTION = f"""# Metrics

What is measured where texts have aspects. Every number stands in `scores.csv` of a profile;
`metrics.csv` beside it gives direction and bounds as below. [Text
VAEs](text-vae.md#what-is-measured) and [semantics and syntax](syntax.md#what-is-measured) have
measures of their own; [statistics.md](statistics.md) says how methods are compared.

Training rows are correlated. Evaluation rows are balanced over all cells, share no group (film)
with the training rows, and are seen by the probes alone. All probes are cross-fitted there: five
outer folds that part no group, and within each fitting part inner folds, by group again, which
choose how strongly a probe is regularised (the linear probe's C over 1e-4 to 1e2; weight decay and
epochs of the mlp). Nothing is chosen on the rows that are scored. Families of probes: `linear`
(logistic regression), `mlp` (one hidden layer), `kernel` (RBF), `neighbours` (15 nearest) and
`forest` (extra trees). `strongest` is the family that the inner rows choose by log-loss.

What is kept is measured against the untuned encoder's vectors of the same texts, cut to the same
length: what a user of the encoder loses. Methods that are not made from the encoder lose neighbours
by construction.

No single score folds these numbers. Target accuracy and leakage alone are met best by one number
for each aspect, such as the logit of a classifier; so tables show what is kept beside them, and the
Pareto front is that of target accuracy, leakage and neighbours kept. The sign ‡ stands at
representations with an effective rank below {LOW_RANK:g} or with fewer neighbours kept than
{LOW_NEIGHBOURS:g} times chance.
"""

DERIVED = """
## Derived from them

| what | better | how it is formed | source |
| :-- | :-- | :-- | :-- |
| gap | higher | linear target accuracy less linear leakage | |
| DTO | lower | `sqrt((1 - target)² + (leakage - chance)²)`, linear probe | Han et al. 2022 |
| SCR | higher | `(accuracy - untuned) / (upper bound - untuned)` | Karvonen et al. 2024 |

The tables' means are over representations. SCR, the score of spurious correlation removal, is
formed for comparison with benchmarks that report it, and has a table of its own
(`*-scr`). Its accuracy is the stored `average_accuracy`, averaged over the representations: that of
the linear classifier fitted on the correlated rows, where `untuned` is the biased classifier (0),
and of the one fitted on balanced rows for the upper bound (1). There is a column for each upper
bound, such as `oracle-finetuned`. It is the ratio of means over the seeds that all three have, with
the interval of its linearisation, and missing where the upper bound is, or where that has less than
.01 to win back. In the source one classifier stays and features of its inputs are removed; here
each method has a classifier of its own. An audit of that benchmark (Chanin 2026) finds the score
noisy, so nothing here rests on it.

## Sources

- Alain and Bengio 2017: Understanding intermediate layers using linear classifier probes.
- Basu Roy Chowdhury et al. 2023: Robust concept erasure via kernelized rate-distortion
  maximization (KRaM).
- Cer et al. 2017: SemEval-2017 task 1, semantic textual similarity (STS-B).
- Chanin 2026: Are sparse autoencoder benchmarks reliable?
- Elazar and Goldberg 2018: Adversarial removal of demographic attributes from text data.
- Han et al. 2022: Balancing out bias: achieving fairness through balanced training.
- Hanley and McNeil 1982: The meaning and use of the area under a ROC curve.
- Karvonen et al. 2024: Evaluating sparse autoencoders on targeted concept erasure tasks; part of
  SAEBench (2025).
- Kornblith et al. 2019: Similarity of neural network representations revisited.
- Roy and Vetterli 2007: The effective rank: a measure of effective dimensionality.
- Sagawa et al. 2020: Distributionally robust neural networks for group shifts.
- Voita and Titov 2020: Information-theoretic probing with minimum description length.
- Xu et al. 2020: A theory of usable information under computational constraints.
"""


def metrics_page() -> str:
    """The whole page."""
    shown = {**PARTS, "What methods say of themselves": OWN_SCORES}
    parts = ["\n".join(_part(title, metrics)) for title, metrics in shown.items()]
    return "\n".join([INTRODUCTION, *parts]) + DERIVED


def _part(title: str, metrics: tuple[Definition, ...]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| metric | better | bounds | guessing | what it is | source |"
    yield "| :-- | :-- | :-- | :-- | :-- | :-- |"
    for each in metrics:
        better = f"own {each.better}, other {each.of_others}" if each.of_others else each.better
        ends = {"from": each.low, "to": each.high}
        bounds = " ".join(f"{word} {end:g}" for word, end in ends.items() if isfinite(end))
        guessing = f"{each.chance:g}" if isfinite(each.chance) else ""
        cells = (better, bounds, guessing, each.meaning, each.source)
        yield f"| `{each.metric}` | {' | '.join(map(escape, cells))} |"
    yield ""
