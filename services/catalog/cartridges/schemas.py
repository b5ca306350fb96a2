"""The JSON of cartridges."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Moment, PageQuery, Reply, Request, page_of


class PublishVersionSchema(Request):
    """Body of ``POST /v1/cartridges``; the manifest follows ``manifest.schema.json``."""

    manifest = fields.Dict(keys=fields.String(), required=True)


class CartridgeQuery(PageQuery):
    """Query of the list of cartridges."""

    mine = fields.Boolean(load_default=False)
    digest = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^sha256:[0-9a-f]{64}$", error="Not a digest: sha256:..."),
    )


class CartridgeVersionSchema(Reply):
    """One published version; its digest pins it."""

    cartridge_id = IdField("crt", required=True)
    author_id = IdField("org", required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    manifest = fields.Dict(required=True)
    published_at = Moment(required=True)


class PinnedVersionSchema(Reply):
    """A version and its digest."""

    version = fields.String(required=True)
    digest = fields.String(required=True)


class CartridgeSchema(Reply):
    """A cartridge and its versions, in the order they were published."""

    id = IdField("crt", required=True)
    author_id = IdField("org", required=True)
    name = fields.String(required=True)
    latest = fields.String(required=True)
    versions = fields.List(fields.Nested(PinnedVersionSchema), required=True)


CartridgePage = page_of(CartridgeSchema, "CartridgePage")
