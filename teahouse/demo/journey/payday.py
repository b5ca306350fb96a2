"""The guests can return nothing any more: everybody of the stories is paid at a bank."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from teahouse.demo.journey.crew import Stage, await_that, together
from teahouse.demo.journey.opening import CHINA, CURRENCY
from teahouse.demo.journey.parties import Party
from teahouse.demo.journey.play import Machine, Played
from teahouse.demo.report.findings import Check

RETURNS_ARE_OVER = timedelta(days=9)
EARLY, NOON = time(6), time(12)  # shares are released at midnight, payouts leave at ten


def pay_everybody(played: Played, machine: Machine, stage: Stage) -> list[Check]:
    """Name accounts, let the days pass, and look whether the banks got what was owed."""
    parties = _parties(played)
    owed = {party.name: _holds(party) for party in parties}
    together(_name_account, parties, stage)
    machine.advance(_at(machine.now() + RETURNS_ARE_OVER, EARLY))
    together(_await_release, parties, stage)
    machine.advance(_at(machine.now(), NOON))
    paid = {
        party.name: fen
        for party, fen in zip(parties, together(_paid, parties, stage), strict=True)
    }
    together(_await_empty, parties, stage)
    return [Check("paid out to those who named an account, fen", owed, paid)]


def _parties(played: Played) -> list[Party]:
    """Brands, hosts and co-hosts of the stories, each once."""
    found: dict[str, Party] = {}
    for plan in played.plans:
        if plan.story is not None:
            hosts = [plan.host, plan.co_host] if plan.co_host else [plan.host]
            acting = [plan.brand.party, *(host.party for host in hosts)]
            found |= {party.id: party for party in acting}
    return list(found.values())


def _at(day: datetime, hour: time) -> datetime:
    return datetime.combine(day.astimezone(CHINA).date(), hour, CHINA)


def _balance(party: Party, kind: str) -> int:
    answer = party.get("payments", f"/v1/accounts/org:{party.id}:{kind}")
    own = [row for row in answer["balances"] if row["currency"] == CURRENCY]
    return sum(row["posted"]["minor"] for row in own)


def _holds(party: Party) -> int:
    return _balance(party, "pending") + _balance(party, "available")


def _name_account(party: Party) -> None:
    """Say where the money is to go, and wait until the provider knows the account."""
    body = {"holder": party.name[:140], "account": f"6222{party.id[-12:].upper()}"}
    named = party.post("payments", "/v1/payout-destinations", body)
    path = f"/v1/payout-destinations/{named['id']}"
    await_that(
        f"the account of {party.name}",
        lambda: party.get("payments", path)["state"] == "active" or None,
    )


def _await_release(party: Party) -> None:
    await_that(
        f"the shares of {party.name} to be released",
        lambda: _balance(party, "pending") == 0 or None,
    )


def _await_empty(party: Party) -> None:
    """Accounts follow the books by a moment."""
    await_that(f"nothing to be left with {party.name}", lambda: _holds(party) == 0 or None)


def _paid(party: Party) -> int:
    """What the bank was sent, once every payout of the party has ended."""

    def look() -> int | None:
        payouts = party.every("payments", "/v1/payouts")
        ended = [one["amount"]["minor"] for one in payouts if one["state"] == "paid"]
        return sum(ended) if payouts and len(ended) == len(payouts) else None

    return await_that(f"the payout of {party.name}", look)
