"""Figures of a profile, pure functions of its scores.csv and records.

Each kind of task has a module here that draws its own. Each is written as SVG and as PNG;
matplotlib loads when the first is drawn.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from harness.analysis.profile_scores import ProfileScores
from harness.outputs.figures import style


def write_figures(results: Path, profile: str) -> list[Path]:
    """Write every figure of a profile into `results/<profile>/figures`.

    Equal scores and records give equal bytes. Figures that no longer follow are removed.

    Returns
    -------
    The files, sorted.

    Raises
    ------
    UserError : scores or records are missing or damaged, or the folder cannot be written.
    """
    measured = ProfileScores.read(results, profile)
    folder = results / profile / "figures"
    written: list[Path] = []
    with style.look():
        for kind, found in measured.by_kind().items():
            written += import_module(f"{__name__}.{kind}").write(found, folder)
    for path in folder.glob("*"):
        if path.suffix in (".svg", ".png") and path not in written:
            path.unlink()
    return sorted(written)
