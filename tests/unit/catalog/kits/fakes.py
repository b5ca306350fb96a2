"""Ports of kits in memory, and valid kits to start a test from."""

from __future__ import annotations

from dataclasses import replace

from cartridges.package import Package
from chassis.kernel.money import Money
from services.catalog.cartridges.domain import CartridgeVersion
from services.catalog.kits.domain import Kit, KitLine, KitNotFound, VenueNeed
from tests.unit.catalog.fakes import AUTHOR, BRAND, HOST, NOW, OTHER_BRAND, a_manifest, an_id

DIGEST = "sha256:" + "5a" * 32
A_VERSION = CartridgeVersion(
    cartridge_id=an_id("crt"),
    author_id=AUTHOR,
    name="a-good-pan",
    version="1.0.0",
    digest=DIGEST,
    package=Package(a_manifest()),
    royalties={AUTHOR: 10_000},
    published_at=NOW,
)


class FakeKits:
    """``Kits`` in a dict; remembers events."""

    def __init__(self, *kits: Kit) -> None:
        self.by_id = {kit.id: kit for kit in kits}
        self.events = []

    def get(self, kit_id):
        try:
            return self.by_id[kit_id]
        except KeyError:
            raise KitNotFound(f"no kit {kit_id}") from None

    def find(self, kit_ids):
        return {one: self.by_id[one] for one in kit_ids if one in self.by_id}

    def save(self, decision):
        kit, events, _ = decision
        self.events += events
        self.by_id[kit.id] = replace(kit, revision=kit.revision.after(len(events)))
        return self.by_id[kit.id]


class FakeCartridges:
    """``Cartridges`` with one version."""

    def __init__(self):
        self.version = A_VERSION

    def pinned(self, digest):
        return self.version if digest == DIGEST else None

    def yanked_among(self, digests):
        is_yanked = bool(self.version.yanked_because)
        return {self.version.digest} & set(digests) if is_yanked else set()


def kit_terms(**changes) -> dict[str, int]:
    """With two lines of 3,000 they make a whole."""
    return {"host": 2000, "venue": 1000, "author": 500, "platform": 500} | changes


def a_kit(**changes) -> Kit:
    """A host's draft with goods of two brands."""
    given = {
        "id": an_id("kit"),
        "drafted_by": HOST,
        "title": "A good pan and a chef",
        "lines": (
            KitLine(an_id("lot"), BRAND, 2, 3000),
            KitLine(an_id("lot"), OTHER_BRAND, 1, 3000),
        ),
        "venue": VenueNeed(24, ("stove",)),
        "cartridge_digest": DIGEST,
        "author_id": AUTHOR,
        "price": Money(100_001, "CNY"),
        "terms": kit_terms(),
        "royalties": {AUTHOR: 10_000},
        "drafted_at": NOW,
    }
    return Kit(**given | changes)
