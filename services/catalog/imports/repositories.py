"""Imports kept in MongoDB with their good lines in chunks and their bad lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.catalog.imports.documents import LotImportDocument
from services.catalog.imports.domain import (
    CONFIRM_WITHIN,
    ROWS_PER_CHUNK,
    Checked,
    ImportNotFound,
    ImportState,
    LotImport,
)
from services.catalog.imports.engine.check import BadLine
from services.catalog.lots.domain import (
    Condition,
    Description,
    Goods,
    Manifest,
    ManifestLine,
    Terms,
)

# What is confirmed in time has weeks to be published, whatever happens to the worker.
KEPT = CONFIRM_WITHIN + timedelta(days=30)


class MongoImports:
    """The ``Imports`` port over ``imports``, ``import_chunks`` and ``import_errors``."""

    def get(self, import_id: str) -> LotImport:
        document = LotImportDocument.objects(pk=import_id).first()
        if document is None:
            raise ImportNotFound(f"no import {import_id}")
        return _to_domain(document)

    def next_confirmed(self) -> LotImport | None:
        found = LotImportDocument.objects(state=ImportState.CONFIRMED.value).order_by("id")
        document = found.first()
        return None if document is None else _to_domain(document)

    def chunk(self, import_id: str, number: int) -> Sequence[tuple[int, Goods]]:
        found = collection("import_chunks").find_one({"_id": _chunk_id(import_id, number)})
        return [(row["line"], _to_goods(row)) for row in found["rows"]] if found else []

    def add(self, batch: LotImport, checked: Checked) -> LotImport:
        revision = outbox.save(_to_document(batch), batch.revision)
        chunks = [
            {
                "_id": _chunk_id(batch.id, number),
                "import_id": batch.id,
                "rows": [_goods_row(line, goods) for line, goods in part],
                "expires_at": batch.created_at + KEPT,
            }
            for number, part in enumerate(_parts(checked.good))
        ]
        if chunks:
            collection("import_chunks").insert_many(chunks)
        _insert_bad(batch, checked.bad)
        return replace(batch, revision=revision)

    def save(self, decision: Decision[LotImport], lapsed: Sequence[BadLine] = ()) -> LotImport:
        batch = decision.state
        revision = outbox.save(_to_document(batch), batch.revision)
        _insert_bad(batch, lapsed)
        return replace(batch, revision=revision)


def _parts(good: Sequence[tuple[int, Goods]]) -> list[Sequence[tuple[int, Goods]]]:
    return [good[at : at + ROWS_PER_CHUNK] for at in range(0, len(good), ROWS_PER_CHUNK)]


def _insert_bad(batch: LotImport, bad: Sequence[BadLine]) -> None:
    if bad:
        collection("import_errors").insert_many(
            [
                {
                    "_id": f"{batch.id}:{line.line}",
                    "import_id": batch.id,
                    "line": line.line,
                    "faults": [asdict(fault) for fault in line.faults],
                    "expires_at": batch.created_at + KEPT,
                }
                for line in bad
            ]
        )


def _chunk_id(import_id: str, number: int) -> str:
    return f"{import_id}:{number}"


def _goods_row(line: int, goods: Goods) -> Row:
    (article,) = goods.manifest.lines
    return {
        "line": line,
        "sku": article.sku,
        "title": goods.description.title,
        "category": goods.description.category,
        "tags": list(goods.description.tags),
        "city": goods.description.city,
        "condition": article.condition.value,
        "price_minor": article.unit_price.minor,
        "currency": article.unit_price.currency,
        "units": article.units,
        "units_per_pack": goods.terms.units_per_pack,
        "max_packs_per_host": goods.terms.max_packs_per_host,
        "min_community_size": goods.terms.min_community_size,
        "best_before": goods.terms.best_before,
        "closes_at": goods.terms.closes_at,
    }


def _to_goods(row: Mapping[str, Any]) -> Goods:
    article = ManifestLine(
        sku=row["sku"],
        name=row["title"],
        units=int(row["units"]),
        unit_price=Money(int(row["price_minor"]), row["currency"]),
        condition=Condition(row["condition"]),
    )
    return Goods(
        Description(row["title"], row["category"], tuple(row["tags"]), row["city"]),
        Manifest((article,)),
        Terms(
            units_per_pack=row["units_per_pack"],
            closes_at=row["closes_at"],
            max_packs_per_host=row["max_packs_per_host"],
            min_community_size=row["min_community_size"],
            best_before=row["best_before"],
        ),
    )


def _to_domain(document: LotImportDocument) -> LotImport:
    return LotImport(
        id=document.id,
        brand_id=document.brand_id,
        encoding=document.encoding,
        good=document.good,
        bad=document.bad,
        chunks=document.chunks,
        created_at=document.created_at,
        state=ImportState(document.state),
        next_chunk=document.next_chunk,
        published=document.published,
        lapsed=document.lapsed,
        revision=document.revision(),
    )


def _to_document(batch: LotImport) -> LotImportDocument:
    return LotImportDocument(
        id=batch.id,
        brand_id=batch.brand_id,
        encoding=batch.encoding,
        state=batch.state.value,
        good=batch.good,
        bad=batch.bad,
        chunks=batch.chunks,
        next_chunk=batch.next_chunk,
        published=batch.published,
        lapsed=batch.lapsed,
        created_at=batch.created_at,
    )
