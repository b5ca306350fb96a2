"""The JSON of invitations, tickets and ratings."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger

MOST_INVITED_AT_ONCE = 200
LONGEST_CODE = 1024


class InviteSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/invitations``; without a community, for anyone."""

    community_id = IdField("com", load_default=None, allow_none=True)
    count = StrictInteger(required=True, validate=validate.Range(min=1, max=MOST_INVITED_AT_ONCE))


class InvitationSchema(Reply):
    """A place for one guest, and the code to show at the door."""

    id = fields.String(attribute="invitation.id", required=True)
    gathering_id = fields.String(attribute="invitation.gathering_id", required=True)
    community_id = fields.String(attribute="invitation.community_id", allow_none=True)
    organization_id = fields.String(attribute="invitation.organization_id", required=True)
    code = fields.String(required=True)


class InvitationsSchema(Reply):
    """The invitations just made."""

    items = fields.List(fields.Nested(InvitationSchema), required=True)


class CheckInSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/check-ins``."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_CODE))


class RateSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/ratings``."""

    ticket_id = IdField("tkt", required=True)
    stars = StrictInteger(required=True, validate=validate.Range(min=1, max=5))


class TicketSchema(Reply):
    """One guest who came."""

    id = fields.String(required=True)
    gathering_id = fields.String(required=True)
    community_id = fields.String(allow_none=True)
    invitation_id = fields.String(required=True)
    brought_by = fields.String(required=True)
    checked_in_at = Moment(required=True)
    stars = fields.Integer(allow_none=True)


class RatingSchema(Reply):
    """What one guest thought."""

    gathering_id = fields.String(required=True)
    ticket_id = fields.String(attribute="id", required=True)
    stars = fields.Integer(required=True)


class CameBySchema(Reply):
    """Guests of one community, brought by one organisation."""

    community_id = fields.String(allow_none=True)
    organization_id = fields.String(required=True)
    guests = fields.Integer(required=True)


class TurnoutSchema(Reply):
    """Who came, counted; the mean rating is ``stars / ratings``."""

    invited = fields.Integer(required=True)
    checked_in = fields.Integer(required=True)
    ratings = fields.Integer(required=True)
    stars = fields.Integer(required=True)
    came_by = fields.List(fields.Nested(CameBySchema), required=True)
