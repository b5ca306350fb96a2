"""Signs packages and checks signatures: Ed25519 in the format of minisign.

A signature is of ``manifest.json``, which holds the hash of every other file. Debian's
``minisign`` reads what is written here, and this reads what it writes.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cartridges.canonical import canonical, digest_of
from cartridges.package import Package
from cartridges.problems import CartridgeRefused, Problem, problem

if TYPE_CHECKING:
    import minisign


class KeyUnusable(Exception):
    """The file is no secret key of minisign, or the password is wrong."""


@dataclass(frozen=True, slots=True)
class AuthorKey:
    """A public key as ``authors`` in a manifest has it, and its short id."""

    text: str

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits, as ``minisign`` prints them."""
        return base64.b64decode(self.text)[2:10][::-1].hex().upper()


def make_key(path: Path, *, password: str | None) -> AuthorKey:
    """Write a new secret key to ``path`` and its public key beside it with ``.pub``.

    Raises ``FileExistsError`` rather than write over a key. The secret file is for its owner
    alone (mode 0600).
    """
    import minisign  # noqa: PLC0415 - only those who sign need it

    pair = minisign.KeyPair.generate()
    if password:
        pair.secret_key.encrypt(password)
    made = AuthorKey(pair.public_key.to_base64().decode())
    # The library would write the id the other way round than minisign does.
    pair.public_key.untrusted_comment = f"minisign public key {made.id}"
    secret, public = bytes(pair.secret_key), bytes(pair.public_key)
    public_path = path.with_suffix(".pub")
    if public_path.exists():
        raise FileExistsError(public_path)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(secret + b"\n")
    public_path.write_bytes(public + b"\n")
    return made


def read_key(path: Path, *, password: str | None) -> minisign.SecretKey:
    """A secret key that can sign; raise ``KeyUnusable``."""
    import minisign  # noqa: PLC0415 - as above

    try:
        key = minisign.SecretKey.from_file(path)
        if key.is_encrypted():
            if not password:
                raise KeyUnusable(f"{path} has a password")
            key.decrypt(password)
    except minisign.Error as error:
        hint = "; give the secret key, not the .pub" if path.suffix == ".pub" else ""
        raise KeyUnusable(f"{path}: {error}{hint}") from None
    return key


def public_key(secret: minisign.SecretKey) -> AuthorKey:
    """The public key that belongs to a secret one."""
    return AuthorKey(secret.get_public_key().to_base64().decode())


def signed(package: Package, secret: minisign.SecretKey) -> Package:
    """The package with a signature by this key; an older one by the same key is replaced.

    Raises ``CartridgeRefused`` for a key that no author has: it would spoil the package.
    """
    manifest, key = package.manifest, public_key(secret)
    if key.text not in {author.get("key") for author in manifest.get("authors", ())}:
        reason = f"key {key.id} is no author's"
        raise CartridgeRefused([problem("/authors", "signature-unknown", reason)])
    about = f"{manifest['format']} {manifest['name']} {manifest['version']} {digest_of(manifest)}"
    signature = secret.sign(
        canonical(manifest), trusted_comment=about, untrusted_comment=f"signature by key {key.id}"
    )
    return replace(package, signatures={**package.signatures, key.id: bytes(signature) + b"\n"})


def signature_problems(package: Package) -> list[Problem]:
    """Every author with a key has signed, every signature is right and by an author."""
    authors = package.manifest.get("authors", ())
    keys = [(each["name"], AuthorKey(each["key"])) for each in authors if "key" in each]
    found = [
        problem(f"/authors/{place}", "signature-missing", f"{name} has not signed, key {key.id}")
        for place, (name, key) in enumerate(keys)
        if key.id not in package.signatures
    ]
    by_id = {key.id: key for _, key in keys}
    for key_id, signature in package.signatures.items():
        if key_id not in by_id:
            found.append(problem("/authors", "signature-unknown", f"key {key_id} is no author's"))
        elif code := _fault(by_id[key_id], canonical(package.manifest), signature):
            found.append(problem("/authors", code, f"the signature by key {key_id}"))
    return found


def is_signed_by(key: AuthorKey, content: bytes, signature: bytes) -> bool:
    """Whether a detached signature of minisign is right."""
    return not _fault(key, content, signature)


def _fault(key: AuthorKey, content: bytes, signature: bytes) -> str:
    import minisign  # noqa: PLC0415 - as above

    try:
        made = minisign.Signature.from_bytes(signature)
        minisign.PublicKey.from_base64(key.text).verify(content, made)
    except minisign.VerifyError:
        return "signature-wrong"
    except (minisign.ParseError, ValueError):
        return "signature-unreadable"
    return ""
