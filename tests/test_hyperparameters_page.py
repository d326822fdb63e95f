"""What docs/hyperparameters.md says of the stored fits."""

from __future__ import annotations

import re
from pathlib import Path

from harness.runs.tuning.fits import candidates, chosen, stored_fits

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "hyperparameters.md").read_text(encoding="utf-8")
FITS = stored_fits(ROOT / "results" / "standard" / "tuning" / "movies")


def test_the_condition_changes_no_choice() -> None:
    assert "every method chose the same setting with it" in PAGE
    for method, fits in FITS.items():
        assert chosen(fits).settings == chosen(fits, keeping=False).settings, method


def test_methods_of_which_no_setting_keeps_enough_are_named() -> None:
    said = re.search(r"No setting of (.*?) keeps\s+enough", PAGE, flags=re.DOTALL)
    assert said is not None
    keeping = {method for method, fits in FITS.items() if any(c.keeps for c in candidates(fits))}
    assert set(re.findall(r"`([a-z0-9-]+)`", said[1])) == FITS.keys() - keeping
