"""The repository keeps the figures that its pages show, and makes all others on demand."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_the_figures_that_pages_show_are_those_that_are_tracked() -> None:
    """To mend it, name in .gitignore what the pages show, and nothing else."""
    shown = {
        (page.parent / image).resolve().relative_to(ROOT).as_posix()
        for page in PAGES
        for image in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
        if not image.startswith("http")
    }
    listing = ["git", "ls-files", "--", "results/*/figures/*"]
    tracked = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(tracked.stdout.split()) == {image for image in shown if "/figures/" in image}
    kept = re.findall(r"^!(results/.*)$", (ROOT / ".gitignore").read_text(), re.MULTILINE)
    assert set(kept) == set(tracked.stdout.split())
    assert all((ROOT / image).is_file() for image in shown)
