"""The verdict on a contract's data: form first, then the rules over the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from cartridges.conditions import ConditionRefused
from cartridges.form import form_problems
from cartridges.problems import Problem, in_order, problem
from sharing.dividing import holds
from sharing.terms import BRAND, HOST, PLATFORM, ROLES, WHOLE, Refunding, Rounding

MOST_PARTIES = 100  # each is a leg of an entry, which has no more than 200
MOST_PARTS = 20_000  # of all examples, which are run when the contract is published
SCHEMA = Path(__file__).parent / "share-contract.schema.json"
# A condition without division that has an answer at these ends has one between them.
_HEADS = (0, 1, 100_000)
_TAKINGS = (0, 1, 10**15)

# Code: what to do, in English and Chinese.
ADVICE = {
    "host-not-one": (
        "Bind exactly one organisation as host; subsidy and naming fee are hers.",
        "须恰好约束一个主理人组织；补贴与冠名费归其所有。",
    ),
    "parties-too-many": (
        f"Bind at most {MOST_PARTIES} organisations in all roles together.",
        f"所有角色合计最多约束 {MOST_PARTIES} 个组织。",
    ),
    "take-unclear": (
        "Say one of fixed, points, tiers and rest; rest stands alone.",
        "take 须为 fixed、points、tiers、rest 之一；rest 不可与其他项并用。",
    ),
    "rest-misplaced": (
        "Let the last step, and no other, take the rest, without a condition.",
        "最后一步（且仅最后一步）须无条件取走剩余部分。",
    ),
    "step-twice": ("Give every step an id of its own.", "每一步须有不同的 id。"),
    "tiers-unordered": (
        "Begin the tiers above 0 and let each begin above the one before.",
        "档位须从 0 开始，并依次递增。",
    ),
    "limits-crossed": ("Let the floor be no more than the cap.", "下限不得高于上限。"),
    "bands-unordered": (
        "Let each band begin above the one before, and earn no less.",
        "补贴档位的人数须依次递增，且比例不得递减。",
    ),
    "subsidy-without-brand": (
        "Bind the brand that gives the subsidy, so that it signs what is earned of it.",
        "须约束提供补贴的品牌方，由其签署补贴条款。",
    ),
    "milestones-incomplete": (
        "Give every milestone an id of its own, and points that make 10000 together.",
        "每个里程碑须有不同的 id，基点合计为 10000。",
    ),
    "each-sale-needs-one-step": (
        "Round largest-remainder, or keep to one step that takes the rest.",
        "each-sale 取整只适用于只有一步的合约，请改用 largest-remainder。",
    ),
    "giver-without-share": (
        "Give the role that refunds come from a share in a step.",
        "退款所出的角色须在某一步中有份额。",
    ),
    "role-needed": (
        "Do not leave vacant who has the share of the absent, or bears refunds.",
        "承接空缺份额或承担退款的角色不得空缺。",
    ),
    "refunded-too-much": ("Refund no more than the sales.", "退款不得超过销售总额。"),
    "examples-too-large": (
        "Give fewer examples, or fewer sales in them; so many parties and steps take long to try.",
        "合约方与步骤较多时，请减少示例或示例中的销售笔数。",
    ),
    "expectation-does-not-add-up": (
        "Let what is expected add up to the sales less what was refunded.",
        "预期各项之和须等于销售额减去退款额。",
    ),
}


def problems_of(contract: object) -> list[Problem]:
    """Everything that is wrong, by place; at most 100 problems, none for a good contract.

    ``path`` of a problem is a JSON pointer (RFC 6901) into the contract. It never raises.
    """
    found = list(form_problems(contract, SCHEMA))
    if not found and isinstance(contract, Mapping):
        found = list(_rule_problems(contract))
    return in_order(found)


def _rule_problems(contract: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _parties(contract["parties"])
    yield from _steps(contract["steps"])
    if contract["rounding"] == Rounding.EACH_SALE and len(contract["steps"]) > 1:
        yield _problem("/rounding", "each-sale-needs-one-step", f"{len(contract['steps'])} steps")
    yield from _givers(contract)
    if "subsidy" in contract:
        yield from _subsidy(contract)
    parts = _parts(contract)
    if parts > MOST_PARTS:
        yield _problem("/examples", "examples-too-large", f"{parts} parts, {MOST_PARTS} at most")
    for place, example in enumerate(contract["examples"]):
        yield from _example(contract, example, f"/examples/{place}")


def _parties(parties: Mapping[str, Mapping[str, int]]) -> Iterator[Problem]:
    hosts = len(parties.get(HOST, ()))
    if hosts != 1:
        yield _problem("/parties/host", "host-not-one", f"{hosts} are bound")
    bound = sum(len(organizations) for organizations in parties.values())
    if bound > MOST_PARTIES:
        yield _problem("/parties", "parties-too-many", f"{bound} are bound")


def _steps(steps: list[dict[str, Any]]) -> Iterator[Problem]:
    seen: set[str] = set()
    for place, step in enumerate(steps):
        path, is_last = f"/steps/{place}", place == len(steps) - 1
        if step["id"] in seen:
            yield _problem(f"{path}/id", "step-twice", f"{step['id']} is there already")
        seen.add(step["id"])
        if ("rest" in step["take"]) != is_last or (is_last and "when" in step):
            yield _problem(path, "rest-misplaced", "the last step takes the rest, always")
        yield from _take(step["take"], f"{path}/take")
        if "when" in step:
            yield from _condition(step["when"], f"{path}/when")


def _take(take: dict[str, Any], path: str) -> Iterator[Problem]:
    kinds = sorted({"fixed", "points", "tiers", "rest"} & set(take))
    beside = set(take) - set(kinds)
    if (
        len(kinds) != 1
        or (kinds == ["rest"] and beside)
        or (kinds == ["fixed"] and "of" in beside)
    ):
        yield _problem(path, "take-unclear", f"{', '.join(sorted(take))} are given")
    starts = [tier["above"] for tier in take.get("tiers", ())]
    if starts and (starts[0] or starts != sorted(set(starts))):
        yield _problem(f"{path}/tiers", "tiers-unordered", f"they begin above {starts}")
    if take.get("floor", 0) > take.get("cap", take.get("floor", 0)):
        yield _problem(path, "limits-crossed", f"floor {take['floor']}, cap {take['cap']}")


def _condition(condition: str, path: str) -> Iterator[Problem]:
    if set("/%") & set(condition):
        yield problem(path, "condition-function", "a division has no answer for every number")
        return
    try:
        for heads, wanted, takings in product(_HEADS, _HEADS, _TAKINGS):
            facts = {"heads": heads, "heads_wanted": wanted, "takings": takings}
            holds(condition, facts)
    except ConditionRefused as refusal:
        yield problem(path, refusal.code, str(refusal))


def _givers(contract: Mapping[str, Any]) -> Iterator[Problem]:
    named = {role for step in contract["steps"] for role in step["to"]} | {contract["absent"]}
    giver = {Refunding.PLATFORM_FIRST: PLATFORM, Refunding.HOST_DEBT: HOST}.get(
        contract["refunds"]
    )
    if giver and giver not in named:
        yield _problem("/refunds", "giver-without-share", f"{giver} has no share")


def _subsidy(contract: Mapping[str, Any]) -> Iterator[Problem]:
    bands = [(band["heads"], band["points"]) for band in contract["subsidy"]["bands"]]
    if any(after[0] <= before[0] or after[1] < before[1] for before, after in pairwise(bands)):
        yield _problem("/subsidy/bands", "bands-unordered", f"they are {bands}")
    parts = contract["subsidy"].get("milestones", {}).get("parts", ())
    points, names = sum(part["points"] for part in parts), {part["id"] for part in parts}
    if parts and (points != WHOLE or len(names) < len(parts)):
        path, given = "/subsidy/milestones/parts", f"{len(names)} ids, {points} points"
        yield _problem(path, "milestones-incomplete", given)
    if BRAND not in contract["parties"]:
        yield _problem("/parties", "subsidy-without-brand", "no brand is bound")


def _parts(contract: Mapping[str, Any]) -> int:
    """How many parts the examples make: a settlement and a refund, and sales that round alone."""
    seats = len(ROLES) + sum(len(organizations) for organizations in contract["parties"].values())
    alone = contract["rounding"] == Rounding.EACH_SALE
    return seats * sum(
        2 * len(contract["steps"]) + (len(example["sales"]) if alone else 0)
        for example in contract["examples"]
    )


def _example(contract: Mapping[str, Any], example: dict[str, Any], path: str) -> Iterator[Problem]:
    vacant = set(example.get("vacant", ()))
    needed = {contract["absent"]} | (
        {HOST} if contract["refunds"] == Refunding.HOST_DEBT else set()
    )
    if vacant & (needed | set(contract["parties"]) | {PLATFORM}):
        yield _problem(f"{path}/vacant", "role-needed", f"{', '.join(sorted(vacant))} are vacant")
    rest = sum(example["sales"]) - example.get("refunded", 0)
    if rest < 0:
        yield _problem(f"{path}/refunded", "refunded-too-much", f"{-rest} more than was sold")
    elif sum(example["expect"].values()) != rest:
        given = f"{sum(example['expect'].values())} expected, {rest} to share"
        yield _problem(f"{path}/expect", "expectation-does-not-add-up", given)


def _problem(path: str, code: str, reason: str) -> Problem:
    hint, chinese = ADVICE[code]
    return Problem(path, code, reason, hint, chinese)
