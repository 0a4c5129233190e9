"""Assets and archives: their hashes are Pulumi's, so that neither engine sees a change in what the other made."""

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from engine.bench import Bench

from modelyard import wire
from modelyard.engine.embedded.requests import archives

EMPTY = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
LONG = "d" * 120
FOLDER = "a7e4f2ca8b67c64e6241918f84ed926fc979a3a32381547e0d33c9f12b862848"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with files of many names, links, a zip and a tape archive; both engines read the same."""
    site = tmp_path / "files" / "site"
    (site / "sub").mkdir(parents=True)
    (site / ".pulumi").mkdir()
    (site / f"{LONG}x").mkdir()
    names = [
        "b",
        "a",
        "a0",
        "a.b",
        "sub/c",
        ".hidden",
        ".pulumi/no",
        "ä",
        "z" * 100,
        LONG,
        f"{LONG}x/f",
        f"{LONG}x/{LONG}",
    ]
    for name in names:
        (site / name).write_text(f"this is {name}")
    (site / "link").symlink_to("a")
    (site / "folder").symlink_to("sub")
    with zipfile.ZipFile(site.parent / "z.zip", "w") as zipped:
        zipped.writestr("one", "1")
        zipped.writestr("dir/two", "2")
    with tarfile.open(site.parent / "t.tar.gz", "w:gz") as taped:
        taped.add(site / "b", "./b")
    return site


def test_every_kind_of_archive_has_pulumis_hash(bench, site):
    program = f"""
    A, D, F, S = pulumi.AssetArchive, pulumi.FileArchive, pulumi.FileAsset, pulumi.StringAsset
    Thing("folder", value=D("{site}"))
    Thing("zip", value=D("{site.parent}/z.zip"))
    Thing("tar", value=D("{site.parent}/t.tar.gz"))
    parts = {{"x/y": S("1"), "b": F("{site}/b"), "a": D("{site}"), "z": D("{site.parent}/z.zip"),
             "t": D("{site.parent}/t.tar.gz"), "n": A({{"deep": S("2")}})}}
    for name, part in parts.items():
        Thing(f"only {{name[0]}}", value=A({{name: part}}))
    Thing("assets", value=A(parts))
    Thing("empty", value=A({{}}))
    Thing("text", value=S("this is b"))
    Thing("file", value=F("{site}/b"))
    Thing("remote", value=pulumi.RemoteArchive("{site.parent.as_uri()}/z.zip"))
    Thing("distant", value=pulumi.RemoteAsset("{site.as_uri()}/b"))
    """
    assert bench.up(program).outcome == "succeeded"
    hashes = {name: bench.resource(name)["inputs"]["value"]["hash"] for name in bench.things()}
    assert hashes["empty"] == EMPTY
    assert {hashes["text"], hashes["file"], hashes["distant"]} == {hashlib.sha256(b"this is b").hexdigest()}
    assert {hashes["zip"], hashes["remote"]} == {hashlib.sha256((site.parent / "z.zip").read_bytes()).hexdigest()}
    assert hashes["folder"] == FOLDER
    assert not bench.preview(program).has_changes


def test_an_asset_elsewhere_is_refused_with_what_to_do(tmp_path):
    bench = Bench(tmp_path)
    result = bench.up('Thing("a", value=pulumi.RemoteAsset("http://127.0.0.1:1/x"))')
    assert (result.outcome, bench.calls) == ("failed", [])
    assert "http://127.0.0.1:1/x is not on this machine\n  -> load it down first" in result.diagnostics[0].message


def test_an_archive_that_is_a_plain_file_is_refused(tmp_path):
    bench = Bench(tmp_path)
    (bench.program / "text").write_text("x")
    result = bench.up('Thing("a", value=pulumi.FileArchive("text"))')
    assert "neither a folder nor a file of a known kind (.tar, .tgz" in result.diagnostics[0].message


@pytest.mark.parametrize("name", ["a", "d/" + "x" * 99, LONG + "/" + "z" * 50, "ü/äö", "y" * 300, "p/" * 90 + "q"])
def test_headers_are_read_back_by_others(name):
    data = b"some bytes"
    header = archives._header(name, len(data))
    with tarfile.open(fileobj=io.BytesIO(header + data + bytes(502) + bytes(1024))) as archive:
        [member] = archive.getmembers()
        assert (member.name, member.size, member.mode, member.mtime) == (name, len(data), 0o600, 0)
        assert archive.extractfile(member).read() == data  # type: ignore[union-attr]


def test_a_member_that_comes_twice_counts_once(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_text("1")
    text = {wire.SIGNATURE_KEY: wire.ASSET_SIGNATURE, "text": "1"}
    folder = {wire.SIGNATURE_KEY: wire.ARCHIVE_SIGNATURE, "path": "sub"}
    once = archives.digest({"assets": {"sub": folder}}, tmp_path)
    assert archives.digest({"assets": {"sub": folder, "sub/a": text}}, tmp_path) == once
