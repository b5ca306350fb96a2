"""Batches of codes and scans kept in MongoDB."""

from __future__ import annotations

from dataclasses import replace

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.mongo import collection
from services.catalog.codes.documents import CodeBatchDocument
from services.catalog.codes.domain import CodeBatch, CodeBatchNotFound, Scan
from services.catalog.codes.engine.spelling import CodeKind


class MongoCodeBatches:
    """The ``CodeBatches`` port over ``code_batches``."""

    def get(self, batch_id: str) -> CodeBatch:
        document = CodeBatchDocument.objects(pk=batch_id).first()
        if document is None:
            raise CodeBatchNotFound(f"no batch {batch_id}")
        return _to_domain(document)

    def save(self, decision: Decision[CodeBatch]) -> CodeBatch:
        batch = decision.state
        revision = outbox.save(_to_document(batch), batch.revision)
        return replace(batch, revision=revision)


class MongoScans:
    """The ``Scans`` port over ``code_scans``; a scan is one write, in no transaction."""

    def on_day(self, scan: Scan, *, at_most: int) -> int:
        where = {
            "batch_id": scan.code.batch_id,
            "day": scan.day,
            "serial": scan.code.serial,
        }
        return collection("code_scans").count_documents(where, limit=at_most)

    def add(self, scan: Scan) -> None:
        code = scan.code
        row = {
            "owner_id": scan.owner_id,
            "batch_id": code.batch_id,
            "serial": code.serial,
            "kind": code.kind.value,
            "lot_id": code.lot_id,
            "host_id": code.host_id,
            "community_id": code.community_id,
            "visitor": scan.visitor,
            "day": scan.day,
            "at": scan.at,
        }
        collection("code_scans").update_one({"_id": scan.id}, {"$setOnInsert": row}, upsert=True)


def _to_domain(document: CodeBatchDocument) -> CodeBatch:
    return CodeBatch(
        id=document.id,
        owner_id=document.owner_id,
        kind=CodeKind(document.kind),
        count=document.count,
        key_id=document.key_id,
        salt=document.salt,
        made_at=document.made_at,
        lot_id=document.lot_id,
        host_id=document.host_id,
        community_id=document.community_id,
        withdrawn_at=document.withdrawn_at,
        revision=document.revision(),
    )


def _to_document(batch: CodeBatch) -> CodeBatchDocument:
    return CodeBatchDocument(
        id=batch.id,
        owner_id=batch.owner_id,
        kind=batch.kind.value,
        count=batch.count,
        key_id=batch.key_id,
        salt=batch.salt,
        made_at=batch.made_at,
        lot_id=batch.lot_id,
        host_id=batch.host_id,
        community_id=batch.community_id,
        withdrawn_at=batch.withdrawn_at,
    )
