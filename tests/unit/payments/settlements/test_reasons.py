"""An entry tells as much of its legs as fits, in both languages; the settlement tells it all."""

from __future__ import annotations

import pytest

from services.payments.settlements.domain.reasons import told
from services.payments.statements.engine.words import why
from sharing.explaining import Reason
from tests.builders.contracts import a_contract_text
from tests.builders.payments import HOST, PARTIES, an_id
from tests.unit.payments.settlements.evenings import an_evening_of, refund, settle

ABOUT = {"settlement_id": an_id("stl"), "why": {"en": "Settlement", "zh": "结算"}}
SHARE = Reason(
    "Share of the host: takings, 20 % of 5 fen", "主理人份额：收入，5 分的 20 %", ("rest",)
)


def many_steps():
    to = {"brand": 1, "host": 1, "venue": 1, "platform": 1}
    text = {"en": "n" * 40, "zh": "数" * 40}
    steps = [
        {"id": f"step-{place}", "why": text, "to": to, "take": {"points": 100}}
        for place in range(19)
    ]
    return a_contract_text(
        steps=[*steps, {"id": "rest", "why": text, "to": to, "take": {"rest": True}}]
    )


def many_authors():
    to = {"author": 1, "host": 1}
    step = {
        "id": "rest",
        "why": {"en": "n" * 40, "zh": "数" * 40},
        "to": to,
        "take": {"rest": True},
    }
    authors = {an_id("org"): number for number in range(1, 51)}
    co_hosts = {an_id("org"): number for number in range(1, 46)}
    step["to"] |= {"co_host": 1}
    parties = {"host": {HOST: 1}, "author": authors, "co_host": co_hosts}
    return a_contract_text(parties=parties, steps=[step])


class TestReason:
    def test_of_every_leg_is_whole_where_it_fits(self):
        assert told(ABOUT, [SHARE])["legs"] == [SHARE.told()]

    def test_of_very_long_legs_says_what_each_is_in_both_languages(self):
        long = Reason(SHARE.en + "n" * 9_000, SHARE.zh + "数" * 9_000, ("rest",))

        reason = told(ABOUT, [long, SHARE])

        brief = {"en": "Share of the host", "zh": "主理人份额"}
        assert reason == ABOUT | {"legs": [brief, brief]}
        assert why(reason, "settlement", leg=1, legs=2) == ("Share of the host", "主理人份额")

    def test_of_too_many_legs_is_that_of_the_whole(self):
        wordy = Reason("n" * 60, "数" * 60)

        reason = told(ABOUT, [wordy] * 200)

        assert reason == ABOUT
        assert why(reason, "settlement", leg=150, legs=200) == ("Settlement", "结算")


class TestEvening:
    @pytest.mark.parametrize("text", [many_steps(), many_authors()], ids=["steps", "authors"])
    def test_of_a_long_contract_is_booked_and_told_leg_by_leg(self, text):
        kept, command, _, (sale,) = an_evening_of(text, [1_000_003], present=PARTIES)

        settlement = settle(kept, command)
        refund(kept, command.gathering_id, sale.id, 500_000)

        booked = {each.code: each for each in kept.ledger.entries.values()}
        for code in ("settlement", "refund"):
            entry = booked[code]
            assert len(entry.reason["legs"]) == len(entry.legs)
            assert all(leg["en"] and leg["zh"] for leg in entry.reason["legs"])
        assert all(line.why.path for line in settlement.lines() if line.role)
