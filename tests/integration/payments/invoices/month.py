"""A month of payments whose books are written by a clock that is moved."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chassis.mongo import collection
from chassis.signer import Signer
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.proofs.repositories import MongoDays, signing
from services.payments.proofs.use_cases import DaySealer
from services.payments.settings import PaymentsSettings
from services.payments.wiring import clerk_of
from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import House, money
from tests.unit.payments.ledger.books import MovableClock

ZONE = ZoneInfo("Asia/Shanghai")
# Eleven at night of the last of March, by the clock of the market.
LATE_IN_MARCH = datetime(2026, 3, 31, 15, tzinfo=UTC)
STRANGER = an_id("org")


class Month(House):
    """Payments whose books are written by a clock that is moved, with its sealer and clerk."""

    def __init__(self, uri: str) -> None:
        self.booking = MovableClock(LATE_IN_MARCH)
        super().__init__(uri, booking=self.booking)
        days = MongoDays("main")
        self.sealer = DaySealer("main", ZONE, MongoLog(), days, signing(Signer()))
        self.settings = PaymentsSettings(service="payments", mongo_uri=uri)
        self.clerk = clerk_of(self.settings)

    def end(self) -> None:
        """Let a month pass, seal its days, and let the clerk do all there is to do."""
        self.booking.now += timedelta(days=31)
        self.seal()
        self.issue()

    def seal(self) -> None:
        self.sealer.run(self.booking.now)

    def issue(self) -> None:
        while self.clerk.run(self.booking.now):
            pass

    def invoices(self, who="org_platform", kind="platform", **query):
        asked = "&".join(f"{name}={value}" for name, value in {"limit": 100, **query}.items())
        return self.ask("GET", f"/invoices?{asked}", who, kind).json["items"]

    def read(self, invoice, who="org_platform", kind="platform"):
        return self.ask("GET", f"/invoices/{invoice['id']}", who, kind).json

    def refund(self, evening, minor=31_250, sale=0):
        self.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][sale],
            refund_id=an_id("rfd"),
            amount=money(minor),
        )
        self.work()

    def rent(self, minor=30_000):
        place = {"venue_id": an_id("ven"), "slot_id": an_id("slt"), "gathering_id": an_id("gth")}
        self.hear(
            "catalog.venue.slot-booked.v1",
            **place,
            host_id=HOST,
            venue_org_id=VENUE,
            rent=money(minor),
        )
        self.collect()
        return place

    def name_gatherings(self):
        """Naming rights of 100 gatherings for 100,000.00, paid."""
        body = {
            "host_id": HOST,
            "price": money(10_000_000),
            "gatherings": 100,
            "terms": {"host": 9000, "platform": 1000},
        }
        rights = self.ask("POST", "/naming-rights", BRAND, "brand", body).json["id"]
        self.ask("POST", f"/naming-rights/{rights}/acceptances", HOST, "host")
        deposit = {"target": rights, "amount": money(10_000_000)}
        self.ask("POST", "/deposits", "org_platform", "platform", deposit)
        self.work()
        return rights


def by_pair(invoices):
    return {
        (one["issuer"]["organization_id"], one["recipient"]["organization_id"]): one
        for one in invoices
    }


def legs_of_the_books():
    """What moved on accounts of parties by what charges somebody, straight from the ledger.

    All but the host's own share of the takings, which is what it keeps of its own sales.
    """
    moved = Counter()
    for row in collection("ledger_entries").find({"code": {"$regex": "^(settle|refund|due-owe)"}}):
        seen_host = False
        for place, leg in enumerate(row["legs"]):
            account = leg["account"]
            kept = account.startswith(f"org:{HOST}:") and row["code"] != "due-owe"
            if kept and not seen_host:
                seen_host = True  # the first of its legs is of the takings
                continue
            if account.startswith(("org:", "platform:fees")) and not account.endswith(":owes"):
                moved[row["_id"], place] += leg["posted"]
    return moved
