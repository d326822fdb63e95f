"""`ptb`, `yelp` and `captions` from their public originals: files with a sentence a line."""

import gzip
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from data.errors import UserError

PTB_PARTS = ("train", "valid", "test")
YELP_PARTS = ("dev", "test")
CAPTION_PARTS = {"train": "train", "valid": "val", "test": "test_2016"}
"""Parts of the captions to what the files call them."""

CAPTION_NUMBERS = (1, 2, 3, 4, 5)

Columns = dict[str, Sequence[Any]]


def ptb_columns(paths: Mapping[str, Path]) -> Columns:
    """Columns of `ptb.parquet` from the files named as in `sources.toml`, part after part."""
    rows = [(part, line) for part in PTB_PARTS for line in sentences(paths[f"ptb-{part}"])]
    return _columns(("split", "text"), rows)


def yelp_columns(paths: Mapping[str, Path]) -> Columns:
    """Columns of `yelp.parquet` from the files named as in `sources.toml`, file after file."""
    rows = [
        (part, sentiment, line)
        for part in YELP_PARTS
        for sentiment in (0, 1)
        for line in sentences(paths[f"yelp-{part}-{sentiment}"])
    ]
    return _columns(("source_split", "sentiment", "text"), rows)


def caption_columns(paths: Mapping[str, Path]) -> Columns:
    """Columns of `captions.parquet` from the files named as in `sources.toml`.

    The files of a part have one caption of each image, in the same order of images; rows go image
    after image.

    UserError where the files of a part have unequal numbers of lines.
    """
    rows = []
    for split, part in CAPTION_PARTS.items():
        files = [paths[f"captions-{part}-{number}"] for number in CAPTION_NUMBERS]
        listed = [sentences(path) for path in files]
        for path, lines in zip(files, listed, strict=True):
            if len(lines) != len(listed[0]):
                raise UserError(
                    f"{files[0]} has {len(listed[0])} lines but {path} has {len(lines)}; "
                    "get both files again"
                )
        for image, captions in enumerate(zip(*listed, strict=True)):
            rows += [(split, image, caption, text) for caption, text in enumerate(captions)]
    return _columns(("split", "image", "caption", "text"), rows)


def sentences(path: Path) -> list[str]:
    """The lines of a UTF-8 file, plain or gzipped, without white space around them.

    UserError where the file is unreadable, damaged, in another encoding, or has a blank line.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start}); get it again") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"cannot read {path} ({error}); get it again") from error
    lines = [line.strip() for line in text.removesuffix("\n").split("\n")]
    for number, line in enumerate(lines, start=1):
        if not line:
            raise UserError(f"{path} has nothing in line {number}; get it again")
    return lines


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Columns:
    return dict(zip(names, zip(*rows, strict=True), strict=True))
