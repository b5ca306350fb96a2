"""Three of the sample cartridges, each signed by the author who publishes it."""

from __future__ import annotations

from pathlib import Path

import cartridges
from cartridges.package import Package, package_of
from teahouse.cartridge.folder import read_desk
from teahouse.demo.journey.parties import Party

SAMPLES = Path(cartridges.__file__).parent / "samples"
THEMES = ("hair-styling-salon", "heritage-brand-visit", "tea-tasting")
PACKAGE_TYPE = "application/vnd.teahouse.cartridge"


def signed_by(author: Party, theme: str) -> Package:
    """The package of a sample with this author in it, signed with a key of her own."""
    import minisign  # noqa: PLC0415 - cryptography, for three signatures

    from cartridges.signing import public_key, signed  # noqa: PLC0415 - as above

    secret = minisign.KeyPair.generate().secret_key
    desk = read_desk(SAMPLES / theme)
    entry = {"name": author.name, "key": public_key(secret).text, "basis_points": 10_000}
    return signed(package_of({**desk.source.manifest, "authors": [entry]}, desk.files), secret)
