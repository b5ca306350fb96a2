"""From a draft to a contract in force: everybody signs what concerns them, and nothing changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.ids import derived_id
from services.payments.contracts.domain import (
    ContractInvalid,
    CurrencyChanged,
    ExampleFails,
    HostChanged,
    NobodyForShare,
    NotAParty,
    OtherVersionSigned,
    SignaturesMissing,
    SimulationTooLarge,
    SubsidyBrandMissing,
    TooManyVersions,
    VersionNotFound,
    draft,
    simulate,
)
from sharing.check import problems_of
from sharing.dividing import Heads
from tests.builders.contracts import a_contract_text, a_plain_text, terms_of
from tests.builders.payments import AUTHOR, BRAND, HOST, NOW, VENUE, a_contract, an_id

EVERYBODY = (BRAND, HOST, VENUE, "platform")


def a_draft(**changes):
    return draft(an_id("ctr"), a_contract_text(**changes), by=HOST, at=NOW).state


def signed(contract, *who):
    for each in who:
        contract = contract.sign(contract.latest.digest, by=each, at=NOW).state
    return contract


def published(contract):
    return signed(contract, *contract.latest.missing).publish(by=HOST, at=NOW).state


def proposed(contract, **changes):
    return contract.propose(a_contract_text(**changes), by=HOST, at=NOW).state


def missing_of(text, *, after):
    """Who must sign a version anew that follows another."""
    first = published(draft(an_id("ctr"), after, by=HOST, at=NOW).state)
    return first.propose(text, by=HOST, at=NOW).state.latest.missing


class TestDraft:
    def test_binds_nobody_until_everybody_has_signed(self):
        contract = signed(a_draft(), BRAND, HOST)

        assert contract.latest.missing == (VENUE, "platform")
        with pytest.raises(SignaturesMissing):
            contract.publish(by=HOST, at=NOW)
        with pytest.raises(VersionNotFound):
            _ = contract.current

    def test_is_made_by_those_whom_it_binds(self):
        with pytest.raises(NotAParty):
            draft(an_id("ctr"), a_contract_text(), by=AUTHOR, at=NOW)

    def test_is_refused_with_everything_that_is_wrong(self):
        with pytest.raises(ContractInvalid) as refusal:
            a_draft(refunds="never", absent="venue")

        assert [each["path"] for each in refusal.value.members["problems"]] == [
            "/absent",
            "/refunds",
        ]


class TestSignature:
    def test_is_of_the_digest_and_of_no_other(self):
        contract = a_draft()

        with pytest.raises(OtherVersionSigned):
            contract.sign("sha256:" + "0" * 64, by=BRAND, at=NOW)

    def test_is_for_those_who_are_bound(self):
        contract = a_draft()

        with pytest.raises(NotAParty):
            contract.sign(contract.latest.digest, by=AUTHOR, at=NOW)

    def test_given_twice_is_one(self):
        contract = signed(a_draft(), BRAND)

        assert contract.sign(contract.latest.digest, by=BRAND, at=NOW).state is contract


class TestPublication:
    def test_tells_that_the_version_is_in_force_once(self):
        contract = signed(a_draft(), *EVERYBODY)

        decision = contract.publish(by=BRAND, at=NOW)

        (fact,) = decision.events
        assert (fact.version, fact.digest) == (1, contract.latest.digest)
        assert decision.state.current.number == 1
        assert decision.state.publish(by=HOST, at=NOW).events == ()

    def test_is_refused_when_an_example_does_not_come_out(self):
        examples = a_contract_text()["examples"]
        examples[1]["expect"] |= {"host": 2_926, "brand": 6_075}
        contract = signed(a_draft(examples=examples), *EVERYBODY)

        with pytest.raises(ExampleFails) as refusal:
            contract.publish(by=HOST, at=NOW)

        assert "host expected 2926, found 2925 (-1)" in str(refusal.value)


class TestVersions:
    def test_with_another_partner_need_the_newcomer_and_the_one_who_leaves(self):
        bound = a_contract_text()["parties"] | {"venue": {AUTHOR: 1}}
        contract = proposed(published(a_draft()), parties=bound)

        assert contract.latest.missing == (AUTHOR, VENUE)
        with pytest.raises(SignaturesMissing):
            signed(contract, AUTHOR).publish(by=HOST, at=NOW)
        assert contract.current.number == 1
        assert published(contract).current.number == 2

    def test_with_other_shares_need_those_whose_shares_they_are(self):
        steps = a_contract_text()["steps"]
        steps[3]["to"] = {"brand": 6, "host": 1, "platform": 1}

        contract = proposed(published(a_draft()), steps=steps)

        # Brand still has three quarters of the rest; host and platform divide a quarter anew.
        assert contract.latest.missing == (HOST, "platform")

    def test_with_one_more_in_a_role_need_the_one_who_was_there(self):
        bound = a_contract_text()["parties"] | {"venue": {VENUE: 1, AUTHOR: 1}}

        assert proposed(published(a_draft()), parties=bound).latest.missing == (VENUE, AUTHOR)

    def test_ask_everybody_before_a_role_is_bound_that_was_open(self):
        bound = a_contract_text()["parties"]
        without = {role: who for role, who in bound.items() if role != "venue"}
        contract = proposed(
            published(a_draft(parties=without)), parties=without | {"venue": {BRAND: 1}}
        )

        assert contract.latest.missing == (BRAND, HOST, "platform")

    def test_ask_again_whom_an_earlier_one_let_go(self):
        bound = a_contract_text()["parties"]
        without = {role: who for role, who in bound.items() if role != "venue"}
        left = published(proposed(published(a_draft()), parties=without))

        assert VENUE in proposed(left).latest.missing

    def test_with_another_fee_before_need_everybody(self):
        steps = a_contract_text()["steps"]
        steps[1]["take"]["points"] = 600

        assert proposed(published(a_draft()), steps=steps).latest.missing == EVERYBODY

    def test_with_another_refund_policy_need_everybody(self):
        contract = proposed(published(a_draft()), refunds="host-debt")

        assert contract.latest.missing == EVERYBODY

    def test_with_less_of_a_platform_that_gives_first_need_everybody(self):
        first = a_plain_text({"host": 50, "platform": 40, "brand": 10}, refunds="platform-first")
        second = a_plain_text({"host": 50, "platform": 1, "brand": 49}, refunds="platform-first")

        assert missing_of(second, after=first) == (BRAND, HOST, "platform")

    def test_with_less_for_an_open_role_need_who_has_the_share_of_the_absent(self):
        first = a_plain_text({"brand": 50, "host": 20, "venue": 20, "platform": 10})
        second = a_plain_text({"brand": 50, "host": 20, "venue": 10, "platform": 20})

        # Brand has half either way; the host would have forty of a hundred without a venue.
        assert missing_of(second, after=first) == (HOST, "platform")

    def test_never_change_what_was_there(self):
        first = published(a_draft())

        contract = published(proposed(first, title={"en": "Other", "zh": "另一份"}))

        assert contract.versions[0] == first.versions[0]
        assert contract.version(1).digest != contract.version(2).digest

    def test_are_in_force_from_their_publication_on_and_the_first_before_it_too(self):
        moments = [NOW + timedelta(days=days) for days in (-1, 0, 1, 2, 3)]
        first, second = (
            replace(published(a_draft()).latest, number=number, published_at=moment)
            for number, moment in ((1, moments[1]), (2, moments[3]))
        )
        drafted = replace(second, number=3, published_at=None)
        contract = replace(a_draft(), versions=(first, second, drafted))

        assert [contract.at(moment).number for moment in moments] == [1, 1, 1, 2, 2]
        with pytest.raises(VersionNotFound):
            a_draft().at(NOW)

    def test_take_the_place_of_a_draft_that_nobody_else_has_signed(self):
        contract = published(a_draft())
        first = signed(proposed(contract, refunds="host-debt"), HOST)

        second = proposed(first, title={"en": "Other", "zh": "另一份"})

        assert [each.number for each in second.versions] == [1, 2]
        assert second.latest.digest != first.latest.digest
        with pytest.raises(OtherVersionSigned):
            second.sign(first.latest.digest, by=BRAND, at=NOW)

    def test_leave_the_drafts_of_others_and_those_that_others_signed(self):
        contract = proposed(published(a_draft()), refunds="host-debt")

        by_brand = contract.propose(a_contract_text(), by=BRAND, at=NOW).state
        after_brand = proposed(signed(contract, BRAND))

        assert [each.number for each in by_brand.versions] == [1, 2, 3]
        assert [each.number for each in after_brand.versions] == [1, 2, 3]

    def test_are_nothing_to_whom_only_an_old_draft_named(self):
        bound = a_contract_text()["parties"] | {"author": {AUTHOR: 1}}
        named = signed(proposed(published(a_draft()), parties=bound), BRAND)
        assert AUTHOR in named.party_ids

        later = named.propose(a_contract_text(), by=BRAND, at=NOW).state

        assert later.party_ids == frozenset(EVERYBODY)
        with pytest.raises(NotAParty):
            later.propose(a_contract_text(parties=bound), by=AUTHOR, at=NOW)

    def test_are_proposed_by_parties_and_not_without_end(self):
        contract = published(a_draft())

        with pytest.raises(NotAParty):
            contract.propose(a_contract_text(), by=AUTHOR, at=NOW)
        for _ in range(49):
            contract = signed(proposed(contract, refunds="host-debt"), BRAND)
        with pytest.raises(TooManyVersions):
            proposed(contract)


class TestClaim:
    def test_makes_a_contract_that_is_in_force_and_good_by_the_format(self):
        contract = a_contract()

        assert contract.id == derived_id("ctr", contract.claim_id)
        assert contract.current.missing == ()
        assert problems_of(dict(contract.current.terms.data)) == []

    @pytest.mark.parametrize(
        ("parties", "refusal"),
        [
            ({"brand": {BRAND: 1}, "host": {BRAND: 1}}, HostChanged),
            ({"brand": {BRAND: 1}, "host": {VENUE: 1}}, HostChanged),
            ({"brand": {BRAND: 1}, "host": {HOST: 1, BRAND: 1}}, ContractInvalid),
            ({"brand": {BRAND: 1}}, ContractInvalid),
        ],
    )
    def test_keeps_its_host_whatever_a_version_says(self, parties, refusal):
        contract = a_contract()
        text = a_contract_text(parties=parties)

        with pytest.raises(refusal):
            contract.propose(text, by=BRAND, at=NOW)

    def test_keeps_its_currency_whatever_a_version_says(self):
        contract = a_contract()
        text = dict(contract.current.terms.data)

        with pytest.raises(CurrencyChanged) as refusal:
            contract.propose(text | {"currency": "USD"}, by=BRAND, at=NOW)

        assert refusal.value.members == {"currency": "CNY"}
        assert contract.propose(text, by=BRAND, at=NOW).state.latest.number == 2

    def test_gives_nobody_the_share_of_another_by_one_signature(self):
        contract = a_contract()
        text = dict(contract.current.terms.data) | {
            "parties": {"brand": {VENUE: 1}, "host": {HOST: 1}}
        }

        taken = contract.propose(text, by=HOST, at=NOW).state

        assert taken.latest.missing == (VENUE, BRAND)
        with pytest.raises(NotAParty):
            taken.sign(taken.latest.digest, by=AUTHOR, at=NOW)
        assert signed(taken, VENUE, BRAND).publish(by=HOST, at=NOW).state.current.number == 2


class TestSubsidy:
    BANDS = {"bands": [{"heads": 8, "points": 5_000}]}

    def test_is_agreed_on_by_brand_and_host_and_asks_nobody_else(self):
        contract = published(a_draft())

        stated = proposed(contract, subsidy=self.BANDS)
        dropped = proposed(published(stated))

        assert stated.latest.missing == dropped.latest.missing == (BRAND, HOST)

    def test_of_a_claim_is_no_matter_of_other_brands_than_those_that_give_it(self):
        contract = a_contract()
        other = {"brand": {VENUE: 1}, "host": {HOST: 1}}

        with pytest.raises(SubsidyBrandMissing) as refusal:
            proposed(contract, parties=other, subsidy=self.BANDS)

        assert refusal.value.members == {"missing": [BRAND]}
        assert proposed(contract, parties=other).latest.missing == (VENUE, HOST, "platform", BRAND)


class TestSimulation:
    def test_needs_somebody_for_every_share(self):
        with pytest.raises(NobodyForShare):
            simulate(
                terms_of(parties={"brand": {BRAND: 1}}),
                sales=[100],
                refunds=[],
                heads=Heads(),
                present={},
            )

    def test_of_very_much_at_once_is_refused_before_it_is_reckoned(self):
        def of(refunds, co_hosts=0, sales=1, **changes):
            present = {"co_host": [an_id("org") for _ in range(co_hosts)]}
            return simulate(
                terms_of(**changes),
                sales=[100] * sales,
                refunds=[1] * refunds,
                heads=Heads(),
                present=present,
            )

        steps = [
            *a_contract_text()["steps"][:3],
            a_contract_text()["steps"][3] | {"to": {"co_host": 1}},
        ]
        crowd = {"steps": steps, "co_hosts": 46}
        assert len(of(24, **crowd).refunds) == 24  # 49 seats, 4 steps, 25 times
        with pytest.raises(SimulationTooLarge) as refusal:
            of(25, **crowd)
        assert refusal.value.members == {"parts": 5_096, "limit": 5_000}
        alone = {"rounding": "each-sale", "steps": a_contract_text()["steps"][3:]}
        assert of(0, sales=10_000, steps=alone["steps"]).kept
        with pytest.raises(SimulationTooLarge):
            of(0, sales=10_000, **alone)
