"""Every method that learns sentences with known factors has a code that can be measured."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.conformance import benches
from harness.conformance.checks import Check, ConformanceError
from harness.conformance.codes import FactorBench, check_code
from harness.conformance.text_models import TextBench
from harness.encoders.backbones import Backbone
from harness.evaluation.factors import evaluate
from harness.evaluation.text.families import Categorical
from harness.evaluation.text.latents import Posterior
from harness.runs import discovery
from harness.system.progress import silent

NAMES = [name for name in discovery.methods() if "factors" in discovery.load(name).kinds]


@pytest.fixture(scope="module")
def bench(backbone: Backbone) -> FactorBench:
    return benches.factors(backbone)


def test_text_vaes_and_drlst_are_among_them() -> None:
    assert {"text-vae", "lstm-vae", "hsvae", "discrete-vae", "joint-vae", "drlst"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_a_code(name: str, bench: FactorBench) -> None:
    check_code(discovery.load(name), bench)


@pytest.mark.parametrize("check", benches.BY_KIND["language"][1], ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", [n for n in NAMES if len(discovery.load(n).kinds) == 1])
def test_models_of_these_texts_alone_are_checked_as_others(
    name: str, check: Check, bench: FactorBench
) -> None:
    check(discovery.load(name), TextBench(bench.training, bench.texts, bench.backbone))


def test_a_code_that_is_not_filled_is_caught(bench: FactorBench) -> None:
    method = discovery.load("discrete-vae")

    class Short(method):  # type: ignore[misc, valid-type]
        def posterior(self, texts: Sequence[str]) -> Posterior:
            # What is asked while it learns stays whole.
            if texts != bench.texts:
                return super().posterior(texts)  # type: ignore[no-any-return]
            return Categorical(np.ones((len(texts), 9)) / 3, (3, 3))

    with pytest.raises(ConformanceError, match="do not fill the code"):
        check_code(Short, bench)


@pytest.mark.parametrize("name", ["discrete-vae", "drlst"])
def test_a_trial_has_every_metric_with_its_floors(
    name: str, bench: FactorBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data import tasks
    from data.quotas import Sizes

    task = tasks.find("dsentences-factors")
    draw = task.draw(task.load(None), seed=3, sizes=Sizes(48, 16, 24))
    fitted, saved = bench.fitted(discovery.load(name)), list[Path]()
    monkeypatch.setattr(fitted, "save", saved.append)
    found, again = (
        evaluate(fitted, draw, seed=1, pictures=False, progress=silent) for _ in range(2)
    )
    assert len(saved) == 2
    values = {score.metric for score in found.scores if not score.factor}
    for metric in ("z_diff", "z_min_var", "mig", "sap", "modularity", "explicitness"):
        for behind in ("", "_permuted", "_untrained", "_ceiling", "_above_floors"):
            assert metric + behind in values
    assert ("iw_nll" in values) == (name == "discrete-vae")
    assert len({score.metric for score in found.scores if score.metric == "evaluate_seconds"}) == 1
    timed = {"evaluate_seconds", "peak_memory_bytes"}
    first, second = (
        [score for score in each.scores if score.metric not in timed] for each in (found, again)
    )
    assert first == second
    assert found.heatmaps == again.heatmaps
