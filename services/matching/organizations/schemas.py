"""Identity's events, as far as matching reads them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.web.schemas import EventSchema
from services.matching.organizations.domain import Organization


class OrganizationRegisteredSchema(EventSchema):
    """Identity's ``identity.organization.registered.v1``."""

    organization_id = fields.String(required=True)
    kind = fields.String(required=True)

    @post_load
    def to_organization(self, values: dict[str, Any], **_: object) -> Organization:
        """Read it as what we keep."""
        return Organization(id=values["organization_id"], kind=values["kind"])
