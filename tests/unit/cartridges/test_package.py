"""One file for one version, which has exactly one form."""

from __future__ import annotations

import hashlib
import io
import zipfile

import pytest

from cartridges.package import package_of, read_package
from cartridges.problems import CartridgeRefused
from tests.unit.catalog.fakes import a_manifest

PINNED = "3d7209d9c2c0574983288b9d21b27250bcefc0f89240e77761c9ad4eb9a74679"
NOTES = {"texts/b.md": b"later\n", "texts/a.md": "先读这里\n".encode()}


def codes(content: bytes) -> list[str]:
    with pytest.raises(CartridgeRefused) as refused:
        read_package(content)
    return [problem.code for problem in refused.value.problems]


class TestPackage:
    def test_gives_back_what_was_packed(self):
        package = package_of(a_manifest(), NOTES)

        assert read_package(package.content()) == package

    def test_lists_its_files_with_their_hashes(self):
        package = package_of(a_manifest(), NOTES)

        assert package.manifest["files"] == [
            {
                "path": path,
                "sha256": hashlib.sha256(NOTES[path]).hexdigest(),
                "bytes": len(NOTES[path]),
            }
            for path in ("texts/a.md", "texts/b.md")
        ]

    def test_is_the_same_to_the_byte_however_it_was_written_down(self):
        shuffled = dict(reversed(a_manifest(royalty_basis_points=200.0).items()))

        assert (
            package_of(shuffled, dict(reversed(NOTES.items()))).content()
            == package_of(a_manifest(), NOTES).content()
        )

    def test_is_the_same_to_the_byte_on_every_machine(self):
        content = package_of(a_manifest(), NOTES).content()

        assert hashlib.sha256(content).hexdigest() == PINNED

    def test_is_an_archive_that_any_tool_can_open(self):
        package = package_of(a_manifest(), NOTES)

        with zipfile.ZipFile(io.BytesIO(package.content())) as archive:
            assert archive.namelist() == ["manifest.json", "texts/a.md", "texts/b.md"]
            manifest = archive.read("manifest.json")

        assert f"sha256:{hashlib.sha256(manifest).hexdigest()}" == package.digest

    def test_is_refused_for_every_bit_that_is_turned(self):
        content = package_of(a_manifest(), {"texts/a.md": b"x"}).content()

        for place in range(len(content)):
            turned = bytearray(content)
            turned[place] ^= 1
            assert codes(bytes(turned)), place

    def test_is_refused_wherever_it_is_cut(self):
        content = package_of(a_manifest(), {"texts/a.md": b"x"}).content()

        for length in range(0, len(content), 7):
            assert codes(content[:length]), length

    def test_with_a_wrong_manifest_is_not_made(self):
        with pytest.raises(CartridgeRefused):
            package_of(a_manifest(people={"min": 9, "max": 1}), {})
