"""Two-dimensional projections of the representations, coloured by each aspect."""

from __future__ import annotations

from pathlib import Path

from benchmarks.conftest import Suite, done


def test_every_representation_of_the_first_seed_is_projected(
    suite: Suite, outputs: list[Path]
) -> None:
    measured = suite.measured()
    for condition in measured.main_conditions:
        assert (suite.figures / f"{condition.slug}-projections.png").stat().st_size > 10_000
        for method_variant in measured.method_variants(condition):
            for record in done(measured, condition, method_variant):
                if record.trial.seed == 0:
                    assert sorted(record.projections) == sorted(measured.aspects(condition))
