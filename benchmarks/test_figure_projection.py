"""Two-dimensional projections of the representations, coloured by each aspect."""

from __future__ import annotations

from pathlib import Path

from benchmarks.conftest import Suite, done


def test_every_representation_of_the_first_seed_is_projected(
    suite: Suite, outputs: list[Path]
) -> None:
    measured = suite.measured()
    for setting in measured.main_settings:
        assert (suite.figures / f"{setting.slug}-projections.png").stat().st_size > 10_000
        for contender in measured.contenders(setting):
            for record in done(measured, setting, contender):
                if record.trial.seed == 0:
                    assert sorted(record.projections) == sorted(measured.aspects(setting))
