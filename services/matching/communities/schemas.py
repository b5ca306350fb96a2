"""The JSON of communities."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger, Text, page_of
from services.matching.communities.domain import HEAVIEST, LIGHTEST, Community, Portrait, tidy

LONGEST_NAME = 120
LONGEST_CITY = 60
LONGEST_TAG = 60
MOST_TAGS = 100
LARGEST = 1_000_000


class PortraitSchema(Request):
    """Body of ``POST /v1/communities`` and ``PUT /v1/communities/{id}``; loads to ``Portrait``.

    Tags are compared in lower case; the same tag twice is refused.
    """

    name = Text(LONGEST_NAME, required=True)
    city = Text(LONGEST_CITY, required=True)
    size = StrictInteger(required=True, validate=validate.Range(min=1, max=LARGEST))
    tags = fields.Dict(
        keys=Text(LONGEST_TAG),
        values=StrictInteger(validate=validate.Range(min=LIGHTEST, max=HEAVIEST)),
        required=True,
        validate=validate.Length(min=1, max=MOST_TAGS),
    )

    @post_load
    def to_portrait(self, values: dict[str, Any], **_: object) -> dict[str, Portrait]:
        """Make it a value, with tags in their tidy form."""
        tags = {tidy(tag): weight for tag, weight in values["tags"].items()}
        if len(tags) < len(values["tags"]):
            raise ValidationError("The same tag twice.", "tags")
        return {
            "portrait": Portrait(
                name=values["name"].strip(),
                city=values["city"].strip(),
                size=values["size"],
                tags=tags,
            )
        }


class CommunitySchema(Reply):
    """A community, as everybody who is logged in may see it."""

    id = IdField("com", required=True)
    host_id = IdField("org", required=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    size = fields.Integer(required=True)
    tags = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    founded_at = Moment(required=True)


CommunityPage = page_of(CommunitySchema, "CommunityPage")


def community_reply(community: Community) -> dict[str, Any]:
    """What ``CommunitySchema`` dumps."""
    portrait = community.portrait
    return {
        "id": community.id,
        "host_id": community.host_id,
        "name": portrait.name,
        "city": portrait.city,
        "size": portrait.size,
        "tags": portrait.tags,
        "founded_at": community.founded_at,
    }
