"""The rule of inference on simulated tables whose truth is known: its size and its power.

`pytest tests/harness/analysis/test_inference.py -m simulation -s` prints the figures of
docs/statistics.md.
"""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import stdtr
from scipy.stats import ttest_1samp

from harness.analysis.evidence.effects import Clusters, Effect, effect
from harness.analysis.metrics import Condition
from harness.analysis.statistics import holm

MOVIES = Condition("movies", 0.85, "minilm")
TABLES = 2000
DRAWS = 400


class Rows(NamedTuple):
    """The differences of one seed's evaluation rows, with their cells and groups."""

    values: np.ndarray
    cells: np.ndarray
    groups: np.ndarray


def sums(rows):
    clusters = Clusters.of([r.cells for r in rows], [r.groups for r in rows])
    return clusters.sums(np.concatenate([r.values for r in rows]))


@dataclass(frozen=True)
class World:
    """Differences d = seed + film + row without an effect: standard deviations of each.

    Attributes
    ----------
    shares : of all films that each seed evaluates; None for other films in each seed.
    """

    name: str
    seeds: int
    shares: float | None
    seed: float
    film: float
    row: float = 0.5
    films: int = 120

    def draw(self, rng: np.random.Generator) -> list[Rows]:
        """One table: for each seed its rows, in films of unequal sizes and two cells."""
        sizes = rng.geometric(0.1, self.films)
        films = self.film * rng.standard_normal(self.films)
        rows = [rng.standard_normal(size) for size in sizes]
        drawn = []
        for seed in range(self.seeds):
            if self.shares is None:
                picked = np.arange(self.films // 2)
                films = self.film * rng.standard_normal(self.films)
                rows = [rng.standard_normal(size) for size in sizes]
            else:
                picked = rng.permutation(self.films)[: int(self.films * self.shares)]
            groups = np.repeat(picked, sizes[picked])
            own = np.concatenate([rows[film] for film in picked])
            noise = self.row * (0.8 * own + 0.6 * rng.standard_normal(len(own)))
            cells = np.arange(len(own)) % 2
            values = self.seed * rng.standard_normal() + films[groups] + noise + 0.3 * (cells - 0.5)
            values -= 0.3 * (cells - 0.5).mean()
            names = groups + (0 if self.shares is not None else seed * self.films)
            drawn.append(Rows(values, cells, names))
        return drawn


WORLDS = [World("rows alone, none shared", seeds, None, seed=0.0, film=0.0) for seeds in (3, 5)] + [
    World(f"{what}, {'half' if shares == 0.5 else 'all'} shared", seeds, shares, between, film)
    for seeds in (3, 5, 10)
    for shares in (0.5, 1.0)
    for what, between, film in (
        ("seeds", 0.2, 0.0),
        ("seeds and films", 0.05, 0.2),
        ("seeds beside films", 0.1, 0.2),
        ("films", 0.0, 0.2),
    )
]


def judged(rows):
    return effect(MOVIES, {s: float(r.values.mean()) for s, r in enumerate(rows)}, sums(rows))


def drawn_p_value(rows, rng):
    """The rule before this one: rows and seeds drawn again, films and shared rows unknown."""
    means = [float(r.values.mean()) for r in rows]
    noise = np.zeros(DRAWS)
    for r, mean in zip(rows, means, strict=True):
        picked = rng.integers(0, len(r.values), (DRAWS, len(r.values)))
        noise += (r.values[picked].mean(axis=1) - mean) / len(rows)
    within = np.mean([r.values.var() / len(r.values) for r in rows])
    between = max(0.0, float(np.var(means, ddof=1)) - within)
    noise += sqrt(between / len(rows)) * rng.standard_t(len(rows) - 1, DRAWS)
    return (1 + np.count_nonzero(np.abs(noise) >= abs(np.mean(means)))) / (DRAWS + 1)


def satterthwaite(found):
    """Two-sided p-value with his degrees of freedom in place of the two critical values."""
    parts = (1 - found.shared) ** 2 / found.freedom + found.shared**2 / found.shared_freedom
    return 2 * stdtr(1 / parts, -abs(found.mean) / found.error)


def sizes(world, rng):
    """How often the rule, Student over seeds, and other degrees of freedom find what is not there.

    At the level .05 and, as corrections need it, at .005; then the mean of the rule's variance over
    the true one.
    """
    effects = [judged(world.draw(rng)) for _ in range(TABLES)]
    means = np.array([found.mean for found in effects])
    errors = np.array([found.error for found in effects])
    p_values = {
        "rule": [found.p_value for found in effects],
        "Satterthwaite": [satterthwaite(found) for found in effects],
        "seeds alone": [ttest_1samp(found.values, 0).pvalue for found in effects],
        "m - 1": 2 * stdtr(world.seeds - 1, -np.abs(means) / errors),
    }
    found = {
        name: [float(np.mean(np.array(p) < level)) for level in (0.05, 0.005)]
        for name, p in p_values.items()
    }
    return found, float(np.mean(errors**2) / np.mean(means**2))


@pytest.mark.simulation
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: f"{world.seeds} {world.name}")
def test_the_size_of_the_test_over_2000_tables(world):
    found, variance = sizes(world, np.random.default_rng(5))
    numbers = " | ".join(f"{at:.3f} | {low:.4f}" for at, low in found.values())
    print(f"\n| {world.seeds} | {world.name} | {numbers} | {variance:.2f} |")
    at, low = found["rule"]
    assert at < 0.066
    # Four standard deviations of 2,000 tables above .005.
    assert low < 0.0113
    assert at > 0.02 or world.film
    if world.film:
        assert found["m - 1"][0] < at
        assert found["Satterthwaite"][0] >= at
    if not world.seed and world.film:
        assert found["seeds alone"][0] > 0.1
    assert 0.9 < variance < 1.1


@pytest.mark.simulation
@pytest.mark.parametrize("between", [0.0, 0.05, 0.2])
def test_the_draws_as_a_control_without_film_effects(between):
    """Seeds that share no rows: the rule keeps its level, and the draws stray from it."""
    rng = np.random.default_rng(6)
    world = World("control", 3, None, seed=between, film=0.0, films=60)
    tables = [world.draw(rng) for _ in range(TABLES)]
    rule = np.mean([judged(rows).p_value < 0.05 for rows in tables])
    drawn = np.mean([drawn_p_value(rows, rng) < 0.05 for rows in tables])
    print(f"\n| {between} | {rule:.3f} | {drawn:.3f} |")
    assert 0.03 < rule < 0.07
    assert 0.02 < drawn < 0.12


@pytest.mark.simulation
@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
@pytest.mark.parametrize("tests", [1, 6])
def test_power_is_what_detectable_says(seeds, tests):
    """Exact where the error is the true one: the effect is found in .8 of 4,000 tables."""
    rng = np.random.default_rng(7)
    true = Effect(MOVIES, tuple(range(seeds)), (0.0,) * seeds, 1 / sqrt(seeds), seeds - 1)
    size = true.detectable(tests)
    found = [
        effect(MOVIES, dict(enumerate(size + rng.standard_normal(seeds)))).p_above(0.0)
        < 0.025 / tests
        for _ in range(2 * TABLES)
    ]
    print(f"\n| {seeds} | {tests} | {size:.2f} | {np.mean(found):.3f} |")
    assert np.mean(found) == pytest.approx(0.8, abs=0.02)


def test_a_film_that_all_seeds_share_widens_the_error():
    """The reason for the second cluster, on few tables: seeds alone are far too sure."""
    rng = np.random.default_rng(8)
    world = World("films", 5, 1.0, seed=0.0, film=0.3, films=60)
    tables = [world.draw(rng) for _ in range(150)]
    known = [judged(rows) for rows in tables]
    blind = [effect(MOVIES, dict(enumerate(found.values))) for found in known]
    assert np.mean([found.p_value < 0.05 for found in blind]) > 0.3
    assert np.mean([found.p_value < 0.05 for found in known]) < 0.1


def test_holm_keeps_the_family_wise_error_of_effects():
    """Six comparisons without an effect: one of them is found in more than .05 of the families."""
    rng = np.random.default_rng(14)
    corrected, plain = [], []
    for _ in range(500):
        tested = [effect(MOVIES, dict(enumerate(rng.normal(0, 1, 3)))).p_value for _ in range(6)]
        plain.append(min(tested) < 0.05)
        corrected.append(min(holm(tested)) < 0.05)
    assert np.mean(plain) > 0.15
    assert np.mean(corrected) < 0.08
