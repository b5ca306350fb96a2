"""Royalties of a claimed copy wait for the ruling and are then paid out, to the fen."""

from __future__ import annotations

import pytest

from chassis.mongo import collection
from tests.builders.payments import AUTHOR, HOST, NOW, an_id
from tests.integration.payments.house import an_evening, money, settle

DIGEST = "sha256:" + "5a" * 32
ROYALTY = 10_000  # two per cent of 5,000.00
CLAIMANT, CO_CLAIMANT, STRANGER = (an_id("org") for _ in range(3))
PAYEES = {CLAIMANT: 6_667, CO_CLAIMANT: 3_333}


class Dispute:
    """A copy claim as catalog tells of it."""

    def __init__(self, house) -> None:
        self.house, self.id = house, an_id("cpc")
        self.said = {
            "copy_claim_id": self.id,
            "digest": DIGEST,
            "claimant_id": CLAIMANT,
            "accused_id": AUTHOR,
        }

    def open(self) -> None:
        self.house.hear("catalog.copy-claim.opened.v1", **self.said)

    def close(self, outcome: str) -> None:
        payees = PAYEES if outcome == "upheld" else {}
        self.house.hear(
            "catalog.copy-claim.closed.v1", **self.said, outcome=outcome, payees=payees
        )
        self.house.work()

    @property
    def held(self) -> int:
        return self.house.balance(f"copy-claim:{self.id}:held")


@pytest.fixture
def dispute(house):
    return Dispute(house)


def pending(house, organization_id) -> int:
    return house.balance(f"org:{organization_id}:pending")


def hold_evening(house) -> dict:
    evening = an_evening(house)
    settle(house, evening, cartridge_digest=DIGEST)
    return evening


def refund(house, evening, number=0) -> None:
    house.hear(
        "payments.command.refund-sale.v1",
        gathering_id=evening["gathering"],
        claim_id=evening["claim"],
        sale_id=evening["sales"][number],
        refund_id=an_id("rfd"),
        amount=money(31_250),
    )
    house.work()


class TestWhileTheClaimIsOpen:
    def test_the_royalty_is_held_and_everybody_else_is_paid(self, house, dispute):
        dispute.open()

        hold_evening(house)

        assert dispute.held == ROYALTY
        assert pending(house, AUTHOR) == 0
        assert pending(house, HOST) == 180_000

    def test_the_accused_is_told_in_both_languages_why_she_is_not_paid(self, house, dispute):
        dispute.open()
        evening = hold_evening(house)
        listed = house.ask(
            "GET", f"/settlements?gathering_id={evening['gathering']}", AUTHOR, "author"
        )
        (settlement,) = listed.json["items"]

        told = house.ask(
            "GET", f"/settlements/{settlement['id']}/explanation", AUTHOR, "author"
        ).json

        (line,) = [line for line in told["lines"] if line["role"] == "author"]
        assert f"held until copy claim {dispute.id}" in line["why_en"]
        assert f"暂存至抄袭申诉 {dispute.id}" in line["why_zh"]
        (share,) = [share for share in settlement["shares"] if share["role"] == "author"]
        assert share["held_for"] == dispute.id

    def test_other_versions_are_paid_as_ever(self, house, dispute):
        dispute.open()
        evening = an_evening(house)

        settle(house, evening, cartridge_digest="sha256:" + "0" * 64)

        assert (dispute.held, pending(house, AUTHOR)) == (0, ROYALTY)

    def test_what_was_settled_before_stays_paid(self, house, dispute):
        hold_evening(house)

        dispute.open()

        assert (dispute.held, pending(house, AUTHOR)) == (0, ROYALTY)

    def test_a_refund_takes_its_part_out_of_what_is_held(self, house, dispute):
        dispute.open()
        evening = hold_evening(house)

        refund(house, evening)

        assert dispute.held == ROYALTY - 625

    def test_only_the_parties_and_the_platform_read_it(self, house, dispute):
        dispute.open()
        hold_evening(house)
        path = f"/royalty-holds/{dispute.id}"

        theirs = house.ask("GET", path, CLAIMANT, "author")
        others = house.ask("GET", path, STRANGER, "author")

        assert theirs.json["state"] == "held"
        assert theirs.json["kept"] == [{"organization_id": AUTHOR, "amount": money(ROYALTY)}]
        assert (others.status_code, others.json["code"]) == (404, "royalty-hold-not-found")


class TestARejectedClaim:
    def test_pays_all_of_it_to_the_accused(self, house, dispute):
        dispute.open()
        hold_evening(house)
        hold_evening(house)

        dispute.close("rejected")

        assert (dispute.held, pending(house, AUTHOR)) == (0, 2 * ROYALTY)
        assert (
            house.ask("GET", f"/royalty-holds/{dispute.id}", AUTHOR, "author").json["state"]
            == "paid"
        )

    def test_pays_later_royalties_to_the_accused_at_once(self, house, dispute):
        dispute.open()
        dispute.close("rejected")

        hold_evening(house)

        assert (dispute.held, pending(house, AUTHOR)) == (0, ROYALTY)

    def test_leaves_a_refund_to_the_accused(self, house, dispute):
        dispute.open()
        evening = hold_evening(house)
        dispute.close("rejected")

        refund(house, evening)

        assert pending(house, AUTHOR) == ROYALTY - 625


class TestAnUpheldClaim:
    def test_pays_all_of_it_to_the_claimant_s_authors(self, house, dispute):
        dispute.open()
        hold_evening(house)

        dispute.close("upheld")

        assert (dispute.held, pending(house, AUTHOR)) == (0, 0)
        assert (pending(house, CLAIMANT), pending(house, CO_CLAIMANT)) == (6_667, 3_333)

    def test_explains_the_entry_in_both_languages(self, house, dispute):
        dispute.open()
        hold_evening(house)
        dispute.close("upheld")
        statement = house.ask(
            "GET",
            f"/statements?account=org:{CLAIMANT}:pending"
            "&from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z",
            CLAIMANT,
            "author",
        ).json
        (line,) = statement["lines"]

        told = house.ask(
            "GET", f"/entries/{line['entry_id']}/explanation", CLAIMANT, "author"
        ).json

        assert told["reason"]["copy_claim_id"] == dispute.id
        assert "upheld" in told["reason"]["why"]["en"]
        assert "成立" in told["reason"]["why"]["zh"]

    def test_pays_booked_gatherings_royalties_to_the_claimant_s_authors(self, house, dispute):
        dispute.open()
        dispute.close("upheld")

        hold_evening(house)

        assert pending(house, AUTHOR) == 0
        assert pending(house, CLAIMANT) + pending(house, CO_CLAIMANT) == ROYALTY

    def test_leaves_nobody_a_fen_when_everything_sold_comes_back(self, house, dispute):
        dispute.open()
        evening = hold_evening(house)
        refund(house, evening, 0)
        dispute.close("upheld")

        for number in range(1, 16):
            refund(house, evening, number)

        assert pending(house, CLAIMANT) == pending(house, CO_CLAIMANT) == dispute.held == 0


class TestDisorder:
    def test_everything_twice_moves_money_once(self, house, dispute):
        dispute.open()
        dispute.open()
        hold_evening(house)
        dispute.close("upheld")
        dispute.close("upheld")
        dispute.close("rejected")
        dispute.open()

        hold_evening(house)

        assert dispute.held == 0
        assert pending(house, CLAIMANT) + pending(house, CO_CLAIMANT) == 2 * ROYALTY

    def test_a_closing_that_is_heard_first_counts(self, house, dispute):
        dispute.close("upheld")
        dispute.open()

        hold_evening(house)

        assert pending(house, CLAIMANT) + pending(house, CO_CLAIMANT) == ROYALTY

    def test_the_ruling_waits_for_a_settlement_that_is_being_booked(self, house, dispute):
        dispute.open()
        evening = an_evening(house)
        submit, house.ledger.submit = house.ledger.submit, _away
        settle(house, evening, cartridge_digest=DIGEST)
        dispute.close("upheld")
        house.ledger.submit = submit
        for _ in range(3):
            collection("intents").update_many({}, {"$set": {"next_at": NOW}})
            house.work()

        assert dispute.held == 0
        assert pending(house, CLAIMANT) + pending(house, CO_CLAIMANT) == ROYALTY

    @pytest.mark.parametrize("first", ["rejected", "upheld"])
    def test_two_claims_one_after_the_other_add_up_in_either_order_of_hearing(self, house, first):
        """A second claim may be opened before payments hears that the first was closed."""
        earlier, later = Dispute(house), Dispute(house)
        steps = [
            earlier.open,
            lambda: hold_evening(house),
            later.open,
            lambda: hold_evening(house),
        ]
        steps += [lambda: earlier.close(first), lambda: hold_evening(house)]
        for step in [*steps, lambda: later.close("rejected")]:
            step()

        paid = sum(pending(house, who) for who in (AUTHOR, CLAIMANT, CO_CLAIMANT))
        assert (earlier.held, later.held, paid) == (0, 0, 3 * ROYALTY)


def _away(_entries):
    raise ConnectionError("the books are away")
