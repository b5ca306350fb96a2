"""One file for one version: ``name-1.0.0.cartridge``, which has exactly one form.

A package is a ZIP archive (APPNOTE 6.3) whose entries are stored and not compressed, in a
fixed order, with fixed times: ``manifest.json``, then the other files, then signatures. What
is read is packed again and must give the same bytes, so nothing can hide in it, a bomb has
nothing to expand, and two people who pack the same cartridge get the same file.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cartridges.canonical import canonical, digest_of
from cartridges.check import problems_of
from cartridges.files import file_problems
from cartridges.problems import CartridgeRefused, Problem, in_order, problem
from cartridges.reading import read_manifest

MOST_BYTES = 4_194_304
MOST_ENTRIES = 64
MANIFEST = "manifest.json"
_SIGNATURES, _SIGNATURE = "signatures/", ".minisig"
_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can name


@dataclass(frozen=True, slots=True)
class Package:
    """A manifest, the files it lists, and signatures by the id of their key."""

    manifest: Mapping[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)
    signatures: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """What pins this version; signatures do not change it."""
        return digest_of(self.manifest)

    @property
    def file_name(self) -> str:
        """What its file is called."""
        return f"{self.manifest['name']}-{self.manifest['version']}.cartridge"

    def content(self) -> bytes:
        """The bytes of its file; equal packages give equal bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, content in self._entries():
                entry = zipfile.ZipInfo(name, _TIME)
                entry.external_attr = 0o644 << 16
                entry.create_system = 3  # as on Unix, whatever this machine is
                archive.writestr(entry, content)
        return buffer.getvalue()

    def _entries(self) -> list[tuple[str, bytes]]:
        signatures = {f"{_SIGNATURES}{key}{_SIGNATURE}": it for key, it in self.signatures.items()}
        return [
            (MANIFEST, canonical(self.manifest)),
            *sorted(self.files.items()),
            *sorted(signatures.items()),
        ]


def package_of(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Package:
    """The package of a manifest and its files, listed in it; raise ``CartridgeRefused``."""
    listed = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for path, content in sorted(files.items())
    ]
    whole = {**manifest, "files": listed} if listed else dict(manifest)
    package = Package(whole, files)
    if found := package_problems(package):
        raise CartridgeRefused(found)
    return package


def read_package(content: bytes) -> Package:
    """The package in a file of at most 4 MiB, checked; raise ``CartridgeRefused``.

    Signatures are taken as they are: ``signature_problems`` judges them.
    """
    if len(content) > MOST_BYTES:
        reason = f"{len(content)} bytes, the limit is {MOST_BYTES}"
        raise CartridgeRefused([problem("", "package-too-large", reason)])
    package = unpacked(content)
    if found := package_problems(package):
        raise CartridgeRefused(found)
    if package.content() != content:
        reason = "other bytes than packing its parts gives"
        raise CartridgeRefused([problem("", "package-not-canonical", reason)])
    return package


def package_problems(package: Package) -> list[Problem]:
    """What is wrong with manifest and files; signatures are judged elsewhere."""
    found = problems_of(package.manifest)
    return found or in_order(list(file_problems(package.manifest, package.files)))


def unpacked(content: bytes) -> Package:
    """The parts of a package, unjudged; raise ``CartridgeRefused`` if it cannot be read."""
    try:
        entries = _entries_of(content)
    except (zipfile.BadZipFile, struct.error, *_ODDITIES) as error:
        raise _unreadable(str(error)[:200]) from None
    if MANIFEST not in entries:
        raise _unreadable(f"there is no {MANIFEST}")
    manifest = read_manifest(entries.pop(MANIFEST)).manifest
    signatures = {
        name.removeprefix(_SIGNATURES).removesuffix(_SIGNATURE): entries.pop(name)
        for name in list(entries)
        if name.startswith(_SIGNATURES) and name.endswith(_SIGNATURE)
    }
    return Package(manifest, entries, signatures)


# What zipfile raises beside BadZipFile when an archive is odd: encrypted, cut off, a lie.
_ODDITIES = (NotImplementedError, RuntimeError, EOFError, OSError, ValueError, OverflowError)


def _entries_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_ENTRIES:
            raise _unreadable(f"{len(entries)} entries, the limit is {MOST_ENTRIES}")
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > len(content):
                reason = f"the entry {entry.filename[:60]!r} is compressed"
                raise CartridgeRefused([problem("", "package-not-canonical", reason)])
        return {entry.filename: archive.read(entry) for entry in entries}


def _unreadable(reason: str) -> CartridgeRefused:
    return CartridgeRefused([problem("", "package-unreadable", reason)])
