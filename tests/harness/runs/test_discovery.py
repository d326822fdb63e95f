"""Methods are found by reading files; nothing is imported until one is loaded."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from fakes import WORDS, write_package

from data.errors import UnknownNameError, UserError
from harness.runs import discovery


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_methods_are_found_without_importing_them(folder: Path) -> None:
    explosive = 'raise SystemExit\n\n\nclass Bomb:\n    """Explodes."""\n\n    name = "bomb"\n'
    package = write_package(folder, "found_here", bomb=explosive, words=WORDS)
    found = discovery.methods((package,))
    assert list(found) == ["bomb", "broken", "choosy", "unsure", "words"]
    assert found["bomb"].summary == "Explodes."
    assert found["words"].summary == "Counts of common words. Source: none."
    assert package not in sys.modules
    assert discovery.load("words", (package,)).name == "words"


def test_a_method_may_live_in_a_package_of_its_own(folder: Path) -> None:
    package = write_package(folder, "outer_package")
    write_package(folder / package, "inner", words=WORDS)
    assert discovery.methods((package,))["words"].module == "outer_package.inner.words"
    assert discovery.load("words", (package,)).name == "words"


def test_two_methods_of_one_name_are_refused_with_both_files(folder: Path) -> None:
    first = write_package(folder, "first_home", words=WORDS)
    second = write_package(folder, "second_home", copied=WORDS)
    with pytest.raises(UserError, match=r"first_home/words\.py and second_home/copied\.py"):
        discovery.methods((first, second))


def test_an_unknown_method_suggests_the_near_one() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'untuned'"):
        discovery.load("untunned")


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ('class Loose:\n    name = "loose"\n', "no subclass of harness.contract.method.Method"),
        (
            "from harness.contract.method import Method\n\n\n"
            'class Loose(Method):\n    name = "loose"\n\n    def save(self, folder): ...\n',
            "lacks encode, fit, load, trainable_parameters",
        ),
        ("class Loose:\n  name = = 3\n", "cannot read loose"),
    ],
)
def test_what_is_no_method_is_refused(
    body: str, complaint: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    number = list(request.node.callspec.params.values()).index(body)
    package = write_package(folder, f"loose_{abs(hash(body))}_{number}", loose=body)
    with pytest.raises(UserError, match=complaint):
        discovery.load("loose", (package,))


def test_the_suite_finds_its_own_methods() -> None:
    assert {"untuned", "finetuned", "adversarial", "masked-weights", "masked-units"} <= set(
        discovery.methods()
    )
