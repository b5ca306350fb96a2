"""Cartridges and their versions kept in MongoDB."""

from __future__ import annotations

import json
from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.mongo import collection
from services.catalog.cartridges.documents import CartridgeDocument, CartridgeVersionDocument
from services.catalog.cartridges.domain import Cartridge, CartridgeNotFound, CartridgeVersion
from services.catalog.cartridges.engine.digest import canonical


class MongoCartridges:
    """The ``Cartridges`` port over ``cartridges`` and ``cartridge_versions``."""

    def find(self, cartridge_id: str) -> Cartridge | None:
        document = CartridgeDocument.objects(pk=cartridge_id).first()
        return None if document is None else _to_domain(document)

    def version(self, cartridge_id: str, version: str) -> CartridgeVersion:
        document = CartridgeVersionDocument.objects(pk=f"{cartridge_id}@{version}").first()
        if document is None:
            raise CartridgeNotFound(f"no version {version} of {cartridge_id}")
        return CartridgeVersion(
            cartridge_id=document.cartridge_id,
            author_id=document.author_id,
            name=document.name,
            version=document.version,
            digest=document.digest,
            manifest=json.loads(document.manifest),
            published_at=document.published_at,
        )

    def save(self, decision: Decision[Cartridge]) -> Cartridge:
        cartridge, events, messages = decision
        revision = outbox.save(_to_document(cartridge), cartridge.revision, events, messages)
        if cartridge.fresh is not None:
            _insert(cartridge.fresh)
        return replace(cartridge, revision=revision, fresh=None)


def _insert(fresh: CartridgeVersion) -> None:
    collection("cartridge_versions").insert_one(
        {
            "_id": f"{fresh.cartridge_id}@{fresh.version}",
            "cartridge_id": fresh.cartridge_id,
            "author_id": fresh.author_id,
            "name": fresh.name,
            "version": fresh.version,
            "digest": fresh.digest,
            "manifest": canonical(fresh.manifest).decode(),
            "published_at": fresh.published_at,
        }
    )


def _to_domain(document: CartridgeDocument) -> Cartridge:
    return Cartridge(
        id=document.id,
        author_id=document.author_id,
        name=document.name,
        digests={row["version"]: row["digest"] for row in document.versions},
        latest=document.latest,
        revision=document.revision(),
    )


def _to_document(cartridge: Cartridge) -> CartridgeDocument:
    return CartridgeDocument(
        id=cartridge.id,
        author_id=cartridge.author_id,
        name=cartridge.name,
        versions=[
            {"version": version, "digest": digest} for version, digest in cartridge.digests.items()
        ],
        latest=cartridge.latest,
    )
