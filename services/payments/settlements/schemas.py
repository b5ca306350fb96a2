"""The JSON of settlements, and the sagas' commands read as ours."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from chassis.web.schemas import (
    EventSchema,
    IdField,
    MoneyRead,
    MoneySchema,
    PageQuery,
    Reply,
    page_of,
)


class SettleGatheringSchema(EventSchema):
    """``payments.command.settle-gathering.v1``."""

    gathering_id = fields.String(required=True)
    claim_id = fields.String(required=True)
    parties = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), required=True)
    royalties = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(strict=True),
        allow_none=True,
        load_default=None,
    )
    checked_in = fields.Integer(required=True, strict=True)
    min_checked_in = fields.Integer(required=True, strict=True)
    naming_rights_id = fields.String(allow_none=True, load_default=None)
    cartridge_digest = fields.String(allow_none=True, load_default=None)


class RefundSaleSchema(EventSchema):
    """``payments.command.refund-sale.v1``."""

    gathering_id = fields.String(required=True)
    sale_id = fields.String(required=True)
    refund_id = fields.String(required=True)
    amount = fields.Nested(MoneyRead, required=True)


class CancelGatheringSchema(EventSchema):
    """``payments.command.cancel-gathering.v1``."""

    gathering_id = fields.String(required=True)
    claim_id = fields.String(required=True)


class LineReply(Reply):
    """One leg and its reason; ``exact`` and ``rounded`` are fractions of minor units."""

    account = fields.String()
    role = fields.String()
    organization_id = fields.String()
    minor = fields.Integer()
    why_en = fields.String(attribute="why.en")
    why_zh = fields.String(attribute="why.zh")
    path = fields.List(fields.String(), attribute="why.path")
    exact = fields.String(attribute="why.exact")
    rounded = fields.String(attribute="why.rounded")


class ShareReply(Reply):
    """One party's share of the takings; ``held_for`` is the copy claim that it waits for."""

    role = fields.String()
    organization_id = fields.String()
    amount = fields.Nested(MoneySchema)
    held_for = fields.String(allow_none=True)


class SettlementReply(Reply):
    """A settlement; ``state`` is ``completed`` once the ledger holds it."""

    id = fields.String()
    gathering_id = fields.String()
    claim_id = fields.String()
    contract_id = fields.String()
    contract_version = fields.Integer()
    takings = fields.Nested(MoneySchema)
    subsidy_paid = fields.Nested(MoneySchema)
    checked_in = fields.Integer()
    state = fields.String()
    shares = fields.Function(
        lambda settlement: ShareReply(many=True).dump(settlement.paid_shares(settlement.shares)),
        metadata={"type": "array", "items": {"type": "object"}},
    )
    naming_earned = fields.Function(
        lambda settlement: (
            MoneySchema().dump(settlement.earning.amount) if settlement.earning else None
        ),
        metadata={"type": ["object", "null"]},
    )


class NoteReply(Reply):
    """What brought nobody anything, and why; ``path`` names the steps, or is ``naming``."""

    en = fields.String()
    zh = fields.String()
    path = fields.List(fields.String())


class ExplanationReply(Reply):
    """Every fen of a settlement, explained in both languages; ``notes`` say what brought none."""

    id = fields.String()
    currency = fields.Function(lambda settlement: settlement.takings.currency)
    lines = fields.Function(
        lambda settlement: LineReply(many=True).dump(settlement.lines()),
        metadata={"type": "array", "items": {"type": "object"}},
    )
    notes = fields.List(fields.Nested(NoteReply))


class SettlementsQuery(PageQuery):
    """Query of the list of settlements."""

    gathering_id = IdField("gth", load_default=None)


SettlementsPage = page_of(SettlementReply, "SettlementsPage")


def read(schema: type[EventSchema], body: dict[str, Any]) -> dict[str, Any]:
    """A recorded command's fields, its envelope beside them."""
    said: dict[str, Any] = schema().load(body["data"])
    return {"message_id": body["message_id"], "saga_id": body["saga_id"], **said}
