"""Packages of the suite: good ones, and ones with something hidden, broken or forged."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cartridges.canonical import canonical
from cartridges.package import MOST_BYTES, MOST_ENTRIES, Package, package_of
from cartridges.signing import public_key, signed

Manifest = Mapping[str, Any]

NOTE = {"texts/host-notes.md": b"# Notes\n\nSet the tables first.\n"}
_TIME = (1980, 1, 1, 0, 0, 0)
NOTHING = b"PK\x05\x06" + bytes(18)  # an archive without entries


@dataclass(frozen=True, slots=True)
class Broken:
    """A package that must be refused, and every problem of it as path and code."""

    title: str
    content: bytes
    problems: list[tuple[str, str]]


def accepted_packages(least: Manifest) -> Iterator[tuple[str, Package]]:
    """Packages that are right, by name; the signed ones by keys made on the spot."""
    yield "manifest-alone", package_of(least, {})
    yield "with-files", package_of(least, {**NOTE, "pictures/table.png": picture(3, 2)})
    yield "signed-by-two", _signed_by(least, 2)


def refused_packages(least: Manifest) -> Iterator[Broken]:
    """Packages that are wrong, the simple ones first."""
    good = package_of(least, NOTE)
    yield from _no_archives(good)
    yield from _odd_archives(good)
    yield from _odd_files(least)
    yield from _forged(least)


def picture(width: int, height: int, *, claims: tuple[int, int] | None = None) -> bytes:
    """A PNG of one grey (RFC 2083); its header may claim another size than it has."""
    size = struct.pack(">IIBBBBB", *(claims or (width, height)), 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * width for _ in range(height)))
    chunks = ((b"IHDR", size), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def _no_archives(good: Package) -> Iterator[Broken]:
    content, unreadable = good.content(), [("", "package-unreadable")]
    yield Broken("an empty file", b"", unreadable)
    yield Broken("a file that is no archive", b"cartridge" * 100, unreadable)
    yield Broken("an archive without entries", NOTHING, unreadable)
    yield Broken("cut off in the middle", content[: len(content) // 2], unreadable)
    yield Broken("no manifest", _archive(NOTE.items()), unreadable)
    names = ((f"texts/{number}.md", b"") for number in range(MOST_ENTRIES + 1))
    yield Broken("more entries than a package has", _archive(names), unreadable)
    damaged = content.replace(b"Set the tables", b"Get the tables")
    yield Broken("an entry that its checksum does not fit", damaged, unreadable)
    large = _archive([("manifest.json", b"{}"), ("texts/a.md", bytes(MOST_BYTES))])
    yield Broken("larger than a package may be", large, [("", "package-too-large")])
    broken = _archive([("manifest.json", b"{not: [json")])
    yield Broken("a manifest that cannot be read", broken, [("", "not-yaml")])


def _odd_archives(good: Package) -> Iterator[Broken]:
    odd, content = [("", "package-not-canonical")], good.content()
    manifest, (note,) = canonical(good.manifest), NOTE.items()
    bomb = _archive([("manifest.json", manifest), ("texts/b.md", bytes(100_000_000))], packed=True)
    yield Broken("a bomb: a hundred megabytes in a compressed entry", bomb, odd)
    yield Broken("bytes before the archive", b"#!/bin/sh\n" + content, odd)
    yield Broken("bytes after the archive", content + b"\n", odd)
    yield Broken("another order", _archive([note, ("manifest.json", manifest)]), odd)
    yield Broken("an entry twice", _archive([("manifest.json", manifest), note, note]), odd)
    later = _archive([("manifest.json", manifest), note], time=(2026, 1, 1, 0, 0, 0))
    yield Broken("another time", later, odd)
    spaced = manifest.replace(b'","', b'", "', 1)
    yield Broken("a manifest with blanks", _archive([("manifest.json", spaced), note]), odd)
    remark = _archive([("manifest.json", manifest), note], comment=b"hello")
    yield Broken("a remark in the archive", remark, odd)


def _odd_files(least: Manifest) -> Iterator[Broken]:
    def with_files(files: Mapping[str, bytes], *, listed: bool = True) -> bytes:
        return Package(_listing(least, files) if listed else least, files).content()

    for title, path in (
        ("a path out of the folder", "../../outside.md"),
        ("a path from the root", "/texts/notes.md"),
        ("a program", "run.sh"),
    ):
        content = with_files({path: b"x"}, listed=False)
        yield Broken(title, content, [("/files", "file-refused")])
    listed = with_files({"texts/../../outside.md": b"x"})
    yield Broken("a path out of the folder in the list", listed, [("/files/0/path", "wrong-form")])
    drawing = with_files({"pictures/a.svg": b"<svg/>"})
    yield Broken("a picture that can hold a script", drawing, [("/files/0/path", "wrong-form")])
    yield Broken(
        "a file not listed", with_files(NOTE, listed=False), [("/files", "file-unlisted")]
    )
    changed = Package(_listing(least, NOTE), dict.fromkeys(NOTE, b"other")).content()
    yield Broken("a file changed", changed, [("/files/0", "file-changed")])
    page = with_files({"pictures/a.png": b"<html></html>"})
    yield Broken("a page named as a picture", page, [("/files/0", "picture-refused")])
    vast = with_files({"pictures/a.png": picture(1, 1, claims=(60_000, 60_000))})
    yield Broken("a picture that would fill memory", vast, [("/files/0", "picture-refused")])
    tagged = with_files({"texts/a.md": b"Hello <img src=x onerror=alert(1)>"})
    yield Broken("markup in a text", tagged, [("/files/0", "markup")])
    other = with_files({"texts/a.md": b"\xff\xfe"})
    yield Broken("a text that is not UTF-8", other, [("/files/0", "not-utf-8")])


def _forged(least: Manifest) -> Iterator[Broken]:
    signed = _signed_by(least, 1)
    ((key_id, signature),) = signed.signatures.items()

    def with_signatures(signatures: Mapping[str, bytes]) -> bytes:
        return replace(signed, signatures=signatures).content()

    yield Broken("not signed", with_signatures({}), [("/authors/0", "signature-missing")])
    noise = with_signatures({key_id: b"signed, honestly\n"})
    yield Broken("a signature that is none", noise, [("/authors", "signature-unreadable")])
    other = _signed_by({**least, "name": "another-evening"}, 1)
    ((other_id, other_signature),) = other.signatures.items()
    foreign = with_signatures({key_id: signature, other_id: other_signature})
    yield Broken("signed by a stranger too", foreign, [("/authors", "signature-unknown")])
    borrowed = with_signatures({key_id: other_signature})
    yield Broken("a signature by another key", borrowed, [("/authors", "signature-wrong")])
    later = replace(signed, manifest={**signed.manifest, "royalty_basis_points": 3000})
    yield Broken("changed after signing", later.content(), [("/authors", "signature-wrong")])


def _listing(least: Manifest, files: Mapping[str, bytes]) -> Manifest:
    """The manifest with its list of files, whatever they are."""
    entries = [
        {"path": path, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for path, content in files.items()
    ]
    return {**least, "files": entries}


def _signed_by(least: Manifest, count: int) -> Package:
    import minisign  # noqa: PLC0415 - as in cartridges.signing

    secrets = [minisign.KeyPair.generate().secret_key for _ in range(count)]
    authors = [
        {
            "name": f"Author {place}",
            "key": public_key(secret).text,
            "basis_points": 10_000 // count,
        }
        for place, secret in enumerate(secrets)
    ]
    package = package_of({**least, "authors": authors}, {})
    for secret in secrets:
        package = signed(package, secret)
    return package


def _archive(
    entries: Any,  # noqa: ANN401 - pairs of a name and its content
    *,
    packed: bool = False,
    time: tuple[int, int, int, int, int, int] = _TIME,
    comment: bytes = b"",
) -> bytes:
    """A ZIP archive as a careless tool, or a careful attacker, would make it."""
    buffer = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        warnings.simplefilter("ignore")  # an entry twice is on purpose
        archive.comment = comment
        for name, content in entries:
            entry = zipfile.ZipInfo(name, time)
            entry.compress_type = method
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            archive.writestr(entry, content)
    return buffer.getvalue()
