"""Files of data sets: found, downloaded whole or not at all, checked, and explained when missing."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import importlib
import io
import multiprocessing
import os
import signal
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from seqdatasets.catalogue import find
from seqdatasets.entries import RemoteFile
from seqdatasets.unpack import unpack

fetching = importlib.import_module("seqdatasets.fetch")  # the package's `fetch` is the function
downloading = importlib.import_module("seqdatasets.download")

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """A web server on this machine with one file, which can lose connections."""

    url: str = ""
    content: bytes = CONTENT
    gives_ranges: bool = True
    tag: str | None = '"first"'
    drop_after: list[int] = field(default_factory=list)  # bytes until each connection is lost
    slow: bool = False
    status: int | None = None
    ranges: list[str | None] = field(default_factory=list)  # what was asked for


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            if state.status:
                self.send_error(state.status)
                return
            start = 0
            condition = self.headers.get("If-Range")
            if asked and state.gives_ranges and condition in (None, state.tag):
                start = int(asked.removeprefix("bytes=").removesuffix("-"))
            body = state.content[start:]
            if start and not body:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(state.content)}")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                last = len(state.content) - 1
                self.send_header("Content-Range", f"bytes {start}-{last}/{len(state.content)}")
            if state.tag:
                self.send_header("ETag", state.tag)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if state.slow:
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                time.sleep(20)
                return
            keep = state.drop_after.pop(0) if state.drop_after else len(body)
            self.wfile.write(body[:keep])

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        thread = threading.Thread(target=httpd.serve_forever, args=(0.02,))
        thread.start()
        state.url = f"http://127.0.0.1:{httpd.server_port}/a.bin"
        yield state
        httpd.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache and an empty mirror, and no waiting between attempts."""
    monkeypatch.setenv(fetching.CACHE, str(tmp_path / "cache"))
    monkeypatch.setenv(fetching.MIRROR, str(tmp_path / "mirror"))
    monkeypatch.setattr(downloading, "_PAUSE", 0.0)
    (tmp_path / "mirror").mkdir()
    return tmp_path


def remote(url: str = "http://127.0.0.1:9/a.bin", **changes: object) -> RemoteFile:
    known = RemoteFile("a.bin", "folder/a.bin", url, SHA, len(CONTENT))
    return replace(known, **changes)


def cached(place: Path) -> Path:
    return place / "cache" / "x" / "a.bin"


def in_mirror(place: Path, content: bytes) -> Path:
    file = place / "mirror" / "folder" / "a.bin"
    file.parent.mkdir()
    file.write_bytes(content)
    return file


def left_behind(place: Path) -> list[str]:
    return sorted(path.name for path in (place / "cache").rglob("*") if path.is_file())


def test_mirror_comes_before_the_network(place: Path) -> None:
    file = in_mirror(place, CONTENT)
    assert fetching._fetch_file("x", remote()) == file


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (CONTENT[:-1], r"must have 1,048,576 bytes; found 1,048,575: .* unset SEQDATASETS_MIRROR"),
        (CONTENT[:-1] + b"x", rf"must have sha256 {SHA}; found .* unset SEQDATASETS_MIRROR"),
    ],
)
def test_wrong_file_in_the_mirror_is_refused(place: Path, content: bytes, message: str) -> None:
    """A truncated or edited file must never be taken for the data set."""
    in_mirror(place, content)
    with pytest.raises(ValueError, match=message):
        fetching._fetch_file("x", remote())


def test_download_goes_to_the_cache_and_is_not_repeated(place: Path, server: Server) -> None:
    assert fetching._fetch_file("x", remote(server.url)) == cached(place)
    assert cached(place).read_bytes() == CONTENT
    assert left_behind(place) == ["a.bin"]
    assert fetching._fetch_file("x", remote()) == cached(place)


def test_lost_connections_are_taken_up_where_they_broke(place: Path, server: Server) -> None:
    """A 10 GB file over a bad line must not begin anew each time."""
    server.drop_after = [1000, 2000]
    fetching._fetch_file("x", remote(server.url))
    assert server.ranges == [None, "bytes=1000-", "bytes=3000-"]
    assert cached(place).read_bytes() == CONTENT


def test_server_without_ranges_sends_it_anew(place: Path, server: Server) -> None:
    server.gives_ranges, server.drop_after = False, [1000]
    fetching._fetch_file("x", remote(server.url))
    assert cached(place).read_bytes() == CONTENT


def test_next_call_goes_on_where_this_one_gave_up(place: Path, server: Server) -> None:
    server.drop_after = [500_000, 0, 0, 0]
    with pytest.raises(ConnectionError, match="could not be downloaded"):
        fetching._fetch_file("x", remote(server.url))
    assert not cached(place).exists()
    server.ranges.clear()
    fetching._fetch_file("x", remote(server.url))
    assert server.ranges == ["bytes=500000-"]
    assert cached(place).read_bytes() == CONTENT


@pytest.mark.parametrize("tag", ['"second"', None])
def test_two_versions_of_a_file_are_never_joined(
    place: Path, server: Server, tag: str | None
) -> None:
    """Without a recorded hash nothing else would notice a file whose halves are of two releases."""
    unknown = remote(server.url, sha256=None, bytes=None)
    server.drop_after = [500_000, 0, 0, 0]
    server.tag = '"first"' if tag else None
    with pytest.raises(ConnectionError):
        fetching._fetch_file("x", unknown)
    server.content, server.tag = CONTENT[::-1], tag
    fetching._fetch_file("x", unknown)
    assert cached(place).read_bytes() == CONTENT[::-1]


def test_part_that_does_not_fit_the_recorded_hash_is_replaced(place: Path, server: Server) -> None:
    part = cached(place).with_name("a.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)
    fetching._fetch_file("x", remote(server.url))
    assert server.ranges == ["bytes=1000-", None]
    assert cached(place).read_bytes() == CONTENT


@pytest.mark.parametrize("size", [len(CONTENT), len(CONTENT) + 5])
def test_part_that_is_complete_or_too_long_is_no_dead_end(
    place: Path, server: Server, size: int
) -> None:
    part = cached(place).with_name("a.bin.part")
    part.parent.mkdir(parents=True)
    part.write_bytes((CONTENT + b"extra")[:size])
    fetching._fetch_file("x", remote(server.url))
    assert cached(place).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sha256": "0" * 64}, r"must have the sha256 hash 0{64}; .* gave .*It was not kept"),
        ({"bytes": 5}, r"must have 5 bytes; .* gave 1,048,576\. It was not kept"),
    ],
)
def test_download_of_another_file_leaves_nothing(
    place: Path, server: Server, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        fetching._fetch_file("x", remote(server.url, **changes))
    assert left_behind(place) == []


def _fetch_in_child(url: str) -> None:
    fetching._fetch_file("x", remote(url))


def test_kill_in_the_middle_leaves_no_file_that_looks_whole(place: Path, server: Server) -> None:
    server.slow = True
    child = multiprocessing.get_context("spawn").Process(target=_fetch_in_child, args=(server.url,))
    child.start()
    part = cached(place).with_name("a.bin.part")
    deadline = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    assert not cached(place).exists()
    server.slow = False
    server.ranges.clear()
    fetching._fetch_file("x", remote(server.url))
    assert server.ranges[0] is not None
    assert cached(place).read_bytes() == CONTENT


def test_hash_of_the_first_time_is_told_and_kept(
    place: Path, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = remote(server.url, sha256=None)
    with caplog.at_level("WARNING"):
        fetching._fetch_file("x", unknown)
    assert f"hash not recorded: computed sha256 {SHA} now; keep it" in caplog.text
    caplog.clear()
    fetching._fetch_file("x", unknown)
    assert caplog.text == ""
    cached(place).write_bytes(CONTENT[::-1])
    with pytest.raises(ValueError, match=r"must have sha256 .* delete it, with a\.bin\.sha256"):
        fetching._fetch_file("x", unknown)


def test_damaged_cache_is_found(place: Path) -> None:
    cached(place).parent.mkdir(parents=True)
    cached(place).write_bytes(b"half")
    with pytest.raises(ValueError, match="to download it again, delete it"):
        fetching._fetch_file("x", remote())


@pytest.mark.parametrize("download", [True, False])
def test_offline_error_says_where_to_get_it_and_where_to_put_it(
    place: Path, download: bool
) -> None:
    with pytest.raises(ConnectionError) as caught:
        fetching._fetch_file("x", remote(), download=download)
    for told in (remote().url, str(cached(place)), "SEQDATASETS_MIRROR"):
        assert told in str(caught.value)
    assert ("download=False" in str(caught.value)) is not download


def test_address_that_is_gone_is_told_by_its_status(server: Server) -> None:
    server.status = 404
    with pytest.raises(ConnectionError, match="HTTP status 404"):
        fetching._fetch_file("x", remote(server.url))
    assert len(server.ranges) == 1


def test_own_file_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"a\.bin of data set 'x' must be at /nowhere/a"):
        fetching._fetch_file("x", RemoteFile("a.bin", path="/nowhere/a"))


@pytest.mark.parametrize(
    ("name", "subset", "message"),
    [
        ("jores21", "leafs", r"one or several of leaf \(tobacco leaves\), proto .*found 'leafs'"),
        ("deBoer20", [0, 9], r"found \[0, 9\]"),
        ("deBoer20", [], r"found \[\]"),
        ("random1000", "leaf", r"'random1000' has no subsets; found subset='leaf'"),
    ],
)
def test_unknown_subset_names_those_there_are(name: str, subset: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fetching.fetch(name, subset=subset)


def test_split_fetches_its_own_files_only() -> None:
    """Whoever wants the test rows must not download the 130 MB of training rows."""
    names = [file.name for file in fetching.files_of(find("deAlmeida22"), (), "test")]
    assert names == ["Sequences_Test.fa", "Sequences_activity_Test.txt"]


def made_tar(path: Path, members: dict[str, bytes], link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo("link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return path


def made_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("kind", ["tar", "zip"])
@pytest.mark.parametrize(
    "name", ["../evil.txt", "a/../../evil.txt", "/tmp/evil.txt", "..\\evil.txt"]
)
def test_archive_cannot_write_outside_its_folder(tmp_path: Path, kind: str, name: str) -> None:
    make = made_tar if kind == "tar" else made_zip
    archive = make(tmp_path / f"a.{kind}", {"good.txt": b"good", name: b"evil"})
    with pytest.raises(ValueError, match=r"must be plain files inside their folder; found .*evil"):
        unpack(archive, tmp_path / "cache" / "a", kind)
    assert not list(tmp_path.rglob("evil.txt"))
    assert not list((tmp_path / "cache").iterdir())


def test_archive_cannot_hold_links(tmp_path: Path) -> None:
    archive = made_tar(tmp_path / "a.tar", {}, link="/etc/passwd")
    with pytest.raises(ValueError, match=r"found 'link', a link or a device"):
        unpack(archive, tmp_path / "cache" / "a", "tar")
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("kind", ["tar", "zip", "gzip"])
def test_truncated_archive_leaves_nothing(tmp_path: Path, kind: str) -> None:
    content = os.urandom(100_000)
    path = tmp_path / f"a.{kind}"
    if kind == "gzip":
        path.write_bytes(gzip.compress(content))
    else:
        (made_tar if kind == "tar" else made_zip)(path, {"a": content})
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(ValueError, match=r"is cut short or damaged"):
        unpack(path, tmp_path / "cache" / "a", kind)
    assert not list((tmp_path / "cache").iterdir())


def test_archive_is_unpacked_once_and_anew_when_it_changes(place: Path) -> None:
    packed = replace(remote(), sha256=None, bytes=None, unpack="tar")
    file = in_mirror(place, b"")
    made_tar(file, {"x/a.txt": b"A"})
    first = fetching._fetch_file("x", packed)
    assert (first / "x" / "a.txt").read_bytes() == b"A"
    assert fetching._fetch_file("x", packed) == first
    made_tar(file, {"x/a.txt": b"B"})
    assert (fetching._fetch_file("x", packed) / "x" / "a.txt").read_bytes() == b"B"


def test_two_processes_at_once_download_once(place: Path, server: Server) -> None:
    """Two trainings that start together must not write into one another's file."""
    server.drop_after = [1000, 500_000]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: fetching._fetch_file("x", remote(server.url)), range(2)))
    assert found == [cached(place)] * 2
    assert cached(place).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-", "bytes=501000-"]
    assert left_behind(place) == ["a.bin"]
