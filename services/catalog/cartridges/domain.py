"""A cartridge and its versions: what is published never changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from cartridges.package import Package
from cartridges.problems import Problem
from cartridges.rules import WHOLE
from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from chassis.kernel.money import split
from services.catalog.cartridges.events import VersionPublished, VersionYanked
from services.catalog.similarity.domain import Report

# With all others who have a part in a gathering they are paid in one entry of 200 legs.
MOST_PAYEES = 20


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


class CartridgeCopied(Conflict):
    """Another author has published the very same here."""

    code = "cartridge-copied"
    hint = "Name the other as its parent, and change what you would do otherwise."
    chinese = "另一位作者已在此发布完全相同的卡带；请以其为来源（parent）改编后再发布。"


class AuthorKeyUnknown(RuleBroken):
    """A co-author has not registered her key here, so nobody could pay her."""

    code = "author-key-unknown"
    hint = "Let every author register her key at POST /v1/author-keys first."
    chinese = "有合作者尚未在本平台登记密钥，无法向其付款；请先由各位作者登记密钥。"


class ParentUnknown(RuleBroken):
    """The cartridge it was made from is not published here."""

    code = "parent-unknown"
    hint = "Publish the parent's package here first, or correct parent.digest."
    chinese = "本平台没有其来源卡带，请先发布来源卡带，或更正 parent.digest。"


class ForkForbidden(RuleBroken):
    """The parent's author allows no cartridges made from it."""

    code = "fork-forbidden"
    hint = "Ask the parent's author, who can publish a version with forks.allowed."
    chinese = "来源卡带的作者不允许改编，请与其联系。"


class ForkShareTooLow(RuleBroken):
    """The parent's author asks for a larger part of the royalty."""

    code = "fork-share-too-low"
    hint = "Raise parent.basis_points to what the parent asks for."
    chinese = "分给来源卡带的份额低于其要求，请提高 parent.basis_points。"


class TooManyPayees(RuleBroken):
    """More organisations would share the royalty than one entry of the books can pay."""

    code = "royalty-payees-too-many"
    hint = "Name fewer authors, or a parent whose royalty fewer share; the answer says how many."
    chinese = "分享版税的组织过多，请减少作者，或改用版税分享方较少的来源卡带；上限见应答。"


class NoAnswer(RuleBroken):
    """A condition of the cartridge has no answer for these people."""

    code = "condition-without-answer"
    hint = "Ask for a number of people that the cartridge is made for."
    chinese = "该卡带的条件对这些人数无法判断，请按卡带的人数范围查询。"


@dataclass(frozen=True, slots=True)
class CartridgeVersion:
    """One published manifest."""

    cartridge_id: str
    author_id: str
    name: str
    version: str
    digest: str
    package: Package
    royalties: Mapping[str, int]  # basis points of the royalty by organisation, 10,000 in all
    published_at: datetime
    yanked_because: str = ""
    report: Report | None = None  # what it was like, in the answer to who published it

    @property
    def manifest(self) -> Mapping[str, Any]:
        """What the package says of the theme."""
        return self.package.manifest


@dataclass(frozen=True, slots=True)
class Cartridge:
    """A theme by one author. ``digests`` pins the content of every version.

    ``yanked`` has the versions that nobody should plan with any more, each with the reason.
    ``fresh`` is the version decided since it was read; saving writes it.
    """

    id: str
    author_id: str
    name: str
    digests: Mapping[str, str] = field(default_factory=dict)
    latest: str = ""
    yanked: Mapping[str, str] = field(default_factory=dict)
    revision: Revision = Revision()
    fresh: CartridgeVersion | None = field(default=None, compare=False)

    def publish(
        self, package: Package, royalties: Mapping[str, int], *, at: datetime
    ) -> Decision[Cartridge]:
        """Add a version. The same content again changes nothing.

        Raises ``VersionImmutable`` when the version has other content. The package must
        have been checked and be of this cartridge's name.
        """
        version, digest = str(package.manifest["version"]), package.digest
        known = self.digests.get(version)
        if known == digest:
            return Decision(self)
        if known is not None:
            raise VersionImmutable(f"{self.name} {version} is {known}", digest=known)
        fresh = CartridgeVersion(
            self.id, self.author_id, self.name, version, digest, package, royalties, at
        )
        fact = VersionPublished(
            cartridge_id=self.id,
            author_id=self.author_id,
            name=self.name,
            version=version,
            digest=digest,
            min_people=package.manifest["people"]["min"],
            max_people=package.manifest["people"]["max"],
            royalties=royalties,
            manifest=package.manifest,
            occurred_at=at,
        )
        published = replace(
            self, digests={**self.digests, version: digest}, latest=version, fresh=fresh
        )
        return Decision(published, (fact,))

    def yank(self, version: str, reason: str, *, at: datetime) -> Decision[Cartridge]:
        """Keep a version from new gatherings; those that are planned go on with it.

        Yanking again changes nothing. Raises ``CartridgeNotFound`` for an unknown version.
        """
        if version not in self.digests:
            raise CartridgeNotFound(f"no version {version} of {self.id}")
        if version in self.yanked:
            return Decision(self)
        fact = VersionYanked(
            cartridge_id=self.id,
            author_id=self.author_id,
            version=version,
            digest=self.digests[version],
            reason=reason,
            occurred_at=at,
        )
        return Decision(replace(self, yanked={**self.yanked, version: reason}), (fact,))


def check_origin(author_id: str, twin: CartridgeVersion | None) -> None:
    """Raise ``CartridgeCopied`` when somebody else was first with the same digest."""
    if twin is not None and twin.author_id != author_id:
        raise CartridgeCopied(f"{twin.cartridge_id} {twin.version} is the same")


def check_lineage(manifest: Mapping[str, Any], parent: CartridgeVersion | None) -> None:
    """Raise the rule that forbids to make this cartridge from its parent, if it names one."""
    wish = manifest.get("parent")
    if wish is None:
        return
    if parent is None:
        raise ParentUnknown(f"no version is {wish['digest']}")
    terms = parent.manifest.get("forks", {"allowed": False})
    if not terms["allowed"]:
        raise ForkForbidden(f"{parent.name} {parent.version} allows none")
    if wish["basis_points"] < (asked := terms.get("basis_points", 0)):
        raise ForkShareTooLow(f"{wish['basis_points']} given, {asked} asked for", asked=asked)


def royalties_of(
    manifest: Mapping[str, Any],
    publisher_id: str,
    *,
    owners: Mapping[str, str],
    parent: CartridgeVersion | None,
) -> dict[str, int]:
    """How a royalty is divided: its authors by their parts, and the parent's in its turn.

    ``owners`` has the organisations of registered keys. A single author without one is the
    publisher. The answer is whole basis points, 10,000 in all (Hamilton's method; a part of
    less than half a point may come to nothing). Raises ``AuthorKeyUnknown``, and
    ``TooManyPayees`` where the authors of the whole line are too many to be paid together.
    """
    authors = manifest.get("authors", [{"basis_points": WHOLE}])
    passed_on = manifest["parent"]["basis_points"] if parent else 0
    weights: Counter[str] = Counter()
    for author in authors:
        owner = owners.get(author.get("key", ""))
        if owner is None and len(authors) > 1:
            raise AuthorKeyUnknown(f"{author['name']}'s key is not registered")
        weights[owner or publisher_id] += author["basis_points"] * (WHOLE - passed_on)
    for organization_id, points in parent.royalties.items() if parent else ():
        weights[organization_id] += points * passed_on
    shares, _ = split(WHOLE, list(weights.values()), (0,) * len(weights))
    found = {owner: share for owner, share in zip(weights, shares, strict=True) if share}
    if len(found) > MOST_PAYEES:
        raise TooManyPayees(f"{len(found)} would share it, {MOST_PAYEES} may", most=MOST_PAYEES)
    return found


def refuse(problems: list[Problem]) -> None:
    """Raise ``ManifestInvalid`` with all problems, if there are any."""
    if problems:
        raise invalid(problems)


def invalid(problems: list[Problem]) -> ManifestInvalid:
    """The refusal that lists these problems."""
    return ManifestInvalid(
        f"{len(problems)} to put right, first at {problems[0].path or '/'}",
        errors=[asdict(problem) for problem in problems],
    )


def cartridge_id(author_id: str, name: str) -> str:
    """An author has one cartridge of a name, so the id follows from both."""
    return derived_id("crt", author_id, name)
