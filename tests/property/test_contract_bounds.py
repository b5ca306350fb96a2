"""Whatever contract passes the check, its settlement and its refunds can be booked."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.ledger.domain.entries import reason_bytes
from services.payments.ledger.engine.columns import MAX_LEGS
from sharing.check import MOST_PARTIES, problems_of
from sharing.dividing import Heads
from sharing.terms import ROLES, Refunding
from tests.builders.contracts import a_contract_text
from tests.builders.payments import PARTIES, an_id
from tests.unit.payments.settlements.evenings import an_evening_of, refund, settle

PEOPLE = [an_id("org") for _ in range(MOST_PARTIES)]
HOST, OTHERS = PEOPLE[0], PEOPLE[1:]
PRESENT = PARTIES | {"co_host": [an_id("org") for _ in range(10)], "host": [HOST]}
_weights = st.integers(1, 1_000_000)
_letters = st.sampled_from(["m", "数", "\U0001f375", '"', ": "])


@st.composite
def _texts(draw: Any) -> dict[str, str]:
    return {name: (draw(_letters) * 80)[: draw(st.integers(1, 80))] for name in ("en", "zh")}


@st.composite
def _steps(draw: Any) -> list[dict[str, Any]]:
    found = []
    for place in range(draw(st.integers(0, 19))):
        points = draw(st.integers(1, 3_000))
        to = draw(st.dictionaries(st.sampled_from(ROLES), _weights, min_size=1))
        take = {"points": points, "of": draw(st.sampled_from(["whole", "left"]))}
        step_id = f"step-{place}-" + "s" * draw(st.integers(0, 20))
        found.append({"id": step_id, "why": draw(_texts()), "to": to, "take": take})
    to = {"host": draw(_weights), "platform": draw(_weights)}
    to |= draw(st.dictionaries(st.sampled_from(ROLES), _weights))
    return [*found, {"id": "rest", "why": draw(_texts()), "to": to, "take": {"rest": True}}]


@st.composite
def contracts(draw: Any) -> dict[str, Any]:
    parties: dict[str, dict[str, int]] = {"host": {HOST: 1}}
    left = list(OTHERS)
    for role in draw(st.lists(st.sampled_from(["brand", "venue", "author"]), unique=True)):
        count = min(draw(st.integers(1, 50)), len(left))
        parties[role] = {left.pop(): draw(_weights) for _ in range(count)}
    parties = {role: who for role, who in parties.items() if who}
    refunds = draw(st.sampled_from([each.value for each in Refunding]))
    return a_contract_text(parties=parties, steps=draw(_steps()), refunds=refunds)


@settings(max_examples=25)
@given(contracts(), st.integers(100, 10**13), st.integers(1, 10**13))
def test_what_passes_the_check_can_be_booked_and_refunded(text, sold, back):
    assert problems_of(text) == []
    kept, command, _, (sale,) = an_evening_of(text, [sold], Heads(16, 12), PRESENT)

    settle(kept, command)
    refund(kept, command.gathering_id, sale.id, min(sold, back))

    booked = [each for each in kept.ledger.entries.values() if not each.code.startswith("debt-")]
    assert [each.code for each in booked] == ["settlement", "refund"]
    for entry in booked:
        assert len(entry.legs) <= MAX_LEGS
        assert reason_bytes(entry.reason)
        assert all(entry.reason["why"][language] for language in ("en", "zh"))
