"""The copy of what the templates gave: the same bytes of the same files, and nothing in it that leads elsewhere."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from modelyard.scaffold import bake, templates_folder
from modelyard.scaffold.templates import pristine

KEEPER = pristine(templates_folder())
FILES = {"a.txt": (0o644, b"a\n"), "d/b.bin": (0o755, b"\0\1"), "é ü.txt": (0o644, b"")}


def archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as made:
        for member, content in members:
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue())


def test_what_is_packed_comes_out_again():
    assert KEEPER.unpacked(KEEPER.packed(FILES)) == FILES
    assert KEEPER.packed(dict(reversed(FILES.items()))) == KEEPER.packed(FILES)


def test_a_repository_keeps_all_that_it_was_given(tmp_path: Path):
    folder = bake("sklearn", "churn", tmp_path)
    kept = KEEPER.unpacked((folder / ".template-base").read_bytes())
    there = KEEPER.read_folder(folder)
    assert {name: it for name, it in there.items() if name != ".cruft.json"} == kept
    again = bake("sklearn", "churn", tmp_path / "again")
    assert (again / ".template-base").read_bytes() == (folder / ".template-base").read_bytes()
    assert (folder / ".template-base").stat().st_size < 100_000


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", ".git/config", "a//b", "./a"])
def test_names_that_lead_elsewhere_are_refused(name: str):
    with pytest.raises(ValueError, match="it holds"):
        KEEPER.unpacked(archive((tarfile.TarInfo(name), b"x")))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_only_files_are_taken(kind: bytes):
    member = tarfile.TarInfo("a")
    member.type, member.linkname = kind, "b"
    with pytest.raises(ValueError, match="it holds 'a'"):
        KEEPER.unpacked(archive((member, b"")))


def test_a_bomb_is_refused():
    with pytest.raises(ValueError, match="it unpacks to more than 64 MiB"):
        KEEPER.unpacked(gzip.compress(b"\0" * (65 * 2**20), compresslevel=1))


@pytest.mark.parametrize("cut", [0, 1, 10, 100, -1, -9])
def test_a_part_of_it_is_refused(cut: int):
    with pytest.raises(ValueError, match=r".+"):
        KEEPER.unpacked(KEEPER.packed(FILES)[:cut])
