"""What docs/hyperparameters.md says of the stored fits."""

import re
from pathlib import Path

from harness.runs.tuning.fits import candidates, drawn, stored_fits

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "hyperparameters.md").read_text(encoding="utf-8")
FITS = stored_fits(ROOT / "results" / "standard" / "tuning" / "movies")


def methods_in(pattern: str) -> set[str]:
    """Those that the page names where a pattern matches."""
    said = re.search(pattern, PAGE, flags=re.DOTALL)
    assert said is not None
    return set(re.findall(r"`([a-z0-9-]+)`", said[1]))


def test_methods_for_which_the_condition_matters_are_named() -> None:
    changed = set()
    for method, fits in FITS.items():
        tried = drawn(fits)
        if min(tried, key=lambda each: each.distance) is not tried[0]:
            changed.add(method)
    assert methods_in(r"The condition matters(.*?)comes\s+nearer without it") == changed


def test_the_first_places_are_the_same_with_it_and_without() -> None:
    assert "The first three places are the same with it\n  and without" in PAGE
    keeping = sorted(FITS, key=lambda method: drawn(FITS[method])[0].distance)
    alone = sorted(FITS, key=lambda method: min(each.distance for each in drawn(FITS[method])))
    assert keeping[:3] == alone[:3]
    assert keeping != alone


def test_methods_of_which_no_setting_keeps_enough_are_named() -> None:
    keeping = {method for method, fits in FITS.items() if any(c.keeps for c in candidates(fits))}
    assert methods_in(r"No setting of (.*?) keeps\s+enough") == FITS.keys() - keeping
