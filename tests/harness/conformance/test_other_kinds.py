"""Every method of the kinds that have no suite of their own keeps its contract."""

import pytest

from harness.conformance import benches
from harness.conformance.checks import Bench, Check
from harness.encoders.backbones import Backbone
from harness.runs import discovery

ELSEWHERE = ("aspects", "triplets", "language", "factors")
"""Kinds whose methods are checked in modules of their own."""

CASES = [
    pytest.param(kind, name, check, id=f"{kind}-{name}-{check.__name__}")
    for kind, (_, checks) in benches.BY_KIND.items()
    if kind not in ELSEWHERE
    for name in discovery.methods()
    if kind in discovery.load(name).kinds
    for check in checks
]


@pytest.fixture(scope="module")
def by_kind(backbone: Backbone) -> dict[str, Bench]:
    others = (kind for kind in benches.BY_KIND if kind not in ELSEWHERE)
    return {kind: benches.BY_KIND[kind][0](backbone) for kind in others}


def test_methods_of_each_kind_are_found() -> None:
    names = {case.values[1] for case in CASES}
    assert {
        "response-vae",
        "relation-vae",
        "relation-kmeans",
        "joint-rnn",
        "joint-encoder",
    } <= names


@pytest.mark.parametrize(("kind", "name", "check"), CASES)
def test_every_method_keeps_the_contract(
    kind: str, name: str, check: Check, by_kind: dict[str, Bench]
) -> None:
    check(discovery.load(name), by_kind[kind])
