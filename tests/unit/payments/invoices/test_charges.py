"""Who charges whom: everybody the host, the host and the platform the brands."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from chassis.kernel.decisions import Decision
from services.payments.dues.domain import Cause, Due
from services.payments.invoices.domain import (
    Booked,
    InvoiceUnsound,
    charges_of_due,
    charges_of_refund,
    charges_of_settlement,
)
from services.payments.naming.domain import Earning
from services.payments.royalties.domain import Outcome, RoyaltyHold
from tests.builders.payments import AUTHOR, BRAND, HOST, NOW, VENUE, an_id, yuan
from tests.unit.payments.invoices.bills import Everybody, booked
from tests.unit.payments.settlements.test_kits import (
    CO_AUTHOR,
    DIGEST,
    OFFERS,
    OTHER_BRAND,
    an_evening_with_a_kit,
)
from tests.unit.payments.settlements.test_use_cases import refund, settle

BRANDS = Everybody(**{OFFERS[0]: BRAND, OFFERS[1]: OTHER_BRAND})


def named_evening():
    """A kit's evening of 100.00 with 1,100.00 of subsidies, and 1,000.00 of naming."""
    kept, command, sales = an_evening_with_a_kit(100)
    earning = Earning(an_id("nam"), 1, yuan(1_000), yuan(900), yuan(100))
    return kept, replace(settle(kept, command), earning=earning), sales


def by_pair(charges):
    found = Counter()
    for charge in charges:
        found[charge.issuer_id, charge.recipient_id] += charge.minor
    return found


def of(settlement, entry=None):
    return list(charges_of_settlement(booked(entry or settlement.entry()), settlement, BRANDS))


class TestSettlement:
    def test_lets_everybody_charge_the_host_and_the_host_and_platform_the_brands(self):
        _, settlement, _ = named_evening()

        found = by_pair(of(settlement))

        assert found == {
            (BRAND, HOST): 3_501,
            (OTHER_BRAND, HOST): 2_499,
            (VENUE, HOST): 1_000,
            (AUTHOR, HOST): 351,
            (CO_AUTHOR, HOST): 150,
            ("platform", HOST): 499,
            (HOST, BRAND): 80_000 + 90_000,
            (HOST, OTHER_BRAND): 30_000,
            ("platform", BRAND): 10_000,
        }

    def test_charges_each_leg_of_a_party_whole_but_the_host_s_own_share(self):
        _, settlement, _ = named_evening()
        entry = settlement.entry()
        charged = Counter()
        for charge in of(settlement):
            charged[charge.leg] += charge.minor

        own = {
            place: leg.minor
            for place, leg in enumerate(entry.legs)
            if leg.account.startswith(("org:", "platform:fees"))
        }

        assert own.items() - charged.items() == {(own_share(entry), 2_000)}
        assert charged.items() <= own.items()

    def test_says_why_of_each_as_the_books_do(self):
        _, settlement, _ = named_evening()

        whys = [charge.why.zh for charge in of(settlement)]

        assert any(text.startswith("品牌份额") for text in whys)
        assert whys[-1] == "冠名权，第 1 场"

    def test_charges_no_subsidy_that_went_back(self):
        kept, command, _ = an_evening_with_a_kit(100, checked_in=3)

        found = by_pair(of(settle(kept, command)))

        assert not [pair for pair in found if pair[0] == HOST]

    def test_lets_nobody_charge_itself(self):
        _, settlement, _ = named_evening()
        brands = Everybody(**{OFFERS[0]: HOST, OFFERS[1]: HOST})

        found = list(charges_of_settlement(booked(settlement.entry()), settlement, brands))

        assert (HOST, HOST) not in by_pair(found)

    def test_charges_nothing_of_what_is_held_for_a_copy_claim(self):
        kept, command, _ = an_evening_with_a_kit(100)
        hold = RoyaltyHold(an_id("cpc"), DIGEST, VENUE, AUTHOR)
        kept.royalties.save(Decision(hold))
        settlement = settle(kept, replace(command, cartridge_digest=DIGEST))

        found = by_pair(of(settlement))

        assert kept.ledger.balances[f"copy-claim:{hold.id}:held"] == 501
        assert (AUTHOR, HOST) not in found
        assert found[BRAND, HOST] == 3_501

    def test_is_not_invoiced_if_the_books_hold_other_legs(self):
        _, settlement, _ = named_evening()
        legs = list(settlement.entry().legs)
        legs[1] = replace(legs[1], minor=legs[1].minor + 1)

        with pytest.raises(InvoiceUnsound):
            of(settlement, replace(settlement.entry(), legs=tuple(legs)))


class TestRefund:
    def test_takes_back_what_each_charged_the_host(self):
        kept, command, (sale,) = an_evening_with_a_kit(100)
        settlement = settle(kept, command)
        back = refund(kept, sale.id, 100)
        taken = back.entry(sale)

        found = list(charges_of_refund(booked(taken), back, settlement))

        assert by_pair(found) == {
            (BRAND, HOST): -3_501,
            (OTHER_BRAND, HOST): -2_499,
            (VENUE, HOST): -1_000,
            (AUTHOR, HOST): -351,
            (CO_AUTHOR, HOST): -150,
            ("platform", HOST): -499,
        }
        assert {charge.corrects for charge in found} == {settlement.entry_id}

    def test_takes_back_nothing_of_what_a_ruling_paid_since_nobody_charged_it(self):
        kept, command, (sale,) = an_evening_with_a_kit(100)
        hold = RoyaltyHold(an_id("cpc"), DIGEST, VENUE, AUTHOR)
        kept.royalties.save(Decision(hold))
        settlement = settle(kept, replace(command, cartridge_digest=DIGEST))
        stored = kept.royalties.get(hold.id)
        kept.royalties.save(Decision(stored.rule(Outcome.UPHELD, {VENUE: 10_000}).pay()))
        back = refund(kept, sale.id, 100)

        found = by_pair(charges_of_refund(booked(back.entry(sale)), back, settlement))

        assert back.payouts
        assert found[VENUE, HOST] == -1_000
        assert (AUTHOR, HOST) not in found


class TestDue:
    def rent(self, cause=Cause.RENT, debtor=HOST, creditor=VENUE):
        return Due.open(cause, debtor, creditor, yuan(300), an_id("bkg"))

    def test_of_rent_is_charged_by_the_venue(self):
        due = self.rent()

        (charge,) = charges_of_due(booked(due.entry(0)), due)

        assert (charge.issuer_id, charge.recipient_id, charge.minor) == (VENUE, HOST, 30_000)
        assert charge.corrects == ""

    def test_that_is_lowered_corrects_the_rent(self):
        due, _ = self.rent().forgive(yuan(100))

        (charge,) = charges_of_due(booked(due.entry(1)), due)

        assert (charge.issuer_id, charge.minor) == (VENUE, -10_000)
        assert charge.corrects == due.entry_id(0)

    def test_of_rent_that_comes_back_corrects_it_too(self):
        rent = self.rent()
        back = Due.open(Cause.RENT_BACK, VENUE, HOST, yuan(50), rent.about)

        (charge,) = charges_of_due(booked(back.entry(0)), back)

        assert (charge.issuer_id, charge.recipient_id, charge.minor) == (VENUE, HOST, -5_000)
        assert charge.corrects == rent.entry_id(0)

    @pytest.mark.parametrize("cause", [Cause.SHORTAGE, Cause.GOODS_BACK])
    def test_of_goods_is_amends_and_no_charge(self, cause):
        due = self.rent(cause, BRAND, HOST)

        assert list(charges_of_due(booked(due.entry(0)), due)) == []


def test_an_entry_names_what_it_is_about_by_ids_alone():
    named = Booked(
        id="ent_1",
        place=(1, 0),
        code="refund",
        at=NOW,
        legs=(),
        reason={"refund_id": "rfd_1", "due_id": 5},
    )

    assert (named.about("refund_id"), named.about("due_id")) == ("rfd_1", "")


def own_share(entry):
    """The place of the host's share of the takings: its only leg that no brand pays for."""
    return next(
        place for place, leg in enumerate(entry.legs) if leg.account == f"org:{HOST}:pending"
    )
