"""`movies.parquet` from small archives of the published form, end to end."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from loopback import Loopback

from data.errors import UnknownNameError, UserError
from data.remote import layout
from data.remote.fetching import fetch
from data.remote.sources import Source

REAL = Path(__file__).parents[4] / "shared" / "data" / "movies.parquet"

MOVIES_CSV = (
    "movieId,title,genres\n"
    "1,Plain (1995),Drama\n"
    '2,"Comma, The (1996)",Comedy|Horror\n'
    "3,Bare (1997),(no genres listed)\n"
    "4,Line\u2028Break (1998),Horror\n"
)
LINKS_CSV = "movieId,imdbId,tmdbId\n1,0000011,5\n2,22,\n3,0000033,7\n4,10000044,8\n"
FILMS = ("tt0000011", "tt0000022", "tt0000033", "tt10000044", "tt0000099")


def reviews(split: str, sentiment: str, count: int) -> dict[str, bytes]:
    """Members of the archive for one split and sentiment; numbers pass ten so that order shows."""
    high = sentiment == "pos"
    files = {
        f"aclImdb/{split}/{sentiment}/{i}_{10 - i % 4 if high else 1 + i % 4}.txt": (
            f"{split} {sentiment} review {i}, tr\u00e8s long<br /><br />end.".encode()
        )
        for i in range(count)
    }
    urls = "".join(
        f"http://www.imdb.com/title/{FILMS[i % len(FILMS)]}/usercomments\n" for i in range(count)
    )
    return files | {f"aclImdb/{split}/urls_{sentiment}.txt": urls.encode()}


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return buffer.getvalue()


def zip_of(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as container:
        for name, body in files.items():
            container.writestr(name, body)
    return buffer.getvalue()


def all_reviews() -> dict[str, bytes]:
    files: dict[str, bytes] = {"aclImdb/README": b"about", "aclImdb/train/unsup/0_0.txt": b"none"}
    for split in ("train", "test"):
        for sentiment in ("pos", "neg"):
            files |= reviews(split, sentiment, 12)
    return files


@pytest.fixture
def sources(server: Loopback) -> Callable[..., dict[str, Source]]:
    def put(
        files: dict[str, bytes] | None = None, movies: str = MOVIES_CSV, links: str = LINKS_CSV
    ) -> dict[str, Source]:
        tables = {
            "ml-25m/movies.csv": movies,
            "ml-25m/links.csv": links,
            "ml-25m/ratings.csv": "userId\n",
        }
        return {
            "aclimdb": server.put("acl.tar.gz", tar_of(files or all_reviews())),
            "movielens": server.put("ml.zip", zip_of(tables)),
        }

    return put


def test_movies_end_to_end(
    server: Loopback, sources: Callable[..., dict[str, Source]], tmp_path: Path
) -> None:
    path = fetch("movies", tmp_path / "new", sources=sources())
    assert path == tmp_path / "new" / "movies.parquet"
    frame = pd.read_parquet(path)
    assert len(frame) == 48
    order = frame[["split", "sentiment"]].drop_duplicates().to_numpy().tolist()
    assert order == [["test", "neg"], ["test", "pos"], ["train", "neg"], ["train", "pos"]]
    assert frame["id"].tolist() == list(range(12)) * 4
    row = frame[(frame.split == "train") & (frame.sentiment == "pos") & (frame.id == 11)].iloc[0]
    assert row["rating"] == 7
    assert row["movie_id"] == "tt0000022"
    assert list(row["genres"]) == ["Comedy", "Horror"]
    assert row["text"] == "train pos review 11, tr\u00e8s long<br /><br />end."
    genres = {film: list(g) for film, g in zip(frame.movie_id, frame.genres, strict=True)}
    assert genres == {
        "tt0000011": ["Drama"],
        "tt0000022": ["Comedy", "Horror"],
        "tt0000033": [],
        "tt10000044": ["Horror"],
        "tt0000099": [],
    }
    left = {p.name for p in path.parent.iterdir()}
    assert left == {"movies.parquet", "downloads", "downloads.lock.json"}


def test_second_call_downloads_nothing(
    server: Loopback, sources: Callable[..., dict[str, Source]], tmp_path: Path
) -> None:
    given = sources()
    path = fetch("movies", tmp_path, sources=given)
    first = path.read_bytes()
    asked = len(server.requests)
    assert asked == 2
    fetch("movies", tmp_path, sources=given)
    path.unlink()
    assert fetch("movies", tmp_path, sources=given).read_bytes() == first
    assert len(server.requests) == asked


def test_truncated_archive_is_continued(
    server: Loopback, sources: Callable[..., dict[str, Source]], tmp_path: Path
) -> None:
    given = sources()
    server.cuts["acl.tar.gz"] = [100]
    assert len(pd.read_parquet(fetch("movies", tmp_path, sources=given))) == 48
    assert ("acl.tar.gz", "bytes=100-") in server.requests


@pytest.mark.skipif(not REAL.exists(), reason=f"no real reviews at {REAL}")
def test_layout_is_that_of_the_real_file() -> None:
    assert pq.read_schema(REAL).remove_metadata() == layout.MOVIES


def test_hostile_archive_writes_nothing_but_the_corpus(
    server: Loopback, sources: Callable[..., dict[str, Source]], tmp_path: Path
) -> None:
    given = sources(all_reviews() | {"../../escape.txt": b"x"})
    folder = tmp_path / "inner" / "data"
    fetch("movies", folder, sources=given)
    left = {p.name for p in folder.iterdir()}
    assert left == {"movies.parquet", "downloads", "downloads.lock.json"}
    assert not list(tmp_path.rglob("escape.txt"))


def without(*names: str) -> dict[str, bytes]:
    return {name: body for name, body in all_reviews().items() if name not in names}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"files": without("aclImdb/test/urls_neg.txt")}, "has no line in urls_neg.txt"),
        ({"files": {"other/file.txt": b"x"}}, "holds no aclImdb reviews"),
        (
            {"files": all_reviews() | {"aclImdb/test/urls_pos.txt": b"http://x/title/tt1/\n"}},
            "has no line in urls_pos.txt",
        ),
        (
            {"files": all_reviews() | {"aclImdb/test/urls_pos.txt": b"nothing\n" * 12}},
            "line 1 names no IMDb title",
        ),
        (
            {"files": all_reviews() | {"aclImdb/test/pos/3_7.txt": b"\xff\xfe"}},
            "is not UTF-8: byte 0xff at offset 0; get the archive again",
        ),
        ({"movies": "id,name\n1,a\n"}, "has no column movieId, title, genres"),
        ({"links": ""}, "has no column movieId, imdbId"),
    ],
)
def test_original_of_another_form_is_one_error(
    server: Loopback,
    sources: Callable[..., dict[str, Source]],
    tmp_path: Path,
    given: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(UserError, match=message) as caught:
        fetch("movies", tmp_path, sources=sources(**given))
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "movies.parquet").exists()


def test_wrong_digest_leaves_no_corpus(
    server: Loopback, sources: Callable[..., dict[str, Source]], tmp_path: Path
) -> None:
    given = sources()
    given["aclimdb"] = Source(given["aclimdb"].url, "md5:" + "0" * 32)
    with pytest.raises(UserError, match="expected md5 0000"):
        fetch("movies", tmp_path, sources=given)
    assert not list(tmp_path.rglob("*.gz"))


def test_folder_that_is_a_file_is_one_error(
    server: Loopback, sources: Callable[..., dict[str, Source]], tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UserError, match="cannot store"):
        fetch("movies", tmp_path / "data", sources=sources())


def test_failed_write_leaves_nothing(
    server: Loopback,
    sources: Callable[..., dict[str, Source]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(table: object, path: Path, **options: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(layout.pq, "write_table", full)
    with pytest.raises(UserError, match="No space left on device"):
        fetch("movies", tmp_path, sources=sources())
    assert {p.name for p in tmp_path.iterdir()} == {"downloads", "downloads.lock.json"}


def test_unknown_name_suggests_the_near_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'movies'"):
        fetch("movie", tmp_path)
