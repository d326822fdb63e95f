"""One place to import from: it answers at once, and what it gives is what the packages have."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import disentangle_bench
from data.errors import UserError
from disentangle_bench import Method, run

ROOT = Path(__file__).parent.parent


class Lengths(Method):
    """Lengths of texts. Source: none."""

    name = "lengths"

    def fit(self, task, backbone, *, seed, progress):
        return self

    def encode(self, texts, aspect):
        return np.array([[len(text), text.count(" ")] for text in texts], dtype=np.float32)

    def save(self, folder): ...

    def load(self, folder, backbone): ...

    trainable_parameters = 0


def test_names_are_those_of_their_homes() -> None:
    assert set(disentangle_bench.__all__) == set(disentangle_bench._HOMES)
    for name, home in disentangle_bench._HOMES.items():
        assert getattr(disentangle_bench, name) is getattr(import_module(home), name)
        assert name in dir(disentangle_bench)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        disentangle_bench.nothing  # noqa: B018
    assert (ROOT / "disentangle_bench" / "py.typed").is_file()
    assert '"disentangle_bench*"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_nothing_heavy_loads_before_it_is_used() -> None:
    script = (
        "import sys, disentangle_bench\n"
        "from disentangle_bench import Method, Task\n"
        "print(sorted({'torch', 'sklearn', 'scipy', 'transformers'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.slow
def test_a_class_of_ones_own_runs_beside_others(tmp_path: Path) -> None:
    found = run(["untuned", Lengths], ["movies"], profile="smoke", results=tmp_path)
    assert set(found["method"]) == {"untuned", "lengths"}
    linear = found[(found["probe"] == "linear") & (found["metric"] == "target_accuracy")]
    assert linear["value"].between(0, 1).all()
    # Only what was asked for, of all that is stored.
    again = run([Lengths], ["movies"], profile="smoke", results=tmp_path)
    assert set(again["method"]) == {"lengths"}
    assert len(again) == sum(found["method"] == "lengths")


@pytest.mark.slow
def test_one_failed_trial_leaves_the_scores_of_the_others(tmp_path: Path) -> None:
    class Broken(Lengths):
        """Fails. Source: none."""

        name = "broken"

        def fit(self, task, backbone, *, seed, progress):
            raise ValueError("it is broken")

    path = tmp_path / "smoke" / "scores.csv"
    with pytest.raises(
        UserError, match=r"1 of 2 trials failed, .*it is broken; the scores"
    ) as said:
        run([Broken, Lengths], ["movies"], profile="smoke", results=tmp_path)
    assert str(said.value).endswith(f"are in {path}")
    assert ",lengths," in path.read_text(encoding="utf-8")


def test_what_is_no_method_is_refused(tmp_path: Path) -> None:
    class Half(Lengths):
        encode = Method.encode

    with pytest.raises(UserError, match="lacks encode; add them"):
        run([Half], ["movies"], profile="smoke", results=tmp_path)
