"""Whose money a naming package still holds."""

from __future__ import annotations

from services.payments.naming.documents import NamingRightsDocument


def brand_of_package(path: str) -> str | None:
    """The brand behind ``naming:{id}:deferred``; None for an account of another kind."""
    match path.split(":"):
        case ["naming", package_id, "deferred"]:
            package = NamingRightsDocument.objects(pk=package_id).only("brand_id").first()
            return package and str(package.brand_id)
        case _:
            return None
