import subprocess
import sys
from pathlib import Path

import pytest

from data import tasks
from data.discovery import declared, pick
from data.errors import UnknownNameError, UserError


def package(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content)
    return folder


def test_a_class_is_found_by_its_literal_name(tmp_path: Path) -> None:
    folder = package(
        tmp_path,
        one='import torch_that_is_not_there\nclass One:\n    """First line.\n\n    More."""\n'
        '    name = "first"\n',
        two='class Base:\n    name: str\n\nclass Two(Base):\n    name: str = "second"\n',
        _hidden='class Hidden:\n    name = "hidden"\n',
    )
    found = declared((folder, "made"))
    assert list(found) == ["first", "second"]
    assert found["first"].summary == "First line."
    assert found["second"].summary == ""
    assert (found["second"].module, found["second"].class_name) == ("made.two", "Two")


def test_two_classes_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = package(tmp_path, a='class A:\n    name = "same"\n', b='class B:\n    name = "same"\n')
    with pytest.raises(UserError, match="two classes have the name 'same': A in made/"):
        declared((folder, "made"))


def test_a_file_changed_meanwhile_is_read_anew(tmp_path: Path) -> None:
    package(tmp_path, one='class A:\n    """Old."""\n    name = "old"\n')
    assert list(declared((tmp_path, "made"))) == ["old"]
    package(tmp_path, one='class A:\n    """New."""\n    name = "new"\n')
    assert {name: found.summary for name, found in declared((tmp_path, "made")).items()} == {
        "new": "New."
    }


@pytest.mark.parametrize("content", ["class A(:\n", "x = '\0'\n"])
def test_a_broken_file_is_named(tmp_path: Path, content: str) -> None:
    with pytest.raises(UserError, match=r"cannot read broken\.py in made"):
        declared((package(tmp_path, broken=content), "made"))


def test_near_name_is_suggested() -> None:
    with pytest.raises(UnknownNameError, match="unknown task 'moveis'; did you mean 'movies'"):
        pick("task", "moveis", {"movies": None, "tweets": None})  # type: ignore[dict-item]


def test_listing_tasks_imports_no_pandas() -> None:
    script = (
        "import sys; from data import tasks; print(*tasks.summaries());"
        "assert not {'pandas', 'torch', 'sklearn'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.split() == [
        "captions-lm",
        "captions-responses",
        "data",
        "dialogue",
        "dsentences-factors",
        "dsentences-nine-factors",
        "ewt-lm",
        "movies",
        "movies-lm",
        "profner",
        "ptb-full-lm",
        "ptb-lm",
        "relations-fewrel",
        "relations-generated",
        "relations-semeval",
        "syntax",
        "tagged-data",
        "tweets",
        "tweets-davidson",
        "tweets-founta",
        "yelp-lm",
    ]
    assert all(tasks.summaries().values())
