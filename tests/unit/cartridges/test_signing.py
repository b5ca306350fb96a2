"""Signatures of authors, in a format that others read and write too."""

from __future__ import annotations

import shutil
import stat
import subprocess

import pytest

from cartridges.canonical import canonical
from cartridges.package import Package, package_of
from cartridges.problems import CartridgeRefused
from cartridges.signing import (
    KeyUnusable,
    make_key,
    public_key,
    read_key,
    signature_problems,
    signed,
)
from tests.unit.catalog.fakes import a_manifest

needs_minisign = pytest.mark.skipif(
    shutil.which("minisign") is None, reason="Debian's minisign is not installed"
)


@pytest.fixture
def secret(tmp_path):
    make_key(tmp_path / "author.key", password=None)
    return read_key(tmp_path / "author.key", password=None)


def package_by(*secrets) -> Package:
    authors = [
        {"name": "An", "key": public_key(each).text, "basis_points": 10_000 // len(secrets)}
        for each in secrets
    ]
    return package_of(a_manifest(authors=authors), {})


def codes(package: Package) -> list[str]:
    return [problem.code for problem in signature_problems(package)]


class TestKeys:
    def test_are_kept_for_their_owner_alone(self, tmp_path):
        made = make_key(tmp_path / "author.key", password=None)

        assert stat.S_IMODE((tmp_path / "author.key").stat().st_mode) == 0o600
        first, second = (tmp_path / "author.pub").read_text(encoding="utf-8").splitlines()
        assert first == f"untrusted comment: minisign public key {made.id}"
        assert second == made.text
        assert public_key(read_key(tmp_path / "author.key", password=None)) == made

    @pytest.mark.parametrize("name", ["author.key", "author.pub"])
    def test_are_never_written_over(self, tmp_path, name):
        (tmp_path / name).write_text("mine", encoding="utf-8")

        with pytest.raises(FileExistsError):
            make_key(tmp_path / "author.key", password=None)

        assert (tmp_path / name).read_text(encoding="utf-8") == "mine"

    def test_with_a_password_open_with_it_alone(self, tmp_path):
        path = tmp_path / "author.key"
        made = make_key(path, password="long enough")

        assert public_key(read_key(path, password="long enough")) == made
        for password in (None, "", "wrong"):
            with pytest.raises(KeyUnusable):
                read_key(path, password=password)

    def test_that_are_none_are_refused(self, tmp_path):
        (tmp_path / "x").write_text("no key\nat all\n", encoding="utf-8")

        with pytest.raises(KeyUnusable):
            read_key(tmp_path / "x", password=None)


class TestSignatures:
    def test_do_not_change_what_they_sign(self, secret):
        package = package_by(secret)

        assert signed(package, secret).digest == package.digest

    def test_of_all_authors_are_wanted(self, secret, tmp_path):
        make_key(tmp_path / "other.key", password=None)
        other = read_key(tmp_path / "other.key", password=None)
        package = package_by(secret, other)

        assert codes(package) == ["signature-missing"] * 2
        assert codes(signed(package, secret)) == ["signature-missing"]
        assert codes(signed(signed(package, secret), other)) == []

    def test_by_strangers_are_not_made(self, secret, tmp_path):
        make_key(tmp_path / "other.key", password=None)

        with pytest.raises(CartridgeRefused):
            signed(package_by(secret), read_key(tmp_path / "other.key", password=None))

    def test_by_the_same_key_are_kept_once(self, secret):
        twice = signed(signed(package_by(secret), secret), secret)

        assert len(twice.signatures) == 1
        assert codes(twice) == []

    def test_are_not_wanted_where_no_author_has_a_key(self):
        assert codes(package_of(a_manifest(), {})) == []

    @needs_minisign
    def test_are_right_for_debians_minisign(self, secret, tmp_path):
        package = signed(package_by(secret), secret)
        ((key_id, signature),) = package.signatures.items()
        (tmp_path / "manifest.json").write_bytes(canonical(package.manifest))
        (tmp_path / "signature").write_bytes(signature)
        key = public_key(secret)

        done = subprocess.run(
            ["minisign", "-Vm", "manifest.json", "-x", "signature", "-P", key.text],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.returncode == 0, done.stderr
        assert package.digest in done.stdout
        assert key.id == key_id

    @needs_minisign
    def test_by_debians_minisign_are_right_here(self, tmp_path):
        def run(*words):
            subprocess.run(["minisign", *words], cwd=tmp_path, capture_output=True, check=True)

        run("-G", "-W", "-p", "a.pub", "-s", "a.key")
        secret = read_key(tmp_path / "a.key", password=None)
        package = package_by(secret)
        (tmp_path / "manifest.json").write_bytes(canonical(package.manifest))
        run("-S", "-W", "-s", "a.key", "-m", "manifest.json", "-x", "signature")

        found = Package(
            package.manifest,
            {},
            {public_key(secret).id: (tmp_path / "signature").read_bytes()},
        )

        assert codes(found) == []
