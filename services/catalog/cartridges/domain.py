"""A cartridge and its versions: what is published never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from services.catalog.cartridges.engine.check import problems_of
from services.catalog.cartridges.engine.digest import digest_of, tidy
from services.catalog.cartridges.events import VersionPublished


class CartridgeNotFound(NotFound):
    """There is no such cartridge, or no such version of it."""

    code = "cartridge-not-found"
    hint = "Check the cartridge's identifier and the version."
    chinese = "没有这个卡带或该版本，请核对编号与版本号。"


class ManifestInvalid(RuleBroken):
    """The manifest does not follow the cartridge format."""

    code = "manifest-invalid"
    hint = "Put right what errors lists, path by path."
    chinese = "卡带清单不符合规范，请按 errors 逐项修改。"


class VersionImmutable(Conflict):
    """The version is published already, with other content."""

    code = "version-immutable"
    hint = "Raise the version number; what is published never changes."
    chinese = "该版本已发布且内容不同；已发布的版本不可更改，请提升版本号。"


@dataclass(frozen=True, slots=True)
class CartridgeVersion:
    """One published manifest."""

    cartridge_id: str
    author_id: str
    name: str
    version: str
    digest: str
    manifest: Mapping[str, Any]
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Cartridge:
    """A theme by one author. ``digests`` pins the content of every version.

    ``fresh`` is the version decided since it was read; saving writes it.
    """

    id: str
    author_id: str
    name: str
    digests: Mapping[str, str] = field(default_factory=dict)
    latest: str = ""
    revision: Revision = Revision()
    fresh: CartridgeVersion | None = field(default=None, compare=False)

    def publish(self, manifest: Mapping[str, Any], *, at: datetime) -> Decision[Cartridge]:
        """Add a version. The same content again changes nothing.

        Raises ``VersionImmutable`` when the version has other content. The manifest must
        have been checked and be of this cartridge's name.
        """
        version, digest = str(manifest["version"]), digest_of(manifest)
        known = self.digests.get(version)
        if known == digest:
            return Decision(self)
        if known is not None:
            raise VersionImmutable(f"{self.name} {version} is {known}", digest=known)
        fresh = CartridgeVersion(self.id, self.author_id, self.name, version, digest, manifest, at)
        fact = VersionPublished(
            cartridge_id=self.id,
            author_id=self.author_id,
            name=self.name,
            version=version,
            digest=digest,
            min_people=manifest["people"]["min"],
            max_people=manifest["people"]["max"],
            occurred_at=at,
        )
        published = replace(
            self, digests={**self.digests, version: digest}, latest=version, fresh=fresh
        )
        return Decision(published, (fact,))


def checked(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """The manifest, its whole numbers tidied; raise ``ManifestInvalid`` with all problems."""
    problems = problems_of(manifest)
    if problems:
        raise ManifestInvalid(
            f"{len(problems)} to put right, first at {problems[0].path or '/'}",
            errors=[asdict(problem) for problem in problems],
        )
    whole: Mapping[str, Any] = tidy(manifest)
    return whole


def cartridge_id(author_id: str, name: str) -> str:
    """An author has one cartridge of a name, so the id follows from both."""
    return derived_id("crt", author_id, name)
