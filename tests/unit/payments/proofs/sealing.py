"""Days sealed in memory, and a key to sign them with."""

from __future__ import annotations

from joserfc.jwk import OKPKey

from chassis.kernel.errors import Conflict
from chassis.signer import public_half, signed
from services.payments.ledger.queries import LedgerQueries
from services.payments.proofs.domain import TYPE
from services.payments.proofs.use_cases import DaySealer
from tests.unit.payments.ledger.books import MARKET


class MemoryDays:
    """The ``Days`` port over a list."""

    def __init__(self):
        self.days = []
        self.facts = []

    def last(self):
        return self.days[-1] if self.days else None

    def add(self, decision):
        if any(day.id == decision.state.id for day in self.days):
            raise Conflict(decision.state.id)
        self.days.append(decision.state)
        self.facts += decision.events


KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
JWKS = {"keys": [public_half(KEY)]}


def sign(payload):
    return signed(payload, type=TYPE, key=KEY)


def a_sealer(log, days, zone):
    return DaySealer(MARKET, zone, log, days, sign)


def exported(log, days, jwks=JWKS):
    """The lines of an export with its days."""

    def annex():
        yield {"kind": "keys", **jwks}
        for day in days.days:
            yield {"kind": "day", "token": day.token}

    return list(LedgerQueries(MARKET, log, annex=annex).export())
