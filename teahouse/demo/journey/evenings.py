"""Gatherings from the plan to the last rating, as hosts, guests and brands live them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from teahouse.demo.journey.crew import Stage, await_that, once_not, together
from teahouse.demo.journey.opening import money
from teahouse.demo.journey.parties import Party
from teahouse.demo.journey.plans import Ending, Plan
from teahouse.demo.journey.town import Community, Host
from teahouse.demo.journey.wire import Refused

PLANNED, OPENED, REFUSED = "planned", "opened", "refused"
HELD, APPROVED, SETTLED, CANCELLED = "held", "approved", "settled", "cancelled"
BOOKED_WITHIN_SECONDS = 120.0
SETTLED_WITHIN_SECONDS = 180.0
RATERS = 3


def plan_all(plans: Sequence[Plan], stage: Stage) -> None:
    """Plan every gathering and wait until each has its slot, or was refused it."""
    together(_plan, plans, stage)
    for plan in plans:
        plan.status = await_that(
            f"the slot of {plan.title}",
            lambda plan=plan: _status_other_than(plan, PLANNED),  # type: ignore[misc] # bound at once
            timeout_seconds=BOOKED_WITHIN_SECONDS,
        )


def live(plan: Plan) -> None:
    """One evening: guests come and buy, something may come back, it is held or called off."""
    _welcome(plan)
    _sell(plan)
    if plan.ending is Ending.CANCELLED:
        _post(plan, plan.host.party, "cancellations", {"why": "The pipes have burst."})
        return
    if plan.goes_back.is_before:
        plan.back_before_fen = _give_back(plan)
    _show(plan)
    held = once_not("not-begun", lambda: _post(plan, plan.host.party, "holdings", {}))
    plan.checked_in = held["checked_in"]


def decide(plan: Plan, operator: Party) -> None:
    """Let the brand approve, object, or say nothing."""
    if plan.ending is Ending.BRAND:
        _post(plan, plan.brand.party, "approvals", {})
    if plan.ending is Ending.RULING:
        _post(plan, plan.brand.party, "disputes", {"why": "The photo shows another room."})
        _post(plan, operator, "approvals", {})


def await_end(plan: Plan) -> None:
    """Wait until everybody is paid, or everything is given back; then read the settlement."""
    wanted = CANCELLED if plan.ending is Ending.CANCELLED else SETTLED
    found = await_that(
        f"{plan.title} to be {wanted}",
        lambda: _read_if(plan, wanted),
        timeout_seconds=SETTLED_WITHIN_SECONDS,
        poll_seconds=0.2,
    )
    plan.status, plan.settled_by = found["status"], found["approved_by"] or ""
    if plan.status == SETTLED:
        path = f"/v1/settlements/{found['settlement_id']}"
        plan.settlement = plan.host.party.get("payments", path)


def rate(plan: Plan) -> None:
    """Let some who were there say what they thought; they need no account for that."""
    for place, ticket in enumerate(plan.tickets[:RATERS]):
        _post(plan, plan.host.party, "ratings", {"ticket_id": ticket, "stars": 5 - place % 2})


def give_back_after(plan: Plan) -> None:
    """Let the first buyer bring goods back after everybody was paid."""
    plan.back_after_fen = _give_back(plan)


def _plan(plan: Plan) -> None:
    body: dict[str, Any] = {
        "title": plan.title,
        "claim_id": plan.claimed.id,
        "cartridge_digest": plan.theme.digest,
        "venue_id": plan.slot.venue_id,
        "slot_id": plan.slot.slot_id,
        "co_host_ids": [plan.co_host.id] if plan.co_host else [],
    }
    if plan.naming_rights_id:
        body["naming_rights_id"] = plan.naming_rights_id
    plan.id = plan.host.party.post("matching", "/v1/gatherings", body)["id"]


def _show(plan: Plan) -> None:
    """A note, and a photo for everything that the cartridge requires to be shown."""
    said = {"kind": "note", "text": f"{len(plan.tickets)} came."}
    _post(plan, plan.host.party, "evidence", said)
    wanted = plan.host.party.get("matching", f"/v1/gatherings/{plan.id}")["wanted"]
    for each in wanted:
        if each["required"]:
            shown = {"kind": each["kinds"][0], "text": plan.title, "answers": each["path"]}
            _post(plan, plan.host.party, "evidence", shown)


def _welcome(plan: Plan) -> None:
    """Invite, then check in by the signed codes; a co-host brings half of the guests."""
    inviting: list[tuple[Host, int]] = [(plan.host, len(plan.baskets))]
    if plan.co_host:
        brought = len(plan.baskets) // 2
        inviting = [(plan.host, len(plan.baskets) - brought), (plan.co_host, brought)]
    for host, count in inviting:
        for code in _codes(plan, host, count):
            plan.tickets.append(_let_in(plan, host, code))


def _let_in(plan: Plan, host: Host, code: str) -> str:
    # A service may look at its clock a moment later than the others.
    ticket = once_not("doors-closed", lambda: _post(plan, host.party, "check-ins", {"code": code}))
    return str(ticket["id"])


def _codes(plan: Plan, host: Host, count: int) -> list[str]:
    community: Community = host.communities[0]
    body = {"community_id": community.id, "count": count}
    answer = _post(plan, host.party, "invitations", body)
    return [invitation["code"] for invitation in answer["items"]]


def _sell(plan: Plan) -> None:
    for ticket, basket in zip(plan.tickets, plan.baskets, strict=True):
        body = {"ticket_id": ticket, "units": basket.units, "amount": money(basket.fen)}
        sale = _post(plan, plan.host.party, "sales", body)
        plan.sales.append((sale["id"], sale["amount"]["minor"]))
        plan.units_sold += sale["units"]


def _give_back(plan: Plan) -> int:
    """Refund the first sale and wait until payments has paid; answer how much."""
    sale_id, sold_fen = plan.sales[0]
    fen = plan.goes_back.of(sold_fen)
    body = {"amount": money(fen), "packs_returned": 1 if fen == sold_fen else 0}
    _post(plan, plan.host.party, f"sales/{sale_id}/refunds", body)
    await_that(
        f"the refund of {plan.title}",
        lambda: _refund_end(plan, sale_id),
        timeout_seconds=SETTLED_WITHIN_SECONDS,
        poll_seconds=0.2,
    )
    return fen


def _refund_end(plan: Plan, sale_id: str) -> bool | None:
    """True once the refund is paid; raise when it was refused."""
    sale = plan.host.party.get("matching", f"/v1/gatherings/{plan.id}/sales/{sale_id}")
    (refund,) = sale["refunds"]
    if refund["state"] == REFUSED:
        raise Refused(f"refund of {plan.title}", 422, refund)
    return True if refund["state"] == "refunded" else None


def _read_if(plan: Plan, status: str) -> dict[str, Any] | None:
    found: dict[str, Any] = plan.host.party.get("matching", f"/v1/gatherings/{plan.id}")
    return found if found["status"] == status else None


def _status_other_than(plan: Plan, status: str) -> str | None:
    found = plan.host.party.get("matching", f"/v1/gatherings/{plan.id}")
    return str(found["status"]) if found["status"] != status else None


def _post(plan: Plan, by: Party, what: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return by.post("matching", f"/v1/gatherings/{plan.id}/{what}", body)
