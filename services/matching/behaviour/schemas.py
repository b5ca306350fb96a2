"""The JSON of the record of behaviour."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import IdField, Moment, PageQuery, Reply, page_of


class BehaviourQuery(PageQuery):
    """Whose record, and which page of it."""

    organization_id = IdField("org", load_default=None)


class BehaviourSchema(Reply):
    """One deed."""

    id = fields.String(required=True)
    organization_id = fields.String(required=True)
    deed = fields.String(required=True)
    gathering_id = fields.String(required=True)
    amount = fields.Integer(required=True)
    at = Moment(required=True)


BehaviourPage = page_of(BehaviourSchema, "BehaviourPage")
