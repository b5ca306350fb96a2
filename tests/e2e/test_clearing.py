"""A clearing on the running suite: asked for at the desk, held for a host, claimed by her."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from teahouse.demo.journey.crew import once_not
from teahouse.demo.journey.opening import money
from teahouse.demo.journey.wire import Refused
from teahouse.market import Caller

SUBSIDY_FEN = 100


def clear(suite, *words):
    """What ``teahouse match clear`` told a machine."""
    command = [sys.executable, "-m", "teahouse", "match", "clear", *words, "--json"]
    done = subprocess.run(
        [*command, "--var", str(suite.var)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def people_of(market, city):
    """Two hosts with people in a city where nobody else has any."""
    wish = {"name": "Tea circle", "city": city, "size": 500, "tags": {"tea": 100}}
    return [
        Caller(each.party, each.party.post("matching", "/v1/communities", wish)["id"])
        for each in market.callers(2)
    ]


def a_lot_in(market, maker, city):
    """One pack for the people of this city."""
    line = {
        "sku": "TEA-1",
        "name": "Tea",
        "units": 1,
        "unit_price": money(1_000),
        "condition": "new",
    }
    body = {
        "title": "Spring tea",
        "category": "tea",
        "tags": ["tea"],
        "city": city,
        "manifest": [line],
        "units_per_pack": 1,
        "closes_at": (datetime.now(UTC) + timedelta(days=20)).isoformat(),
    }
    lot_id = maker.party.post("catalog", "/v1/lots", body)["id"]
    operator = market.operator()
    once_not(
        "lot-not-found",
        lambda: operator.get("matching", f"/v1/hosts/{operator.id}/offers/{lot_id}"),
    )
    return lot_id


def test_a_lot_that_two_want_is_held_for_one_who_claims_it(market, suite):
    city = f"Cleared {secrets.token_hex(3)}"
    maker = market.maker(fund_fen=10 * SUBSIDY_FEN, subsidy_fen=SUBSIDY_FEN)
    callers, lot_id = people_of(market, city), a_lot_in(market, maker, city)

    done = clear(suite, "--period", f"e2e-{secrets.token_hex(3)}")

    assert done["clearing"]["certificate"]["gap"] == 0
    assert {each["fate"] for each in done["assignments"] if each["lot_id"] == lot_id} == {"held"}
    (winner,) = [each for each in callers if lot_id in lots_held_for(each)]
    (loser,) = [each for each in callers if each is not winner]
    refusal = refused(market, loser, maker, lot_id)
    assert refusal.code == "held-for-another"
    claim_id = market.claim(winner, maker, lot_id)
    assert market.decided(winner, claim_id).status == "confirmed"
    assert lot_id not in lots_held_for(winner)


def lots_held_for(caller):
    """The lots of which something is held for a host."""
    held = caller.party.get("matching", f"/v1/hosts/{caller.party.id}/holds")["items"]
    return {each["lot_id"] for each in held}


def refused(market, caller, maker, lot_id):
    """What a claim is answered that cannot be made."""
    try:
        market.claim(caller, maker, lot_id)
    except Refused as refusal:
        return refusal
    raise AssertionError("it could be claimed")
