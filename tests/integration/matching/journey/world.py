"""Callers of matching, and catalog and payments as scripts at its two ends."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from typing import Any

from chassis.envelope import Event, parse
from chassis.kernel.decisions import Decision
from chassis.mongo import atomically, collection
from services.matching.communities.repositories import MongoCommunities
from services.matching.offers.repositories import MongoOfferNotes
from services.matching.organizations.domain import Organization
from services.matching.organizations.repositories import MongoOrganizations
from services.matching.supply.domain import OpenedSlot, Venue
from services.matching.supply.repositories import MongoCartridges, MongoSlots
from tests.builders.matching import (
    AUTHOR,
    BRAND,
    CO_HOST,
    DIGEST,
    HOST,
    NOW,
    OTHER_BRAND,
    PLATFORM_ORG,
    STRANGER,
    VENUE_OWNER,
    a_community,
    a_lot,
    a_version,
    an_id,
    an_offer,
    an_open_slot,
)
from tests.tokens import SigningKeys, bearer

KINDS = {
    BRAND: "brand",
    OTHER_BRAND: "brand",
    HOST: "host",
    CO_HOST: "host",
    STRANGER: "host",
    VENUE_OWNER: "venue",
    AUTHOR: "author",
    PLATFORM_ORG: "platform",
}
Script = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]

ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "catalog.command.reserve-packs.v1": (
        "catalog.reply.packs-reserved.v1",
        {"reservation_id": an_id("rsv")},
    ),
    "catalog.command.release-packs.v1": ("catalog.reply.packs-released.v1", {}),
    "catalog.command.reserve-kit.v1": ("catalog.reply.kit-reserved.v1", {}),
    "catalog.command.release-kit.v1": ("catalog.reply.kit-released.v1", {}),
    "payments.command.place-kit-hold.v1": (
        "payments.reply.hold-placed.v1",
        {"contract_id": an_id("ctr")},
    ),
    "catalog.command.book-slot.v1": ("catalog.reply.slot-booked.v1", {}),
    "catalog.command.release-slot.v1": ("catalog.reply.slot-released.v1", {}),
    "payments.command.place-hold.v1": (
        "payments.reply.hold-placed.v1",
        {"contract_id": an_id("ctr")},
    ),
    "payments.command.release-hold.v1": ("payments.reply.hold-released.v1", {}),
    "payments.command.settle-gathering.v1": (
        "payments.reply.gathering-settled.v1",
        {"settlement_id": an_id("stl")},
    ),
    "payments.command.cancel-gathering.v1": ("payments.reply.gathering-cancelled.v1", {}),
    "payments.command.refund-sale.v1": ("payments.reply.sale-refunded.v1", {}),
}


class World:
    """One matching, its callers and its peers."""

    def __init__(self, app, worker, keys: SigningKeys) -> None:
        self.app, self.worker, self.keys = app, worker, keys
        self.answers = dict(ANSWERS)
        self._answered: set[str] = set()
        self._numbers = itertools.count(1)

    def learn(self) -> None:
        """Note what identity and catalog have told."""
        slot = an_open_slot()
        notes, slots = MongoOfferNotes(), MongoSlots()
        notes.publish_lots([a_lot()])
        notes.open_offers([an_offer()])
        slots.note_venues(
            [
                Venue(
                    id=slot.venue_id,
                    venue_org_id=slot.venue_org_id,
                    city=slot.city,
                    capacity=slot.capacity,
                    equipment=(),
                )
            ]
        )
        slots.note_slots(
            [
                OpenedSlot(
                    id=slot.id,
                    venue_id=slot.venue_id,
                    starts_at=slot.starts_at,
                    ends_at=slot.ends_at,
                )
            ]
        )
        MongoCartridges().note([a_version()])
        MongoOrganizations().put_all(
            [Organization(id=who, kind=kind) for who, kind in KINDS.items()]
        )
        for community in (a_community(), a_community(id=an_id("com", 2), host_id=CO_HOST)):
            MongoCommunities().save(Decision(community))

    # Callers

    def post(self, who, path, body=None, *, key=None, role="owner"):
        given = {} if body is None else {"json": body}
        token = self.keys.member(who, KINDS[who], role)
        headers = bearer(token, key or uuid.uuid4().hex)
        return self.app.test_client().post(path, headers=headers, **given)

    def get(self, who, path, **query):
        token = self.keys.member(who, KINDS[who])
        return self.app.test_client().get(path, headers=bearer(token), query_string=query)

    def claim(self, **changes) -> str:
        """A claim of the host's, requested; answer its id."""
        answer = self.post(HOST, "/v1/claims", A_CLAIM | changes)
        assert answer.status_code == 201, answer.json
        return answer.json["id"]

    def gathering(self, **changes) -> str:
        """A gathering on a confirmed claim, open; answer its path."""
        claim_id = self.claim()
        self.answer_all()
        answer = self.post(HOST, "/v1/gatherings", A_PLAN | {"claim_id": claim_id} | changes)
        assert answer.status_code == 201, answer.json
        self.answer_all()
        return f"/v1/gatherings/{answer.json['id']}"

    def invite(self, path, count=1, who=HOST, community_id=None) -> list[str]:
        body = {"community_id": community_id or an_id("com"), "count": count}
        answer = self.post(who, f"{path}/invitations", body)
        assert answer.status_code == 201, answer.json
        return [item["code"] for item in answer.json["items"]]

    def check_in(self, path, code, who=HOST):
        return self.post(who, f"{path}/check-ins", {"code": code})

    def sell(self, path, minor=31_250, who=HOST, **changes):
        amount = {"minor": minor, "currency": "CNY"}
        return self.post(who, f"{path}/sales", {"units": 2, "amount": amount} | changes)

    def show(self, path):
        answer = self.post(HOST, f"{path}/evidence", {"kind": "photo", "digest": DIGEST})
        assert answer.status_code == 201, answer.json

    # Peers

    def commands(self) -> list[Event]:
        """Every command sent so far, in order."""
        rows = collection("outbox").find({"sequence": None}).sort("place", 1)
        return [parse(row["event"]) for row in rows]

    def answer_all(self) -> list[str]:
        """Answer commands, and those that follow from the answers; answer their types."""
        heard: list[str] = []
        while fresh := [sent for sent in self.commands() if sent.id not in self._answered]:
            for sent in fresh:
                self._answered.add(sent.id)
                heard.append(sent.type)
                if sent.type in self.answers:
                    answer_type, data = self.answers[sent.type]
                    self.hear(answer_type, sent.correlation_id, **data)
        return heard

    def hear(self, answer_type, saga_id, **data) -> None:
        """Hand a reply to matching's consumer."""
        reply = Event(
            id=f"msg_{next(self._numbers)}",
            type=answer_type,
            source="/catalog/1",
            subject=saga_id,
            time=NOW,
            key=saga_id,
            correlation_id=saga_id,
            data=data,
        )
        handler = self.worker.subscriptions[0].handlers[answer_type]
        atomically(lambda: handler([reply]))

    def run_tasks(self) -> None:
        """What the worker does by the clock, once."""
        for task in self.worker.tasks:
            task.function()

    # What is stored

    def facts(self, subject) -> list[str]:
        """The types of a subject's events, by sequence, which has no hole."""
        rows = list(collection("outbox").find({"subject": subject, "sequence": {"$gt": 0}}))
        rows.sort(key=lambda row: row["sequence"])
        assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
        return [row["type"] for row in rows]

    def counts(self) -> dict[str, int]:
        """How much is stored, to show that a refusal stored nothing."""
        names = ("claims", "gatherings", "sales", "tickets", "invitations", "behaviour")
        kept = {name: collection(name).count_documents({}) for name in names}
        versions = collection("gatherings").aggregate(
            [{"$group": {"_id": None, "sum": {"$sum": "$version"}}}]
        )
        return kept | {
            "sagas": collection("sagas").count_documents({}),
            "outbox": collection("outbox").count_documents({}),
            "versions": sum(row["sum"] for row in versions),
        }


A_CLAIM = {
    "lot_id": an_id("lot"),
    "offer_id": an_id("off"),
    "community_id": an_id("com"),
    "packs": 2,
}
A_PLAN = {
    "title": "Tea under the lanterns",
    "cartridge_digest": DIGEST,
    "venue_id": an_id("ven"),
    "slot_id": an_id("slt"),
    "co_host_ids": [CO_HOST],
}
