"""Invoices, their lines, and what they are made from, over MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pymongo import UpdateOne

from chassis import outbox
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.money import Money
from chassis.mongo import Row, atomically, collection
from services.payments.dues.domain import Due
from services.payments.dues.repositories import MongoDues
from services.payments.funds.queries import brand_of_fund
from services.payments.invoices.documents import LINES, PROGRESS, InvoiceDocument
from services.payments.invoices.domain import (
    CODES,
    Booked,
    Invoice,
    InvoiceNotFound,
    InvoiceUnsound,
    Made,
    Sum,
)
from services.payments.invoices.engine.periods import last_day
from services.payments.invoices.use_cases import Dated, Extract, Progress
from services.payments.ledger.documents import ENTRIES
from services.payments.ledger.domain import Leg
from services.payments.ledger.repositories.following import entries_after, go_on, progress
from services.payments.milestones.domain import Schedule
from services.payments.milestones.repositories import MongoSchedules
from services.payments.naming.repositories import MongoNamingRights
from services.payments.proofs.documents import DAYS
from services.payments.proofs.domain import day_id
from services.payments.settlements.documents import SettlementDocument
from services.payments.settlements.domain import Refund, Settlement
from services.payments.settlements.repositories import MongoRefunds, to_settlement
from services.payments.statements.queries import reasons_of

_GROUP = ("issuer_id", "recipient_id", "currency", "of")


class ProjectedJournal:
    """The ``Journal`` port over the projected entries and the sealed days of a market."""

    def __init__(self, market: str, zone: ZoneInfo) -> None:
        self._market, self._zone = market, zone

    def after(self, segment: int) -> Extract:
        """The next entries from that segment on; up to the same segment when there are none."""
        rows, end = entries_after(self._market, segment, {"code": {"$in": list(CODES)}})
        reasons = reasons_of(rows)
        entries = [
            Booked(
                id=row["_id"],
                place=(row["segment"], row["index"]),
                code=row["code"],
                at=row["at"],
                legs=tuple(
                    Leg(leg["account"], leg["posted"], leg["currency"]) for leg in row["legs"]
                ),
                reason=reasons.get((row["segment"], row["index"])) or {},
                reference=row.get("reference"),
            )
            for row in rows
        ]
        return Extract(entries, end)

    def booked_at(self, entry_id: str) -> datetime:
        """When an entry was booked."""
        row = collection(ENTRIES).find_one({"_id": entry_id}, {"at": 1})
        if row is None:
            raise InvoiceUnsound(f"{entry_id} is corrected and not booked")
        at: datetime = row["at"]
        return at

    def end_of(self, period: str) -> int | None:
        """The segment that a month ended before; None until its last day is sealed."""
        day = day_id(self._market, last_day(period))
        row = collection(DAYS).find_one({"_id": day}, {"end": 1})
        return row["end"] if row else None

    def first_period(self) -> str | None:
        """The month of the first sealed day, if there is one."""
        row = collection(DAYS).find_one({"market": self._market}, {"day": 1}, sort=[("day", 1)])
        return f"{date.fromisoformat(row['day']):%Y-%m}" if row else None


class MongoRecords:
    """The ``Records`` and ``Brands`` ports over what payments keeps."""

    def settlement(self, settlement_id: str) -> Settlement | None:
        """One settlement."""
        document = SettlementDocument.objects(pk=settlement_id).first()
        return None if document is None else to_settlement(document)

    def refund(self, refund_id: str) -> Refund | None:
        """One refund."""
        return MongoRefunds().find(refund_id)

    def due(self, due_id: str) -> Due | None:
        """One due."""
        return MongoDues().find(due_id)

    def schedule(self, claim_id: str) -> Schedule | None:
        """How a claim's subsidy is released by milestones."""
        return MongoSchedules().find(claim_id)

    def of_offer(self, offer_id: str) -> str:
        """The brand that gives the offer's subsidy."""
        found = brand_of_fund(f"offer:{offer_id}:fund")
        if found is None:
            raise InvoiceUnsound(f"{offer_id} gave a subsidy and is not known")
        return found

    def of_rights(self, naming_rights_id: str) -> str:
        """The brand that bought the naming rights."""
        return MongoNamingRights().get(naming_rights_id).brand_id


class MongoCharges:
    """The ``Charges`` port over the ``invoice_lines`` collection."""

    def __init__(self, market: str) -> None:
        self._market = market

    def progress(self) -> Progress:
        """How far everything has come."""
        row = progress(PROGRESS, self._market)
        return Progress(row.get("segment", 0), row.get("issued", ""))

    def add(self, charges: Sequence[Dated], *, before: int, after: int) -> None:
        """Write them down and go on to a segment; raise ``Conflict`` if others went on."""
        rows = [_row(each) for each in charges]
        writes = [
            UpdateOne({"_id": row["_id"]}, {"$setOnInsert": row}, upsert=True) for row in rows
        ]

        def work() -> None:
            if writes:
                collection(LINES).bulk_write(writes, ordered=False)
            go_on(PROGRESS, self._market, before=before, after=after)

        atomically(work)

    def finish(self, period: str) -> None:
        """Note that all invoices of a month are issued."""
        collection(PROGRESS).update_one({"_id": self._market}, {"$max": {"issued": period}})

    def sums(self, period: str) -> list[Sum]:
        """A month's charges by whom, whom to, currency and corrected month, ordered."""
        names = {name: f"${name}" for name in _GROUP}
        rows = collection(LINES).aggregate(
            [
                {"$match": {"period": period}},
                {"$group": {"_id": names, "minor": {"$sum": "$minor"}, "lines": {"$sum": 1}}},
            ]
        )
        found = [Sum(**row["_id"], minor=row["minor"], lines=row["lines"]) for row in rows]
        return sorted(
            found, key=lambda one: (one.issuer_id, one.of, one.recipient_id, one.currency)
        )


class MongoInvoices:
    """The ``Invoices`` port over the ``invoices`` collection."""

    def get(self, invoice_id: str) -> Invoice:
        """Raise ``InvoiceNotFound`` rather than return None."""
        found = self.find(invoice_id)
        if found is None:
            raise InvoiceNotFound(f"no invoice {invoice_id}")
        return found

    def find(self, invoice_id: str) -> Invoice | None:
        """The invoice, if it is issued."""
        document = InvoiceDocument.objects(pk=invoice_id).first()
        return None if document is None else to_invoice(document)

    def corrections(self, invoice_id: str) -> list[Invoice]:
        """All that correct it."""
        found = InvoiceDocument.objects(corrects=invoice_id).order_by("id")
        return [to_invoice(document) for document in found]

    def add(self, decision: Decision[Invoice]) -> None:
        """Keep it for ever, with its fact; raise ``Conflict`` when it is there already."""
        invoice = decision.state
        document = InvoiceDocument(
            id=invoice.id,
            period=invoice.period,
            number=invoice.number,
            issuer_id=invoice.issuer_id,
            recipient_id=invoice.recipient_id,
            currency=invoice.total.currency,
            total_minor=invoice.total.minor,
            tax_basis_points=invoice.tax_basis_points,
            tax_minor=invoice.tax,
            corrects=invoice.corrects or None,
            of=invoice.of,
            lines=invoice.lines,
            issuer=invoice.issuer._asdict(),
            recipient=invoice.recipient._asdict(),
            issued_at=invoice.issued_at,
        )
        atomically(lambda: outbox.save(document, Revision(), decision.events))


def to_invoice(document: InvoiceDocument) -> Invoice:
    """An invoice as it was stored."""
    return Invoice(
        id=document.id,
        period=document.period,
        number=document.number,
        issuer_id=document.issuer_id,
        recipient_id=document.recipient_id,
        total=Money(document.total_minor, document.currency),
        tax_basis_points=document.tax_basis_points,
        tax=document.tax_minor,
        corrects=document.corrects or "",
        of=document.of,
        lines=document.lines,
        issuer=Made(**document.issuer),
        recipient=Made(**document.recipient),
        issued_at=document.issued_at,
        revision=document.revision(),
    )


def _row(dated: Dated) -> Row:
    charge = dated.charge
    return {
        "_id": f"{charge.entry_id}:{charge.leg}:{charge.part}",
        "period": dated.period,
        "issuer_id": charge.issuer_id,
        "recipient_id": charge.recipient_id,
        "currency": charge.currency,
        "of": dated.of,
        "at": charge.at,
        "minor": charge.minor,
        "entry_id": charge.entry_id,
        "segment": charge.place[0],
        "index": charge.place[1],
        "leg": charge.leg,
        "part": charge.part,
        "en": charge.why.en,
        "zh": charge.why.zh,
        "about": dict(charge.about),
    }
