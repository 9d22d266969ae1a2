"""Files of data sets: found, checked, and explained when they are not there."""

from __future__ import annotations

import hashlib
import http.server
import importlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from seqdatasets.catalogue import RemoteFile, find

fetching = importlib.import_module("seqdatasets.fetch")  # the package's `fetch` is the function

CONTENT = b"ACGT\t1.5\n"
SHA = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine with one file."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "a.txt").write_bytes(CONTENT)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, directory=str(folder), **kwargs)

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and an empty mirror."""
    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "cache"))
    monkeypatch.setenv(fetching.MIRROR, str(tmp_path / "mirror"))
    (tmp_path / "mirror").mkdir()
    return tmp_path


def remote(url: str, sha: str = SHA) -> RemoteFile:
    return RemoteFile("a.txt", "folder/a.txt", f"{url}/a.txt", sha, len(CONTENT))


def test_mirror_comes_before_the_network(place: Path) -> None:
    file = place / "mirror" / "folder" / "a.txt"
    file.parent.mkdir()
    file.write_bytes(CONTENT)
    assert fetching._fetch_file("x", remote("http://127.0.0.1:9")) == file


def test_wrong_file_in_the_mirror_is_refused(place: Path) -> None:
    """A truncated or edited file must never be taken for the data set."""
    file = place / "mirror" / "folder" / "a.txt"
    file.parent.mkdir()
    file.write_bytes(CONTENT[:-1])
    with pytest.raises(
        ValueError, match=rf"must have sha256 {SHA}; found .* unset SEQDATASETS_MIRROR"
    ):
        fetching._fetch_file("x", remote("http://127.0.0.1:9"))


def test_download_goes_to_the_cache_and_is_not_repeated(place: Path, server: str) -> None:
    path = fetching._fetch_file("x", remote(server))
    assert path == place / "cache" / "x" / "a.txt"
    assert path.read_bytes() == CONTENT
    assert fetching._fetch_file("x", remote("http://127.0.0.1:9")) == path


def test_download_with_another_hash_is_not_kept(place: Path, server: str) -> None:
    with pytest.raises(ValueError, match="hash"):
        fetching._fetch_file("x", remote(server, sha="0" * 64))
    assert not (place / "cache" / "x" / "a.txt").exists()


def test_damaged_cache_is_found(place: Path) -> None:
    kept = place / "cache" / "x" / "a.txt"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"half")
    with pytest.raises(ValueError, match="delete it, and it is downloaded again"):
        fetching._fetch_file("x", remote("http://127.0.0.1:9"))


def test_offline_error_says_where_to_get_it_and_where_to_put_it(place: Path) -> None:
    file = remote("http://127.0.0.1:9")
    with pytest.raises(ConnectionError) as caught:
        fetching._fetch_file("x", file)
    assert file.url in str(caught.value)
    assert str(place / "cache" / "x" / "a.txt") in str(caught.value)
    assert "SEQDATASETS_MIRROR" in str(caught.value)


def test_recorded_hashes_and_sizes_are_those_of_the_real_files(mirror: Path) -> None:
    for file in find("dream_yeast_demo").files:
        content = (mirror / file.mirror).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file.sha256
        assert len(content) == file.bytes
