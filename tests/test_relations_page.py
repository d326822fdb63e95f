"""The page on relations names what there is, and claims what the code does."""

import re
from pathlib import Path

from data import tasks
from data.claims import claims
from harness.runs import discovery

PAGE = (Path(__file__).parent.parent / "docs" / "relations.md").read_text(encoding="utf-8")


def test_every_method_and_variant_and_task_of_the_kind_is_on_the_page() -> None:
    said = set(re.findall(r"`([\w-]+)`", PAGE))
    found = [m for m in map(discovery.load, discovery.methods()) if "clusters" in m.kinds]
    assert {m.name for m in found} | {v for m in found for v in m.variants} <= said
    assert {name for name in tasks.names() if name.startswith("relations-")} <= said


def test_claims_of_the_page_compare_what_exists_on_tasks_that_do() -> None:
    own = [claim for claim in claims() if claim.name.startswith("R")]
    assert [c.name for c in own] == re.findall(r"^\| \*(R\d)\* \|", PAGE, re.MULTILINE)
    for comparison in (c for claim in own for part in claim.parts for c in part.comparisons):
        for name in (*comparison.of, *comparison.against):
            method, _, variant = name.partition(":")
            assert not variant or variant in discovery.load(method).variants
        assert all(tasks.find(task).kind == "clusters" for task in comparison.tasks)


def test_weights_in_effect_are_those_of_the_page() -> None:
    settings = discovery.load("relation-vae").settings_for(kind="clusters")
    assert round(settings.entropy, 4) == 0.0014
    assert settings.kl == 1 / settings.relations == 0.1
    assert settings.negatives == 5
