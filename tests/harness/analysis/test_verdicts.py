"""Verdicts on made records whose truth is known, and the logic that joins them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import made_record, stored

from data.claims import Claim, Comparison, Part, claims
from harness.analysis.evidence.effects import Sample, pooled
from harness.analysis.evidence.verdicts import Finding, Verdict, combine, decided, judge
from harness.analysis.metrics import Condition
from harness.analysis.profile_scores import ProfileScores
from harness.contract.scores import Score

SUPPORTED, CONTRADICTED, UNDECIDED = Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNDECIDED

LESS = Comparison(
    of=("masked-weights",),
    against=("untuned",),
    metric="leakage",
    probe="linear",
    better="lower",
    at_least=0.0,
    tasks=(("movies",),),
)


def claim(*comparisons, needs="every"):
    return Claim("X", "nobody", "says something", (Part("in part", needs, comparisons),))


def judged(folder, records, *comparisons, needs="every"):
    measured = ProfileScores.read(stored(folder, records), "quick")
    (found,) = judge(measured, (claim(*comparisons, needs=needs),))
    return found


def records(leakage, *, seeds=4, rows=1200, reference=0.75, **changes):
    return [
        made_record(method, seed=seed, leakage=level, rows=rows, **changes)
        for method, level in (("untuned", reference), ("masked-weights", leakage))
        for seed in range(seeds)
    ]


@pytest.mark.parametrize(
    ("leakage", "at_least", "verdict"),
    [
        (0.60, 0.0, SUPPORTED),
        (0.60, 0.05, SUPPORTED),
        (0.60, 0.30, CONTRADICTED),
        (0.90, 0.0, CONTRADICTED),
        (0.75, -0.10, SUPPORTED),
    ],
)
def test_large_effects_are_decided(tmp_path, leakage, at_least, verdict):
    comparison = Comparison(**{**vars(LESS), "at_least": at_least})
    found = judged(tmp_path, records(leakage), comparison)
    assert found.verdict is verdict
    (finding,) = found.parts[0].findings
    assert finding.effect.mean == pytest.approx(0.75 - leakage, abs=0.03)
    assert finding.effect.seeds == 4
    assert finding.effect.rows == 4800
    assert finding.reason == ""


def test_the_direction_is_the_claims(tmp_path):
    higher = Comparison(**{**vars(LESS), "better": "higher"})
    made = records(0.60)
    less, more = (judged(tmp_path / c.better, made, c) for c in (LESS, higher))
    assert (less.verdict, more.verdict) == (SUPPORTED, CONTRADICTED)
    first, second = (found.parts[0].findings[0].effect for found in (less, more))
    assert first.mean == pytest.approx(-second.mean)
    assert first.detectable == pytest.approx(second.detectable)


def test_one_seed_decides_nothing_however_large_the_effect(tmp_path):
    found = judged(tmp_path, records(0.55, seeds=1), LESS)
    (finding,) = found.parts[0].findings
    assert finding.effect.interval.low > 0.1
    assert (found.verdict, finding.reason) == (UNDECIDED, "one seed decides nothing")


def test_without_records_nothing_is_decided(tmp_path):
    elsewhere = Comparison(**{**vars(LESS), "tasks": (("syntax",),)})
    unknown = Comparison(**{**vars(LESS), "against": ("vgvae",)})
    for number, comparison in enumerate((elsewhere, unknown)):
        found = judged(tmp_path / str(number), records(0.6), comparison)
        (finding,) = found.parts[0].findings
        assert (finding.verdict, finding.reason, finding.effect) == (UNDECIDED, "no records", None)


def test_seeds_that_are_not_shared_are_no_pairs(tmp_path):
    made = [r for r in records(0.6) if (r.trial.method == "untuned") == (r.trial.seed < 2)]
    found = judged(tmp_path, made, LESS)
    assert found.parts[0].findings[0].reason == "no records"


def test_of_tasks_that_share_rows_the_first_with_two_seeds_stands(tmp_path):
    entry = Comparison(**{**vars(LESS), "tasks": (("movies", "tweets"),)})
    one = [
        *records(0.6, seeds=1),
        *records(0.6, seeds=3, task="tweets"),
    ]
    both = [*records(0.6, seeds=2), *records(0.6, seeds=3, task="tweets")]
    for folder, made, task in (("one", one, "tweets"), ("both", both, "movies")):
        (finding,) = judged(tmp_path / folder, made, entry).parts[0].findings
        assert [sample.condition.task for sample in finding.effect.samples] == [task]


def test_tasks_are_averaged_or_stand_apart(tmp_path):
    tasks = (("movies",), ("tweets",))
    joint = Comparison(**{**vars(LESS), "tasks": tasks})
    apart = Comparison(**{**vars(LESS), "tasks": tasks, "apart": True})
    made = [*records(0.6), *records(0.7, task="tweets")]
    (mean,) = judged(tmp_path, made, joint).parts[0].findings
    first, second = judged(tmp_path, made, apart).parts[0].findings
    assert mean.effect.mean == pytest.approx((first.effect.mean + second.effect.mean) / 2)
    assert len(mean.effect.samples) == 2


def test_a_known_number_is_held_against(tmp_path):
    use = [
        made_record("text-vae", seed=s, own=[Score("latent_use", 5 + 0.2 * s)]) for s in range(3)
    ]
    given = {"of": ("text-vae",), "against": (), "probe": "", "metric": "latent_use"}
    asks = {**vars(LESS), **given, "value": 0.0, "value_of": "none", "better": "higher"}
    for at_least, verdict in ((1.0, SUPPORTED), (9.0, CONTRADICTED), (5.2, UNDECIDED)):
        comparison = Comparison(**{**asks, "at_least": at_least})
        found = judged(tmp_path / str(at_least), use, comparison)
        (finding,) = found.parts[0].findings
        assert found.verdict is verdict
        assert finding.effect.mean == pytest.approx(5.2)
        assert finding.effect.rows == 0


def simulated_verdict(rng, effect, *, pairs=1):
    """The verdicts on findings whose true effect is given, three seeds on two tasks each."""
    places = [Condition(task, 0.85, "minilm") for task in ("movies", "tweets")]
    findings = []
    for _ in range(pairs):
        samples = [Sample(place, (0, 1, 2), tuple(rng.normal(effect, 0.02, 3))) for place in places]
        findings.append(Finding(LESS, "a", "b", LESS.tasks, pooled(samples)))
    return [finding.verdict for finding in decided(findings)]


def test_an_effect_of_nothing_is_undecided_and_rarely_supported():
    rng = np.random.default_rng(1)
    found = [simulated_verdict(rng, 0.0)[0] for _ in range(1000)]
    assert np.mean([v is SUPPORTED for v in found]) < 0.05
    assert np.mean([v is CONTRADICTED for v in found]) < 0.05
    assert np.mean([v is UNDECIDED for v in found]) > 0.9
    # The control: an effect that is there is found.
    there = [simulated_verdict(rng, 0.06)[0] for _ in range(200)]
    assert np.mean([v is SUPPORTED for v in there]) > 0.8


def test_of_many_effects_of_nothing_rarely_any_is_supported():
    rng = np.random.default_rng(2)
    families = [simulated_verdict(rng, 0.0, pairs=8) for _ in range(300)]
    assert np.mean([SUPPORTED in family for family in families]) < 0.05
    alone = [[simulated_verdict(rng, 0.0)[0] for _ in range(8)] for _ in range(200)]
    assert np.mean([SUPPORTED in family for family in alone]) > 0.08


def test_whole_null_profiles_support_no_claim(tmp_path):
    """Records without any difference: no claim that asks for more than equality is supported."""
    strict = [
        Claim(c.name, c.source, c.says, tuple(p for p in c.parts if asks_for_more(p)))
        for c in claims()
        if any(map(asks_for_more, c.parts))
    ]
    names = ("untuned", "masked-weights", "masked-units", "adversarial", "drlst", "drlst-backbone")
    made = [
        made_record(name, seed=seed, leakage=0.7, task=task)
        for name, seed, task in product(names, range(3), ("movies", "tweets"))
    ]
    measured = ProfileScores.read(stored(tmp_path, made), "quick")
    found = judge(measured, strict)
    assert {verdict.claim.name for verdict in found} == {"C1", "C2", "C3", "V1", "V2"}
    assert all(verdict.verdict is not SUPPORTED for verdict in found)
    assert not any(part.verdict is SUPPORTED for verdict in found for part in verdict.parts)


def asks_for_more(part):
    return all(comparison.at_least >= 0 for comparison in part.comparisons)


VERDICTS = st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=7)


@given(VERDICTS, st.sampled_from(["every", "most", "some"]))
def test_a_part_is_decided_only_where_what_is_open_cannot_change_it(verdicts, needs):
    """Filling in undecided findings in every way never overturns a decided part."""
    answer = combine(needs, verdicts)
    open_places = [i for i, verdict in enumerate(verdicts) if verdict is UNDECIDED]
    ends = set()
    for filled in product((SUPPORTED, CONTRADICTED), repeat=len(open_places)):
        listed = list(verdicts)
        for place, verdict in zip(open_places, filled, strict=True):
            listed[place] = verdict
        ends.add(combine(needs, listed))
    assert UNDECIDED not in ends
    assert ends == {answer} if answer is not UNDECIDED else ends == {SUPPORTED, CONTRADICTED}


def test_parts_by_example():
    mixed = [SUPPORTED, SUPPORTED, CONTRADICTED]
    assert [combine(needs, mixed) for needs in ("every", "most", "some")] == [
        CONTRADICTED,
        SUPPORTED,
        SUPPORTED,
    ]
    half = [SUPPORTED, CONTRADICTED]
    assert combine("most", half) is CONTRADICTED


def test_the_decisive_finding_is_the_one_that_matters(tmp_path):
    against = Comparison(**{**vars(LESS), "against": ("untuned", "adversarial", "absent")})
    made = [*records(0.6), *(made_record("adversarial", seed=s, leakage=0.65) for s in range(4))]
    rivals = {
        needs: judged(tmp_path / needs, made, against, needs=needs).parts[0].decisive.rival
        for needs in ("every", "some")
    }
    assert rivals == {"every": "adversarial", "some": "untuned"}
