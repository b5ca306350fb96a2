"""A month's invoices, from real books: who charges whom, to the fen, once for ever."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from chassis.mongo import collection
from services.payments.invoices.repositories import MongoInvoices
from services.payments.ledger.domain import Leg, plain
from services.payments.wiring import clerk_of
from tests.builders.payments import AUTHOR, BRAND, CO_HOST, HOST, VENUE, an_id
from tests.integration.payments.house import an_evening, money, settle
from tests.integration.payments.invoices.month import by_pair, legs_of_the_books


class TestMonth:
    def test_has_an_invoice_for_each_pair_that_charged_each_other(self, month):
        settle(month, an_evening(month), naming_rights_id=month.name_gatherings())
        month.rent()
        month.end()

        found = by_pair(month.invoices())

        assert {pair: one["total"]["minor"] for pair, one in found.items()} == {
            (BRAND, HOST): 300_000,
            (VENUE, HOST): 40_000 + 30_000,
            (CO_HOST, HOST): 25_000,
            (AUTHOR, HOST): 10_000,
            ("platform", HOST): 25_000,
            (HOST, BRAND): 80_000 + 90_000,
            ("platform", BRAND): 10_000,
        }
        assert {one["period"] for one in found.values()} == {"2026-03"}

    def test_stands_for_every_leg_of_the_books_and_for_nothing_else(self, month):
        rights = month.name_gatherings()
        evenings = [an_evening(month) for _ in range(3)]
        for evening in evenings:
            settle(month, evening, naming_rights_id=rights)
        month.rent()
        month.refund(evenings[0], 31_250)
        month.refund(evenings[1], 12_345, sale=3)
        month.end()
        month.refund(evenings[2], 17, sale=5)
        month.refund(evenings[0], 9_999, sale=7)
        month.end()

        charged = Counter()
        for invoice in month.invoices():
            whole = month.read(invoice)
            assert whole["total"]["minor"] == sum(
                line["amount"]["minor"] for line in whole["charges"]
            )
            assert whole["total"]["minor"] == whole["net"]["minor"] + whole["tax"]["minor"]
            for line in whole["charges"]:
                charged[line["entry_id"], line["leg"]] += line["amount"]["minor"]

        books = legs_of_the_books()
        assert {leg: minor for leg, minor in charged.items() if minor} == {
            leg: minor for leg, minor in books.items() if minor
        }
        assert sum(charged.values()) == sum(books.values()) > 0

    def test_counts_each_issuer_s_invoices_from_one_without_a_gap(self, month):
        settle(month, an_evening(month), naming_rights_id=month.name_gatherings())
        month.end()

        numbers = {}
        for one in month.invoices():
            numbers.setdefault(one["issuer"]["organization_id"], []).append(one["number"])

        assert sorted(numbers.pop("platform")) == [1, 2]
        assert set(map(tuple, numbers.values())) == {(1,)}
        assert by_pair(month.invoices())[HOST, BRAND]["name"] == "2026-03-00001"

    def test_is_not_over_before_its_last_day_is_sealed(self, month):
        settle(month, an_evening(month))
        month.booking.forward(minutes=61)
        month.issue()
        early = month.invoices()
        month.booking.forward(minutes=2)
        month.seal()

        month.issue()

        assert early == []
        assert len(month.invoices()) == 6

    def test_has_what_was_booked_after_midnight_in_the_next(self, month):
        settle(month, an_evening(month))
        month.booking.forward(hours=2)
        settle(month, an_evening(month))
        month.end()
        month.end()

        totals = Counter()
        for one in month.invoices():
            totals[one["period"]] += one["total"]["minor"]

        assert totals == {"2026-03": 480_000, "2026-04": 480_000}

    def test_without_anything_charged_has_none_and_the_next_follows(self, month):
        month.name_gatherings()
        month.end()
        settle(month, an_evening(month))
        month.end()

        assert {one["period"] for one in month.invoices()} == {"2026-05"}

    def test_charges_nothing_by_an_entry_that_only_bears_such_a_code(self, month):
        settle(month, an_evening(month))
        legs = [Leg("external:provider", -5, "CNY"), Leg(f"org:{VENUE}:pending", 5, "CNY")]
        for code in ("settlement", "refund", "due-owe"):
            stored = collection("settlements").find_one()
            reason = {"settlement_id": stored["_id"], "due_id": an_id("due")}
            month.ledger.submit([plain(an_id("ent"), legs, code, reason)])[0].or_raise()
        month.projector.run()
        month.end()

        assert by_pair(month.invoices())[VENUE, HOST]["total"]["minor"] == 40_000


class TestIssuing:
    def test_twice_changes_nothing(self, month):
        settle(month, an_evening(month))
        month.end()
        before = list(collection("invoices").find().sort("_id", 1))
        collection("invoice_progress").update_one({}, {"$unset": {"issued": 1}})

        month.issue()

        assert list(collection("invoices").find().sort("_id", 1)) == before

    @pytest.mark.parametrize("stored", range(6))
    def test_goes_on_wherever_it_died_with_the_same_numbers(self, month, monkeypatch, stored):
        settle(month, an_evening(month), naming_rights_id=month.name_gatherings())
        add, done = MongoInvoices.add, []

        def dies(self, decision):
            if len(done) == stored:
                raise KeyboardInterrupt
            add(self, decision)
            done.append(decision.state)

        monkeypatch.setattr(MongoInvoices, "add", dies)
        with pytest.raises(KeyboardInterrupt):
            month.end()
        monkeypatch.undo()
        half = {one["id"]: one for one in month.invoices()}

        clerk_of(month.settings).run(month.booking.now + timedelta(hours=1))

        whole = {one["id"]: one for one in month.invoices()}
        assert len(half) == stored
        assert half.items() <= whole.items()
        assert Counter(
            (one["issuer"]["organization_id"], one["number"]) for one in whole.values()
        ) == Counter(
            {
                ("platform", 1): 1,
                ("platform", 2): 1,
                **{(who, 1): 1 for who in (BRAND, VENUE, CO_HOST, AUTHOR, HOST)},
            }
        )

    def test_reads_an_entry_twice_when_it_died_before_it_went_on(self, month):
        settle(month, an_evening(month))
        month.issue()
        lines = list(collection("invoice_lines").find().sort("_id", 1))
        collection("invoice_progress").update_one({}, {"$set": {"segment": 1}})

        month.issue()

        assert list(collection("invoice_lines").find().sort("_id", 1)) == lines

    def test_tells_everybody_by_an_event_each(self, month):
        settle(month, an_evening(month))
        month.end()

        told = collection("outbox").count_documents({"type": "payments.invoice.issued.v1"})

        assert told == len(month.invoices()) == 6


class TestTax:
    def test_is_in_the_platform_s_fee_alone_and_shown_apart(self, month):
        settle(month, an_evening(month))
        month.end()

        found = by_pair(month.invoices())

        fee = found.pop(("platform", HOST))
        assert (fee["net"]["minor"], fee["tax"]["minor"]) == (23_585, 1_415)
        assert fee["tax_basis_points"] == 600
        assert {one["tax"]["minor"] for one in found.values()} == {0}

    def test_goes_back_to_the_fen_with_refunds_of_later_months(self, month):
        evening = an_evening(month)
        settle(month, evening)
        month.end()
        for sale in range(8):
            month.refund(evening, sale=sale)
        month.end()
        for sale in range(8, 16):
            month.refund(evening, sale=sale)
        month.end()

        ours = [one for one in month.invoices() if one["issuer"]["organization_id"] == "platform"]

        assert [one["kind"] for one in ours] == ["invoice", "credit-note", "credit-note"]
        assert sum(one["total"]["minor"] for one in ours) == 0
        assert sum(one["tax"]["minor"] for one in ours) == 0


class TestCreditNote:
    def test_takes_back_in_a_later_month_and_leaves_the_invoice_as_it_was(self, month):
        evening = an_evening(month)
        settle(month, evening)
        month.end()
        before = by_pair(month.invoices(period="2026-03"))
        month.refund(evening)
        month.end()

        notes = by_pair(month.invoices(period="2026-05"))

        assert by_pair(month.invoices(period="2026-03")) == before
        assert notes[BRAND, HOST]["total"]["minor"] == -18_750
        assert {one["kind"] for one in notes.values()} == {"credit-note"}
        assert all(one["corrects"] == before[pair]["id"] for pair, one in notes.items())
        assert (HOST, BRAND) not in notes

    def test_is_none_within_the_month_where_the_invoice_has_both_lines(self, month):
        evening = an_evening(month)
        settle(month, evening)
        month.refund(evening)
        month.end()

        invoice = month.read(by_pair(month.invoices())[BRAND, HOST])

        assert [line["amount"]["minor"] for line in invoice["charges"]] == [300_000, -18_750]
        assert invoice["charges"][1]["about"]["sale_id"] == evening["sales"][0]
        assert invoice["charges"][0]["why"]["zh"].startswith("品牌份额")

    def test_corrects_a_rent_that_was_given_back(self, month):
        place = month.rent()
        month.end()
        month.hear("catalog.venue.slot-released.v1", **place, host_id=HOST, refund=money(10_000))
        month.collect()
        month.end()

        rent, note = month.invoices()

        assert (rent["total"]["minor"], note["total"]["minor"]) == (30_000, -10_000)
        assert note["corrects"] == rent["id"]
