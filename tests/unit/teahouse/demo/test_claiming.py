from __future__ import annotations

from types import SimpleNamespace

import pytest

from teahouse.demo.journey import claiming
from teahouse.demo.journey.claiming import Wish, claim, steadily
from teahouse.demo.journey.wire import Refused


class FakeParty:
    """Answers with the claim's states in turn."""

    def __init__(self, *states, refusal=None):
        self.states = list(states)
        self.refusal = refusal

    def post(self, _service, path, body):
        if self.refusal:
            raise self.refusal
        return {"id": "clm_1", "status": "requested"}

    def get(self, _service, _path):
        return self.states.pop(0)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(claiming.time, "sleep", lambda _seconds: None)


def state(status: str, **more: str) -> dict[str, str]:
    """A claim as matching tells it, decided 120 ms after it was made."""
    stamps = {
        "requested_at": "2026-11-22T03:00:00.100Z",
        "decided_at": "2026-11-22T03:00:00.220Z",
    }
    return {"status": status, **stamps, **more}


def a_wish(party: FakeParty) -> Wish:
    return Wish(SimpleNamespace(party=party), "com_1", "lot_1", "off_1", "org_1", 2)


class TestClaim:
    def test_looks_until_it_is_decided(self):
        party = FakeParty(state("requested"), state("confirmed"))

        made = claim(a_wish(party))

        assert (made.id, made.outcome) == ("clm_1", "confirmed")
        assert 0.12 <= made.seconds < 0.2

    def test_tells_why_it_was_rejected(self):
        made = claim(a_wish(FakeParty(state("rejected", refusal_code="not-enough-packs"))))

        assert made.outcome == "not-enough-packs"

    def test_takes_a_refusal_at_the_door_for_an_outcome(self):
        refused = Refused("POST", 403, {"code": "hosts-only"})

        made = claim(a_wish(FakeParty(refusal=refused)))

        assert (made.id, made.outcome) == ("", "hosts-only")


class TestSteadily:
    def test_makes_every_claim_and_keeps_their_order(self):
        steps = []
        stage = SimpleNamespace(expect=lambda _more: None, step=lambda: steps.append(1))
        parties = [FakeParty(state("rejected", refusal_code=str(n))) for n in range(9)]

        made = steadily([a_wish(party) for party in parties], stage, per_second=1e6)

        assert [one.outcome for one in made] == [str(n) for n in range(9)]
        assert len(steps) == 9
