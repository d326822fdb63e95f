"""Where the public originals are, and the digests that are known of them: sources.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One public file.

    Attributes
    ----------
    url : where it is downloaded from.
    pin : `md5:HEX` or `sha256:HEX` as its publisher or a library that reads it gives it, or None.
        Without a pin nothing checks the first download; later ones must equal it, by the lock file.
    """

    url: str
    pin: str | None = None


def _read(path: Path) -> dict[str, dict[str, Source]]:
    """For each corpus its originals by name."""
    return {
        corpus: {
            name: Source(folder["base"] + file["path"], file.get("pin"))
            for folder in folders
            for name, file in folder["files"].items()
        }
        for corpus, folders in tomllib.loads(path.read_text(encoding="utf-8")).items()
    }


_FILES = _read(Path(__file__).with_suffix(".toml"))

SOURCES: Mapping[str, Mapping[str, Source]] = {
    **_FILES,
    "tweets": {**_FILES["tweets"], **_FILES["founta"]},
}
"""The originals of each corpus by name; those of `founta` are the model of dialects alone."""
