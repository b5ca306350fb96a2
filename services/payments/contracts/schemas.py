"""The JSON of share contracts."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import (
    GREATEST_MINOR,
    Moment,
    MoneySchema,
    Reply,
    Request,
    StrictInteger,
)
from services.payments.contracts.use_cases import Trial
from sharing.terms import ROLES

MOST_SALES = 10_000
MOST_REFUNDS = 50


def _minors(most: int) -> fields.List[int]:
    amount = StrictInteger(validate=validate.Range(min=0, max=GREATEST_MINOR))
    return fields.List(amount, load_default=list, validate=validate.Length(max=most))


class ContractBodySchema(Request):
    """A contract as data: ``sharing/share-contract.schema.json`` says its form."""

    contract = fields.Dict(required=True)


class SignContractSchema(Request):
    """Agreement to the version with this digest."""

    digest = fields.String(required=True, validate=validate.Regexp(r"^sha256:[0-9a-f]{64}$"))


class SimulateSchema(Request):
    """Sales and refunds in minor units, in order, and who would be there."""

    version = StrictInteger(load_default=None, allow_none=True)
    sales = _minors(MOST_SALES)
    refunds = _minors(MOST_REFUNDS)
    subsidy = StrictInteger(load_default=0, validate=validate.Range(min=0, max=GREATEST_MINOR))
    heads = StrictInteger(load_default=0, validate=validate.Range(min=0, max=100_000))
    heads_wanted = StrictInteger(load_default=0, validate=validate.Range(min=0, max=100_000))
    present = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ROLES)),
        values=fields.List(
            fields.String(validate=validate.Length(min=1, max=64)),
            validate=validate.Length(max=50),
        ),
        load_default=dict,
    )

    @post_load
    def to_trial(self, values: dict[str, Any], **_: object) -> Trial:
        """Make it a value."""
        return Trial(**values)


class SignedKitReply(Reply):
    """What a kit's brands signed: basis points by organisation."""

    kit_id = fields.String()
    terms_digest = fields.String()
    price = fields.Nested(MoneySchema)
    brand_shares = fields.Dict(keys=fields.String(), values=fields.Integer())
    royalties = fields.Dict(keys=fields.String(), values=fields.Integer())


class SignatureReply(Reply):
    """Who agreed, and when; ``stake`` is the digest of all that concerns that party."""

    organization_id = fields.String()
    stake = fields.String()
    at = Moment()


class VersionReply(Reply):
    """One version; it counts from ``published_at`` on."""

    number = fields.Integer()
    terms = fields.Function(lambda version: version.terms.data, metadata={"type": "object"})
    digest = fields.String()
    drafted_by = fields.String()
    drafted_at = Moment()
    signatures = fields.List(fields.Nested(SignatureReply))
    missing = fields.List(fields.String())
    published_at = Moment(allow_none=True)


class ShareContractReply(Reply):
    """A contract with its versions; ``in_force`` is the number that settlements go by."""

    id = fields.String()
    claim_id = fields.String()
    offer_id = fields.String()
    kit = fields.Nested(SignedKitReply, allow_none=True)
    versions = fields.List(fields.Nested(VersionReply))
    in_force = fields.Function(
        lambda contract: contract.in_force and contract.in_force.number,
        metadata={"type": ["integer", "null"]},
    )


class ReasonReply(Reply):
    """Why an amount is what it is; ``exact`` and ``rounded`` are fractions of minor units."""

    en = fields.String()
    zh = fields.String()
    path = fields.List(fields.String())
    exact = fields.String()
    rounded = fields.String()


class SimulatedLineReply(Reply):
    """What one party would have or give."""

    account = fields.String()
    role = fields.String()
    organization_id = fields.String()
    minor = fields.Integer()
    why = fields.Nested(ReasonReply)


class SimulationReply(Reply):
    """What would be booked: the settlement, each refund after it, and what everybody keeps.

    ``subsidy`` is what becomes of it: out of escrow, to the host, and back to its fund.
    """

    currency = fields.String()
    settled = fields.List(fields.Nested(SimulatedLineReply))
    refunds = fields.List(fields.List(fields.Nested(SimulatedLineReply)))
    kept = fields.List(fields.Nested(SimulatedLineReply))
    subsidy = fields.List(fields.Nested(SimulatedLineReply))
