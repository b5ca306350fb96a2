"""The JSON of registrations."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate

from chassis.web.schemas import Moment, Reply, Request, Text, page_of
from services.matching.attendance.schemas import LONGEST_CODE
from services.matching.gatherings.schemas import QuestionAskedSchema
from services.matching.registrations.domain import Answer

MOST_ANSWERS = 30  # as many as a cartridge may ask
LONGEST_SENT = 2_000  # what is longer than an answer may be is told under its question
_word = fields.String(validate=validate.Length(min=1, max=64))
_text = Text(LONGEST_SENT, shortest=0)


class AnswerField(fields.Field[Answer]):
    """A text, a number, true or false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Answer:  # noqa: ANN401 - whatever the client sent
        if isinstance(value, str):
            return str(_text.deserialize(value))
        if isinstance(value, bool | int | float):
            return value
        raise ValidationError("Not a text, a number, true or false.")


class RegisterSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/registrations``: answers by the question's id.

    A choice is answered by its place among the options, counted from 1.
    """

    code = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_CODE))
    answers = fields.Dict(
        keys=_word,
        values=AnswerField(),
        load_default=dict,
        validate=validate.Length(max=MOST_ANSWERS),
    )


class TakeBackSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/registrations/withdrawals``."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_CODE))


class RegistrationSchema(Reply):
    """That a guest has registered; her answers are the host's alone to read."""

    id = fields.String(required=True)
    gathering_id = fields.String(required=True)
    invitation_id = fields.String(required=True)
    registered_at = Moment(required=True)
    is_forgotten = fields.Boolean(required=True)


class FormSchema(Reply):
    """What a guest is asked, of which gathering, and when that is."""

    gathering_id = fields.String(required=True, attribute="id")
    title = fields.String(required=True)
    starts_at = Moment(required=True, attribute="slot.starts_at")
    ends_at = Moment(required=True, attribute="slot.ends_at")
    questions = fields.List(
        fields.Nested(QuestionAskedSchema), required=True, attribute="sheet.questions"
    )


class GuestSchema(Reply):
    """One who was invited: what she answered, and her ticket once she came."""

    invitation_id = fields.String(required=True)
    community_id = fields.String(required=True, allow_none=True)
    brought_by = fields.String(required=True)
    registered_at = Moment(required=True, allow_none=True)
    answers = fields.Dict(keys=fields.String(), values=fields.Raw(), required=True)
    ticket_id = fields.String(required=True, allow_none=True)
    checked_in_at = Moment(required=True, allow_none=True)


GuestPage = page_of(GuestSchema, "GuestPage")
