"""Audits and rebuilding as JSON."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Moment, Reply


class AuditSchema(Reply):
    """How far the projections are compared with the log; no mismatch when all is right."""

    at = Moment(required=True, allow_none=True)
    segments = fields.Integer(required=True)
    behind = fields.Integer(required=True)
    mismatches = fields.Integer(required=True)
    findings = fields.List(fields.String(), required=True)


class ProjectionSchema(Reply):
    """How many segments of the log are projected, of how many."""

    segments = fields.Integer(required=True)
    behind = fields.Integer(required=True)
