"""What tune may draw for each method."""

from __future__ import annotations

import dataclasses

from harness.runs import discovery
from harness.runs.tuning.search import draws
from harness.training.settings import MOST_TEXTS


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
