"""What `--data` names: a file, a folder of files, a saved dataset, or one on the hub."""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from data.corpora.tables import ENDINGS
from data.errors import UnknownNameError, UserError

SPLITS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "val", "dev"),
    "test": ("test", "testing", "eval", "evaluation"),
}
"""Split to the words in the name of a file or folder that mean it, as the hub has them.

`huggingface.co/docs/hub/datasets-file-names-and-splits`.
"""

NO_TABLES = ("dataset_infos.json", "dataset_info.json", "dataset_dict.json", "state.json")
"""Files that the `datasets` library keeps beside its tables."""

SHARD = re.compile(r"(.+?)-\d{5}-of-\d{5}")

HUB_NAME = re.compile(r"([\w.-]+/[\w.-]+)(?:/(.+))?")


def files_at(named: str) -> tuple[Path, ...]:
    """The files that hold the rows, in order.

    `named`: a file; a folder that `save_to_disk` of the `datasets` library wrote, or that holds
    files of one format; or a dataset on the hub, `owner/name` or `owner/name/folder`. For all but a
    file `:split` may follow; without, the rows of all splits count. UserError where there is
    nothing of that name, no such split, or no table that can be read.
    """
    where, split = _parted(named)
    if os.path.isdir(where):
        return _picked(where, _parts(Path(where)), split)
    if os.path.isfile(where):
        if split:
            raise UserError(f"{where} is one file and has no splits; leave out :{split}")
        return (Path(where),)
    on_hub = None if where.lower().endswith(ENDINGS) else HUB_NAME.fullmatch(where)
    if on_hub is None:
        raise UserError(
            f"cannot read {where}: No such file or directory; check the path, or name a dataset on "
            "the hub as owner/name"
        )
    folder = _downloaded(on_hub[1]) / (on_hub[2] or "")
    return _picked(where, _parts(folder), split)


def title(named: str) -> str:
    """A short name for people: `reviews` for `some/reviews.csv`, `reviews-test` with a split."""
    where, split = _parted(named)
    last = where.rstrip("/").rsplit("/", 1)[-1]
    for ending in ENDINGS:
        last = last[: -len(ending)] if last.lower().endswith(ending) else last
    return "-".join(filter(None, (last, split)))


def _parted(named: str) -> tuple[str, str]:
    before, colon, split = named.rpartition(":")
    if not colon or "/" in split or os.path.exists(named):
        return named, ""
    return before, split


def _parts(folder: Path) -> Mapping[str, Sequence[Path]]:
    """Split to its files; one split without a name where there are no splits."""
    if (folder / "dataset_dict.json").is_file():
        splits = _read(folder / "dataset_dict.json", "splits")
        return {str(split): _saved(folder / str(split)) for split in splits}
    if (folder / "state.json").is_file():
        return {"": _saved(folder)}
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in ENDINGS
        and path.is_file()
        and path.name not in NO_TABLES
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    endings = sorted({path.suffix.lower() for path in found})
    if len(endings) != 1:
        held = f"{' and '.join(endings)} files" if endings else f"no {' or '.join(ENDINGS)} file"
        raise UserError(f"{folder} holds {held}; name one file, or a folder with one format")
    parts: dict[str, list[Path]] = {}
    tables: dict[str, None] = {}
    for path in found:
        inside = path.relative_to(folder).parts[:-1]
        shard = SHARD.match(path.stem)
        split = shard[1] if shard else _split_in((path.stem, *reversed(inside)))
        parts.setdefault(split or "train", []).append(path)
        tables["/".join(p for p in inside if p != "data" and not _split_in([p]))] = None
    if len(tables) > 1:
        raise UserError(
            f"{folder} holds several tables: {', '.join(filter(None, tables))}; name one folder"
        )
    return parts


def _split_in(names: Iterable[str]) -> str:
    for name in names:
        words = re.split(r"[^a-z]+", name.lower())
        for split, meaning in SPLITS.items():
            if any(word in meaning for word in words):
                return split
    return ""


def _saved(folder: Path) -> list[Path]:
    """The files of one split that `save_to_disk` wrote."""
    listed = _read(folder / "state.json", "_data_files")
    return [folder / Path(str(file["filename"])).name for file in listed]


def _read(path: Path, key: str) -> list[dict[str, object]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))[key]
        if not isinstance(found, list):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"{path} is not what `save_to_disk` writes; save the dataset again"
        ) from None
    return found


def _picked(where: str, parts: Mapping[str, Sequence[Path]], split: str) -> tuple[Path, ...]:
    if split and split not in parts:
        if "" in parts:
            raise UserError(f"{where} holds one dataset without splits; leave out :{split}")
        raise UnknownNameError(f"split of {where}", split, parts)
    chosen = [parts[split]] if split else parts.values()
    return tuple(file for files in chosen for file in files)


def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    patterns = [f"*{ending}" for ending in ENDINGS]
    try:
        return Path(snapshot_download(name, repo_type="dataset", allow_patterns=patterns))
    except (OSError, ValueError, HfHubHTTPError, HFValidationError) as error:
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"there is no file or folder {name}, and the hub does not give a dataset of that name "
            f"({reason}); check the name, or download it and name its folder"
        ) from None
