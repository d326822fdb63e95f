"""Which settings are tried: the same number for each method, drawn from its search space."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from data.errors import UserError
from harness.contract.learner import Learner
from harness.contract.seeds import seed_from
from harness.training.settings import MOST_TEXTS


def draws(
    method_class: type[Learner], defaults: Any, budget: int, *, seed: int = 0
) -> list[dict[str, Any]]:
    """As many settings as the budget says, the present defaults first.

    The others are a Latin hypercube of the search space (McKay, Beckman and Conover 1979): each
    setting takes values from all parts of its range. Where steps times texts a step exceed
    `MOST_TEXTS`, steps are cut.

    `defaults`: the settings from which the draws differ, in the search space alone. UserError where
    the method has no search space, or the budget is less than 1.
    """
    from scipy.stats import qmc

    space = method_class.search
    if not space:
        raise UserError(f"{method_class.name} has no search space; nothing of it can be tuned")
    if budget < 1:
        raise UserError(f"a budget of {budget} fits is none; give 1 or more")
    found: list[dict[str, Any]] = [{name: getattr(defaults, name) for name in space}]
    if budget > 1:
        rng = seed_from("search", method_class.name, seed)
        for point in qmc.LatinHypercube(len(space), rng=rng).random(budget - 1):
            drawn = {name: each.at(s) for (name, each), s in zip(space.items(), point, strict=True)}
            found.append(_affordable(drawn, defaults))
    return found


def _affordable(drawn: dict[str, Any], defaults: Any) -> dict[str, Any]:
    if "steps" not in drawn:
        return drawn
    held: Mapping[str, Any] = {**dataclasses.asdict(defaults), **drawn}
    most = max(MOST_TEXTS // held["batch_texts"], 1)
    return {**drawn, "steps": most} if held["steps"] > most else drawn
