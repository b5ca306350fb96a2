"""What had to happen beside what did: one check a path, and the figures for the report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from teahouse.demo.journey.casting import REGULAR
from teahouse.demo.journey.claiming import CONFIRMED, Claimed
from teahouse.demo.journey.plans import Ending, Plan
from teahouse.demo.journey.play import SMALL_GATHERINGS, SMALL_PRICE_FEN, Played
from teahouse.demo.journey.stories import HAIR, HAIR_SHARES, NAMING_EACH_MINOR, STORIES
from teahouse.demo.report.findings import (
    Check,
    Earner,
    Findings,
    ImportedSheet,
    Subsidised,
    Told,
)

SETTLED, CANCELLED, REJECTED = "settled", "cancelled", "rejected"

Lines = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read at the end, by everybody who may read it.

    ``explanations`` are the legs of each settlement by its id; ``balances`` are fen by
    account path; ``provider_before`` is what the world outside had paid in before the demo.
    """

    claims: Sequence[Mapping[str, Any]]
    explanations: Mapping[str, Lines]
    balances: Mapping[str, int]
    provider_before: int
    provider_after: int
    scarce_lots: Sequence[Mapping[str, Any]]
    tea_rights: Mapping[str, Any]
    trial_balance_minor: int
    chain_problems: Sequence[str]
    segments: int
    entries: int
    head: str


def review(played: Played, found: Evidence) -> Findings:
    """Check every path, and gather what the report shows."""
    findings = Findings()
    findings.checks = [
        *_imports(played),
        *_claims(played, found),
        *_gatherings(played),
        *_money(played, found),
        *_naming(played, found),
        Check("trial balance, fen", 0, found.trial_balance_minor),
        Check("what is wrong with the chain of the books", [], list(found.chain_problems)),
    ]
    findings.told = [_told(plan, found) for plan in played.plans if plan.story]
    findings.claims_by_outcome = dict(_outcomes(found.claims))
    findings.latencies_ms = [
        one.seconds * 1000 for one in played.steady if one.outcome == CONFIRMED
    ]
    findings.sheets = [
        ImportedSheet(brand.name, brand.lots, brand.errors) for brand in played.town.brands
    ]
    findings.earners = _earners(played, found)
    findings.subsidies = _subsidies(played)
    findings.figures = _figures(played, found)
    return findings


def paid_by_role(lines: Lines) -> dict[str, int]:
    """What a settlement paid to each role, in fen; several parties of one role together."""
    paid: defaultdict[str, int] = defaultdict(int)
    for line in lines:
        if line["role"]:
            paid[line["role"]] += line["minor"]
    return dict(paid)


def refunds_of(plans: Iterable[Plan]) -> int:
    """How many sales came back, in part or whole, while their gatherings stood."""
    return sum(bool(plan.back_before_fen or plan.back_after_fen) for plan in plans)


def expected_outcomes(played: Played) -> Counter[str]:
    """How all claims together must have ended, by state or by the code of their refusal."""
    made = [*played.steady, *(one for contest in played.contests for one in contest.claimed)]
    stored = Counter(one.outcome for one in made if one.id)
    held = sum(plan.is_held for plan in played.plans)
    given_back = len(played.given_up) + len(played.plans) - held
    stored[SETTLED] += held
    stored[CANCELLED] += given_back
    stored[CONFIRMED] -= held + given_back
    return +stored


def _imports(played: Played) -> list[Check]:
    brands = played.town.brands
    expected = {brand.name: brand.lots_expected for brand in brands}
    published = {brand.name: brand.lots for brand in brands}
    wrong = sorted(name for name in expected if expected[name] != published[name])
    broken = {brand.name: list(brand.broken) for brand in brands if brand.broken}
    refused = {brand.name: [line for line, _ in brand.errors] for brand in brands if brand.errors}
    return [
        Check("lots imported", sum(expected.values()), sum(published.values())),
        Check("brands whose lots are not all there", [], wrong),
        Check("lines refused, by brand", broken, refused),
    ]


def _claims(played: Played, found: Evidence) -> list[Check]:
    steady = Counter(one.outcome for one in played.steady)
    checks = [Check("steady claims", {CONFIRMED: len(played.steady)}, dict(steady))]
    checks += [
        Check(contest.about, _sorted(contest.expected), _sorted(contest.actual))
        for contest in played.contests
    ]
    expected, actual = expected_outcomes(played), _outcomes(found.claims)
    checks.append(Check("all claims at the end", _sorted(expected), _sorted(actual)))
    checks += [
        Check(
            f"packs of {lot['title']}",
            {"free": 0, "shipped": lot["packs_total"]},
            {"free": lot["packs_free"], "shipped": lot["packs_shipped"]},
        )
        for lot in found.scarce_lots
    ]
    return checks


def _gatherings(played: Played) -> list[Check]:
    held = [plan for plan in played.plans if plan.is_held]
    came = [plan.title for plan in held if plan.checked_in != len(plan.baskets)]
    endings = Counter(plan.settled_by for plan in held)
    wanted = Counter(_APPROVED_BY[plan.ending] for plan in held)
    return [
        Check("gatherings settled", len(held), sum(plan.status == SETTLED for plan in held)),
        Check(
            "gatherings cancelled",
            len(played.plans) - len(held),
            sum(plan.status == CANCELLED for plan in played.plans),
        ),
        Check("gatherings approved, by whom", _sorted(wanted), _sorted(endings)),
        Check("gatherings at which not everybody was let in", [], came),
        Check("a slot that another had already", "refused", played.refused_slot),
    ]


def _money(played: Played, found: Evidence) -> list[Check]:
    held = [plan for plan in played.plans if plan.is_held]
    shared = [plan.title for plan in held if not _is_shared_out(plan)]
    unpaid = [plan.title for plan in held if _minor(plan, "subsidy_paid") != plan.subsidy_due_fen]
    uneven = [
        key for key, lines in found.explanations.items() if sum(line["minor"] for line in lines)
    ]
    left = [path for path in _emptied(played.plans) if found.balances[path]]
    return [
        Check("settlements whose shares are not the takings", [], shared),
        Check("settlements with a wrong subsidy", [], unpaid),
        Check("settlements whose legs do not add up to zero", [], uneven),
        Check("takings and escrows with something left in them", [], left),
        Check(
            "money from outside, fen",
            _paid_in(played),
            found.provider_before - found.provider_after,
        ),
    ]


def _naming(played: Played, found: Evidence) -> list[Check]:
    named = len(STORIES) + REGULAR
    small_rest = SMALL_PRICE_FEN - SMALL_PRICE_FEN // SMALL_GATHERINGS
    small = played.small_rights
    returned = found.balances[f"org:{small.brand.id}:available"] if small else None
    return [
        Check("gatherings that earned naming rights", named, len(found.tea_rights["earned"])),
        Check(
            "naming rights earned, fen",
            named * NAMING_EACH_MINOR,
            found.tea_rights["earned_amount"]["minor"],
        ),
        Check("a package ended early", "ended", played.small_end.get("state")),
        Check("what came back of it, fen", small_rest, returned),
    ]


def _told(plan: Plan, found: Evidence) -> Told:
    """One of the stories: people, money, pieces a head, and for one every share."""
    story = plan.story
    if story is None:
        raise LookupError(f"{plan.title} is no story")
    checks = [
        Check(f"{plan.title}: people", story.people, plan.checked_in),
        Check(f"{plan.title}: pieces", story.units, plan.units_sold),
        Check(f"{plan.title}: sold, fen", story.takings_fen, plan.sold_fen),
        Check(f"{plan.title}: shared, fen", story.takings_fen, _minor(plan, "takings")),
    ]
    if story is HAIR and plan.naming_rights_id:
        paid = paid_by_role(found.explanations[plan.settlement["id"]])
        checks.append(Check(f"{plan.title}: every share, fen", HAIR_SHARES, _by_role(paid)))
    if story is HAIR and plan.back_after_fen:
        checks += _clip_came_back(plan, found)
    return Told(plan.title, plan.checked_in, plan.takings_fen, checks)


def _clip_came_back(plan: Plan, found: Evidence) -> list[Check]:
    """After one of sixteen clips came back, everybody has fifteen sixteenths of the takings.

    Who had no other gathering is looked at in the accounts; 312.50 yuan leave half a fen
    to co-host and platform each, so one of them gave 15.63 and the other 15.62.
    """
    pending = found.balances[f"org:{plan.brand.id}:pending"]
    whole = 2 * HAIR_SHARES["brand"]  # this gathering and the first one
    return [
        Check("one clip came back, fen", HAIR.price_fen, plan.back_after_fen),
        Check("the brand gave its share of it, fen", whole - 18_750, pending),
    ]


def _earners(played: Played, found: Evidence) -> list[Earner]:
    """What every organisation was paid in each of its roles, as settled."""
    names = played.town.names | {"platform": "Platform"}
    paid: Counter[tuple[str, str]] = Counter()
    for line in (line for lines in found.explanations.values() for line in lines):
        if line["role"]:
            paid[line["organization_id"], line["role"]] += line["minor"]
    return [Earner(names[party], role, minor) for (party, role), minor in paid.items()]


def _subsidies(played: Played) -> list[Subsidised]:
    by_brand: defaultdict[str, list[Plan]] = defaultdict(list)
    for plan in played.plans:
        if plan.is_held:
            by_brand[plan.brand.name].append(plan)
    return [
        Subsidised(
            brand=brand,
            gatherings=len(plans),
            subsidy_minor=sum(_minor(plan, "subsidy_paid") for plan in plans),
            takings_minor=sum(plan.takings_fen for plan in plans),
        )
        for brand, plans in by_brand.items()
    ]


def _figures(played: Played, found: Evidence) -> dict[str, Any]:
    town = played.town
    outcomes = Counter(claim["status"] for claim in found.claims)
    paid = [sum(paid_by_role(lines).values()) for lines in found.explanations.values()]
    return {
        "brands": sum(bool(brand.lots) for brand in town.brands),
        "lots": sum(brand.lots for brand in town.brands),
        "hosts": sum(bool(host.communities) for host in town.hosts),
        "claims_confirmed": sum(outcomes[state] for state in (CONFIRMED, SETTLED, CANCELLED)),
        "claims_rejected": outcomes[REJECTED],
        "gatherings_held": sum(plan.status == SETTLED for plan in played.plans),
        "gatherings_cancelled": sum(plan.status == CANCELLED for plan in played.plans),
        "refunds": refunds_of(played.plans),
        "naming_rights_earned": len(found.tea_rights["earned"]) + len(played.small_end["earned"]),
        "settled_minor": sum(paid),
        "trial_balance_minor": found.trial_balance_minor,
        "ledger_chain_ok": not found.chain_problems,
        "guests": sum(plan.checked_in for plan in played.plans),
        "communities": sum(len(host.communities) for host in town.hosts),
    }


def accounts_of(played: Played) -> list[str]:
    """Every account that the review looks at."""
    brands = {plan.brand.id for plan in played.plans}
    pending = [f"org:{brand}:pending" for brand in sorted(brands)]
    small = [f"org:{played.small_rights.brand.id}:available"] if played.small_rights else []
    return [*pending, *small, *_emptied(played.plans)]


def _emptied(plans: Sequence[Plan]) -> list[str]:
    """Accounts that are empty once everybody is paid."""
    takings = [f"gathering:{plan.id}:takings" for plan in plans]
    return takings + [f"claim:{plan.claimed.id}:escrow" for plan in plans]


def _paid_in(played: Played) -> int:
    """What the world outside paid: deposits and sales, less what went back to buyers."""
    deposits = sum(brand.deposited_fen for brand in played.town.brands)
    rights = [one for one in (played.tea_rights, played.small_rights) if one]
    held = [plan for plan in played.plans if plan.is_held]
    sales = sum(plan.takings_fen - plan.back_after_fen for plan in held)
    return deposits + sum(one.price_fen for one in rights) + sales


def _is_shared_out(plan: Plan) -> bool:
    shares = sum(share["amount"]["minor"] for share in plan.settlement["shares"])
    return bool(shares == plan.takings_fen == _minor(plan, "takings"))


def _minor(plan: Plan, name: str) -> int:
    return int(plan.settlement[name]["minor"])


def _outcomes(claims: Iterable[Mapping[str, Any]]) -> Counter[str]:
    return Counter(
        claim["refusal_code"] if claim["status"] == REJECTED else claim["status"]
        for claim in claims
    )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items()))


def _by_role(paid: Mapping[str, int]) -> dict[str, int]:
    """In the order of the hand-worked shares, so that both read alike."""
    return {role: paid[role] for role in HAIR_SHARES if role in paid}


_APPROVED_BY = {Ending.BRAND: "brand", Ending.SILENCE: "silence", Ending.RULING: "platform"}


def is_scarce(claimed: Sequence[Claimed]) -> bool:
    """Whether these claims were for the last packs of one lot."""
    return len({one.wish.lot_id for one in claimed}) == 1 and len(claimed) > 1
