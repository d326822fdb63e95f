"""Methods are found by reading files; nothing is imported until one is loaded."""

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
    with pytest.raises(UserError, match=r"first_home/words\.py and .* second_home/copied\.py"):
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


@pytest.mark.parametrize(
    ("attribute", "complaint"),
    [
        ('kinds = ("aspect",)', "unknown kind in kinds of {}; did you mean 'aspects'?"),
        ('profiles = {"smok": {}}', "unknown profile in profiles of {}; did you mean 'smoke'?"),
        (
            'profiles = {"smoke": {"word": ()}}',
            "unknown setting in profiles of {}; did you mean 'words'?",
        ),
        (
            'variants = {"short": {"wrods": ()}}',
            "unknown setting in variants of {}; did you mean 'words'?",
        ),
        (
            'kind_settings = {"tripletts": {}}',
            "unknown kind in kind_settings of {}; did you mean 'triplets'?",
        ),
        (
            'kind_settings = {"triplets": {"wordz": ()}}',
            "unknown setting in kind_settings of {}; did you mean 'words'?",
        ),
        (
            'studies = {"aspect": {"short": 1}}',
            "unknown kind in studies of {}; did you mean 'aspects'?",
        ),
        (
            'studies = {"aspects": {"shrt": 1}}',
            "unknown variant in studies of {}; did you mean 'short'?",
        ),
        (
            'main_variants = ("default", "shrt")',
            "unknown variant in main_variants of {}; did you mean 'short'?",
        ),
    ],
)
def test_a_typo_in_a_class_attribute_is_refused_with_the_near_name(
    attribute: str, complaint: str, folder: Path
) -> None:
    typo = f'''{WORDS}

    class Typo(Words):
        """Counts, but for a typo. Source: none."""

        name = "typo"
        {attribute}
    '''
    package = write_package(folder, f"typo_{abs(hash(attribute))}", typo=typo)
    assert discovery.load("words", (package,)).name == "words"
    with pytest.raises(UnknownNameError) as caught:
        discovery.load("typo", (package,))
    said, _, rest = complaint.partition(" of {}")
    message = str(caught.value)
    assert message.startswith(f"{said} of typo ({package}/typo.py) ")
    assert rest.removeprefix("; ") in message
