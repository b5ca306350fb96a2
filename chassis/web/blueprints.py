"""Routes and what is asked of their callers, said beside each view."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, TypeVar

import flask_smorest
from flask import Request, g
from marshmallow import ValidationError, missing
from webargs.flaskparser import FlaskParser

from chassis.permissions import Permission
from chassis.web import strict_json

View = TypeVar("View", bound=Callable[..., Any])
KEY_HEADER = "Idempotency-Key"
MARK = "_teahouse_"


class Parser(FlaskParser):
    """Reads arguments; what a schema does not accept is a 400, in the query as in the body."""

    DEFAULT_VALIDATION_STATUS = 400
    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": None,  # as the schema says
    }

    def __init__(self) -> None:
        super().__init__()
        self._of_nothing: dict[Any, Any] = {}

    def parse(
        self,
        argmap: Any,  # noqa: ANN401 - webargs' own
        req: Request | None = None,
        *,
        location: str | None = None,
        **options: Any,  # noqa: ANN401 - webargs' own
    ) -> Any:  # noqa: ANN401 - whatever the schema makes
        """What a schema reads from a request; from a query that is empty, only once."""
        if location != "query" or (req or self.get_default_request()).query_string:
            return super().parse(argmap, req, location=location, **options)
        if argmap not in self._of_nothing:
            self._of_nothing[argmap] = super().parse(argmap, req, location=location, **options)
        return copy(self._of_nothing[argmap])

    def _raw_load_json(self, req: Request) -> Any:  # noqa: ANN401 - JSON
        """The body; ``missing`` when there is none."""
        raw = req.get_data()
        if not raw:
            return missing
        try:
            return strict_json.read(raw)
        except strict_json.UnreadableJson as error:
            raise ValidationError(error.errors) from None


class Blueprint(flask_smorest.Blueprint):
    """A flask-smorest blueprint whose operations are named after their views.

    Callers must be logged in unless the view is ``@public``; a POST needs an
    ``Idempotency-Key`` unless it is ``@keyless``.
    """

    ARGUMENTS_PARSER = Parser()

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - Flask's own
        """Route a reading view."""
        return self._verb("GET", rule, options)

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - Flask's own
        """Route a view that creates or moves something."""
        return self._verb("POST", rule, options)

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - Flask's own
        """Route a view that replaces something."""
        return self._verb("PUT", rule, options)

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - Flask's own
        """Route a view that ends something."""
        return self._verb("DELETE", rule, options)

    def arguments(self, schema: Any, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - Flask's own
        """Hand the view what a schema reads from the body (or another ``location``)."""
        # Of a class another instance would be made for each request.
        reader = schema() if isinstance(schema, type) else schema
        found: Callable[[View], View] = super().arguments(reader, **options)
        return found

    def response(self, *said: Any, **options: Any) -> Callable[[View], View]:  # noqa: ANN401 - Flask's own
        """Answer with this status, dumped by this schema."""
        found: Callable[[View], View] = super().response(*said, **options)
        return found

    def _verb(self, verb: str, rule: str, options: dict[str, Any]) -> Callable[[View], View]:
        def register(view: View) -> View:
            documented = _marking("operation", value=True)(
                self.doc(**_documentation(verb, view))(view)
            )
            self.add_url_rule(rule, None, documented, methods=[verb], **options)
            return view

        return register


def _documentation(verb: str, view: Callable[..., Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"operationId": view.__name__}
    if not mark(view, "public"):
        said["security"] = [{"bearer": []}]
    if mark(view, "accepts"):
        mimetypes, _ = mark(view, "accepts")
        file = {"schema": {"type": "string", "format": "binary"}}
        said["requestBody"] = {"required": True, "content": dict.fromkeys(mimetypes, file)}
    if verb == "POST" and not mark(view, "keyless"):
        said["parameters"] = [
            {
                "name": KEY_HEADER,
                "in": "header",
                "required": True,
                "description": "Any text of up to 255 characters, the same for every retry.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        ]
    return said


def mark(view: object, name: str) -> Any:  # noqa: ANN401 - marks differ in kind
    """What a decorator below said of a view, or None."""
    return getattr(view, MARK + name, None)


def _marking(name: str, *, value: object) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        setattr(view, MARK + name, value)
        return view

    return decorate


def needs(permission: Permission) -> Callable[[View], View]:
    """Let in only callers whose role has this permission."""
    return _marking("permission", value=permission)


def accepts(*mimetypes: str, limit_bytes: int) -> Callable[[View], View]:
    """Take a body of these types instead of JSON, up to this size."""
    return _marking("accepts", value=(mimetypes, limit_bytes))


def public(view: View) -> View:
    """Let anybody in."""
    return _marking("public", value=True)(view)


def keyless(view: View) -> View:
    """Ask for no ``Idempotency-Key``: a second call does no harm."""
    return _marking("keyless", value=True)(view)


def keyed(view: View) -> View:
    """Leave it to the view to know a retry: it names what it makes with ``id_by_key``.

    Its answers are not kept for replay. A retry is known for ever, is answered with what there
    is by then, and one that says something else is refused with the difference.
    """
    return _marking("keyed", value=True)(view)


def internal(view: View) -> View:
    """Let in only other services, on the internal port."""
    return _marking("internal", value=True)(view)


def untransacted(view: View) -> View:
    """Run outside a transaction: the view does slow work, or stores even if it refuses.

    It opens its own transaction where it writes, and must be ``@keyless``: its answers are
    not kept for replay.
    """
    return _marking("untransacted", value=True)(view)


def first(work: Callable[[], object]) -> Callable[[View], View]:
    """Do this slow ``work`` before the view's transaction; ``done_first`` is its answer.

    The view may then be refused, or answered from an earlier request: what the work stores
    must do no harm when nothing comes to refer to it. What it raises is the answer.
    """
    return _marking("first", value=work)


def do_first(view: View) -> None:
    """Do the work that a view wants done before its transaction, if any."""
    work = mark(view, "first")
    g.done_first = work() if work else None


def done_first() -> Any:  # noqa: ANN401 - works differ in kind
    """What the work of this view's ``@first`` answered."""
    return g.done_first
