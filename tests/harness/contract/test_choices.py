"""A setting that takes one of a few words refuses others."""

from dataclasses import replace
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from data.errors import UserError
from harness.runs import discovery

CHOICES = [
    (each.Settings, name, get_args(kind))
    for each in map(discovery.load, discovery.methods())
    for name, kind in get_type_hints(each.Settings).items()
    if get_origin(kind) is Literal
]


def test_there_are_some() -> None:
    assert {name for _, name, _ in CHOICES} >= {"annealing", "draws", "learns", "links", "reads"}


@pytest.mark.parametrize(
    ("settings", "name", "known"), CHOICES, ids=[f"{s.__name__}-{name}" for s, name, _ in CHOICES]
)
def test_a_word_that_is_none_of_them_is_refused(
    settings: type, name: str, known: tuple[str, ...]
) -> None:
    with pytest.raises(UserError, match=f"{name} 'osmosis' is unknown; use one of {known[0]}"):
        replace(settings(), **{name: "osmosis"})
