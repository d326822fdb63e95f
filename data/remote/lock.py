"""What was downloaded before: the digest of each public file, kept beside the data.

Some public originals come without a published digest. Their first download is trusted and written
down here; any later download of the same address must give the same bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from data.errors import UserError

LOCK_NAME = "downloads.lock.json"

Entry = Mapping[str, str | int]
"""`sha256` and `bytes` of one downloaded file."""


def read_lock(path: Path) -> dict[str, Entry]:
    """All entries by address; empty where the file does not exist.

    UserError where the file is not a lock file.
    """
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {url: {"sha256": str(e["sha256"]), "bytes": e["bytes"]} for url, e in stored.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(
            f"{path} is not a readable lock file; remove it to trust the next downloads"
        ) from error


def record(path: Path, url: str, entry: Entry) -> None:
    """Add or replace one entry, atomically."""
    entries = read_lock(path)
    if entries.get(url) == entry:
        return
    entries[url] = entry
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(dict(sorted(entries.items())), indent=2) + "\n", encoding="utf-8")
    os.replace(partial, path)
