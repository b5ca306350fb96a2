"""Matching's facts, as far as catalog reads them about hosts."""

from __future__ import annotations

from chassis.web.schemas import EventSchema, IdField


class ClaimSettledSchema(EventSchema):
    """What we need of ``matching.claim.settled.v1``."""

    host_id = IdField("org", required=True)
