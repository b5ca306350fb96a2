"""The laws of shares: they add up, drift under a unit, come back, and simulate as they book."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.contracts.domain import simulate
from sharing.check import problems_of
from sharing.dividing import Heads, after_refunds, divide, seats_of
from sharing.terms import ROLES, Refunding, Rounding, Terms, by_points
from tests.builders.contracts import a_contract_text
from tests.builders.payments import an_id
from tests.unit.payments.settlements.evenings import an_evening_of, refund, settle

PRESENT = {role: [an_id("org")] for role in ROLES if role != "platform"}
WHO = [who for present in PRESENT.values() for who in present]
_amounts = st.integers(0, 300_000)
_weights = st.dictionaries(
    st.sampled_from([*PRESENT, "platform"]), st.integers(1, 9_999), min_size=1
)
_why = {"en": "why", "zh": "缘由"}


@st.composite
def _takes(draw: Any) -> dict[str, Any]:
    found: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"fixed": draw(_amounts)},
                {"points": draw(st.integers(0, 10_000)), "of": draw(st.sampled_from(OF))},
                {
                    "tiers": [
                        {"above": 0, "points": draw(st.integers(0, 10_000))},
                        {"above": draw(st.integers(1, 500_000)), "points": 3_000},
                    ]
                },
            ]
        )
    )
    if draw(st.booleans()):
        found["floor"] = draw(_amounts)
        found["cap"] = found["floor"] + draw(_amounts)
    return found


OF = ("whole", "left")


@st.composite
def contracts(draw: Any) -> dict[str, Any]:
    steps = [
        {"id": f"step-{place}", "why": _why, "to": draw(_weights), "take": draw(_takes())}
        for place in range(draw(st.integers(0, 3)))
    ]
    for step in steps:
        if draw(st.booleans()):
            step["when"] = draw(st.sampled_from(["heads >= heads_wanted", "takings > 100000"]))
    # The giver of each policy has a part of the rest.
    rest = {"host": 2, "platform": 1} | draw(_weights)
    steps.append({"id": "rest", "why": _why, "to": rest, "take": {"rest": True}})
    refunds = draw(st.sampled_from([each.value for each in Refunding]))
    parties = {"host": {PRESENT["host"][0]: 1}}
    text = a_contract_text(parties=parties, steps=steps, refunds=refunds)
    if draw(st.booleans()):
        text["parties"]["brand"] = {PRESENT["brand"][0]: 1}
        few, points = draw(st.integers(0, 20)), draw(st.integers(0, 10_000))
        bands = [{"heads": few, "points": points}, {"heads": few + 5, "points": 10_000}]
        text["subsidy"] = {"bands": bands}
    return text


_sales = st.lists(_amounts, min_size=1, max_size=8)
_heads = st.builds(Heads, st.integers(0, 30), st.integers(0, 30))


def shared(text: dict[str, Any], sales: list[int], heads: Heads):
    terms = Terms(text)
    return terms, divide(terms, seats_of(terms, PRESENT), sales, heads)


@given(contracts(), _sales, _heads)
def test_shares_add_up_and_are_less_than_a_unit_off(text, sales, heads):
    _, shares = shared(text, sales, heads)

    assert [each.code for each in problems_of(text) if each.path.startswith("/steps")] == []
    assert sum(share.minor for share in shares) == sum(sales)
    assert sum(share.exact for share in shares) == sum(sales)
    assert all(abs(share.ahead) < 1 and share.minor >= 0 for share in shares)


@settings(max_examples=60)
@given(contracts(), st.integers(1, 500_000), _heads, st.lists(st.integers(1, 90_000), min_size=1))
def test_refunds_booked_in_any_cut_are_one_refund_of_the_sum(text, sold, heads, cuts):
    balances = []
    for amounts in (cuts, [sum(cuts)]):
        kept, command, _, (sale,) = an_evening_of(text, [sold], heads, PRESENT)
        settle(kept, command)
        left = sold
        for amount in amounts:
            if amount := min(amount, left):
                refund(kept, command.gathering_id, sale.id, amount)
                left -= amount
        found = kept.ledger.balances
        own = {who: found[f"org:{who}:pending"] + found[f"org:{who}:debt"] for who in WHO}
        balances.append(own | {"platform": found["platform:fees"]})

    assert balances[0] == balances[1]
    assert sum(balances[0].values()) == left


@given(contracts(), _sales, _heads)
def test_refunding_everything_brings_every_share_back_to_nothing(text, sales, heads):
    terms, settled = shared(text, sales, heads)

    back = after_refunds(terms, settled, sum(sales), heads)

    if terms.refunding is Refunding.HOST_DEBT:
        others = [(was, now) for was, now in zip(settled, back, strict=True)]
        assert all(was == now for was, now in others if was.seat.role != "host")
    else:
        assert {share.minor for share in back} == {0}


@given(contracts(), _sales, _heads, st.integers(0, 100_000))
def test_pro_rata_it_does_not_matter_whether_money_went_back_before_or_after(
    text, sales, heads, gone
):
    gone = min(gone, sum(sales))
    terms, settled = shared(text | {"refunds": "pro-rata"}, sales, heads)

    _, before = shared(text, [sum(sales) - gone], heads)

    assert [share.minor for share in after_refunds(terms, settled, gone, heads)] == [
        share.minor for share in before
    ] or not gone


@given(st.sampled_from(Rounding))
def test_a_fen_a_thousand_times_between_1_and_99_percent_is_10_and_990(rounding):
    terms = by_points({"platform": 100, "host": 9_900}, {}, "CNY", rounding=rounding)

    shares = divide(terms, seats_of(terms, PRESENT), [1] * 1_000, Heads())

    assert {share.seat.role: share.minor for share in shares} == {"host": 990, "platform": 10}


@settings(max_examples=60)
@given(contracts(), _sales, _heads, st.lists(st.integers(1, 90_000), max_size=4), _amounts)
def test_what_is_simulated_is_what_is_booked(text, sales, heads, wanted, subsidy):
    kept, command, contract, sold = an_evening_of(text, sales, heads, PRESENT, subsidy)
    refunds = [
        (sale, min(amount, sale.amount.minor))
        for sale, amount in zip(sold, wanted, strict=False)
        if sale.amount.minor
    ]
    told = simulate(
        contract.current.terms,
        sales=sales,
        refunds=[amount for _, amount in refunds],
        heads=heads,
        present=PRESENT,
        subsidy=subsidy,
    )

    settlement = settle(kept, command)

    shared = [line for line in told.settled if line.minor]
    booked = settlement.lines()
    assert [line for line in booked if line.role and line.why.path != ("subsidy",)] == shared
    ours = booked[-len(told.subsidy) :] if told.subsidy else ()
    assert [(line.minor, line.why) for line in ours] == [
        (line.minor, line.why) for line in told.subsidy
    ]
    for (sale, amount), refunded in zip(refunds, told.refunds, strict=True):
        done = refund(kept, command.gathering_id, sale.id, amount)
        assert list(done.shares) == [line.minor for line in refunded]
        assert list(done.reasons) == [line.why for line in refunded]
