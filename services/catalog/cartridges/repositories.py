"""Cartridges and their versions kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bson.binary import Binary
from pymongo import InsertOne

from cartridges.package import unpacked
from chassis import outbox
from chassis.kernel.decisions import Decision
from services.catalog.cartridges.documents import CartridgeDocument, CartridgeVersionDocument
from services.catalog.cartridges.domain import Cartridge, CartridgeNotFound, CartridgeVersion


class MongoCartridges:
    """The ``Cartridges`` port over ``cartridges`` and ``cartridge_versions``."""

    def find(self, cartridge_id: str) -> Cartridge | None:
        document = CartridgeDocument.objects(pk=cartridge_id).first()
        return None if document is None else _to_domain(document)

    def version(self, cartridge_id: str, version: str) -> CartridgeVersion:
        document = CartridgeVersionDocument.objects(pk=f"{cartridge_id}@{version}").first()
        if document is None:
            raise CartridgeNotFound(f"no version {version} of {cartridge_id}")
        cartridge = CartridgeDocument.objects(pk=cartridge_id).only("versions").get()
        return _to_version(document, cartridge)

    def pinned(self, digest: str) -> CartridgeVersion | None:
        document = CartridgeVersionDocument.objects(digest=digest).first()
        return None if document is None else self.version(document.cartridge_id, document.version)

    def yanked_among(self, digests: Collection[str]) -> set[str]:
        versions = CartridgeVersionDocument.objects(digest__in=list(digests))
        owners = set(versions.scalar("cartridge_id"))
        return {
            row["digest"]
            for cartridge in CartridgeDocument.objects(pk__in=list(owners))
            for row in cartridge.versions
            if row["digest"] in digests and "yanked_because" in row
        }

    def save(self, decision: Decision[Cartridge]) -> Cartridge:
        cartridge, events, messages = decision
        revision = outbox.save(_to_document(cartridge), cartridge.revision, events, messages)
        if cartridge.fresh is not None:
            _insert(cartridge.fresh)
        return replace(cartridge, revision=revision, fresh=None)


def _insert(fresh: CartridgeVersion) -> None:
    """The unique digest decides between two who publish the very same at once."""
    row = {
        "_id": f"{fresh.cartridge_id}@{fresh.version}",
        "cartridge_id": fresh.cartridge_id,
        "author_id": fresh.author_id,
        "name": fresh.name,
        "version": fresh.version,
        "digest": fresh.digest,
        "package": Binary(fresh.package.content()),
        "royalties": dict(fresh.royalties),
        "published_at": fresh.published_at,
    }
    outbox.write("cartridge_versions", [InsertOne(row)])


def _to_version(
    document: CartridgeVersionDocument, cartridge: CartridgeDocument
) -> CartridgeVersion:
    reasons = {row["version"]: row.get("yanked_because", "") for row in cartridge.versions}
    return CartridgeVersion(
        cartridge_id=document.cartridge_id,
        author_id=document.author_id,
        name=document.name,
        version=document.version,
        digest=document.digest,
        package=unpacked(bytes(document.package)),
        royalties=dict(document.royalties),
        published_at=document.published_at,
        yanked_because=reasons[document.version],
    )


def _to_domain(document: CartridgeDocument) -> Cartridge:
    return Cartridge(
        id=document.id,
        author_id=document.author_id,
        name=document.name,
        digests={row["version"]: row["digest"] for row in document.versions},
        latest=document.latest,
        yanked={
            row["version"]: row["yanked_because"]
            for row in document.versions
            if "yanked_because" in row
        },
        revision=document.revision(),
    )


def _to_document(cartridge: Cartridge) -> CartridgeDocument:
    return CartridgeDocument(
        id=cartridge.id,
        author_id=cartridge.author_id,
        name=cartridge.name,
        versions=[_row(cartridge, version) for version in cartridge.digests],
        latest=cartridge.latest,
    )


def _row(cartridge: Cartridge, version: str) -> dict[str, str]:
    row = {"version": version, "digest": cartridge.digests[version]}
    if version in cartridge.yanked:
        row["yanked_because"] = cartridge.yanked[version]
    return row
