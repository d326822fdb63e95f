"""What tune may draw for each method."""

import dataclasses

from harness.runs import discovery
from harness.runs.tuning.search import draws
from harness.training.settings import MOST_TEXTS, StoppingSettings


def test_no_method_has_settings_that_see_more_texts_or_lie_outside() -> None:
    for name in discovery.methods():
        method = discovery.load(name)
        if not method.needs_search():
            continue
        defaults = method.settings_for(kind="aspects")
        for drawn in draws(method, defaults, 30):
            settings = dataclasses.replace(defaults, **drawn)
            if "steps" in drawn:
                assert settings.steps * settings.batch_texts <= MOST_TEXTS
                drawn.pop("steps")
            assert all(value in method.search[key] for key, value in drawn.items())


def test_defaults_see_64_texts_a_step_stop_by_one_rule_and_keep_to_the_limit() -> None:
    trained = 0
    for method in map(discovery.load, discovery.methods()):
        settings = method.Settings()
        if not isinstance(settings, StoppingSettings) or not hasattr(settings, "batch_texts"):
            continue
        if method.kinds == ("language",):
            # It sees as many texts as other models of texts do in their epochs.
            continue
        trained += 1
        assert settings.batch_texts == 64, method.name
        assert settings.steps * settings.batch_texts <= MOST_TEXTS, method.name
        assert (settings.evaluations, settings.patience) == (8, 3), method.name
    assert trained > 10
