"""The sandbox provider's faults and disputes over HTTP; only where there is a sandbox."""

from __future__ import annotations

from typing import Any

from chassis.kernel.errors import Forbidden
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.sandbox.domain import Case, FaultRule
from services.payments.sandbox.schemas import (
    CaseReply,
    FaultReply,
    FaultsReply,
    OpenCaseSchema,
    RuleCaseSchema,
    SetFaultSchema,
)
from services.payments.sandbox.use_cases import (
    Docket,
    Faults,
    OpenCase,
    open_case,
    rule_case,
    set_fault,
)


class NoSandboxProvider(Forbidden):
    """Faults can be set only where the sandbox provider is in use."""

    code = "no-sandbox-provider"
    hint = "Start with TEAHOUSE_SANDBOX=1, and never in production."
    chinese = "只有在沙盒环境中才能设置支付机构故障。"


def sandbox_blueprint(
    faults: Faults, docket: Docket, clock: Clock, ids: Ids, *, is_sandbox: bool
) -> Blueprint:
    """Routes under ``/v1/sandbox``."""
    blueprint = Blueprint(
        "sandbox",
        __name__,
        url_prefix="/v1/sandbox",
        description="The sandbox provider, made to fail, and its bank",
    )

    def only_here() -> None:
        if not is_sandbox:
            raise NoSandboxProvider

    @blueprint.post("/faults")
    @needs(Permission.PAYMENTS_SANDBOX_STEER)
    @blueprint.arguments(SetFaultSchema)
    @blueprint.response(201, FaultReply)
    def post_fault(body: dict[str, Any]) -> FaultRule:
        """Let the next calls to the sandbox provider fail in a way; sandbox only."""
        only_here()
        return set_fault(**body, faults=faults, ids=ids)

    @blueprint.get("/faults")
    @needs(Permission.PAYMENTS_SANDBOX_STEER)
    @blueprint.response(200, FaultsReply)
    def read_faults() -> dict[str, Any]:
        """List the faults that are set; sandbox only."""
        only_here()
        return {"items": faults.all()}

    @blueprint.post("/disputes")
    @needs(Permission.PAYMENTS_SANDBOX_STEER)
    @blueprint.arguments(OpenCaseSchema)
    @blueprint.response(201, CaseReply)
    def post_case(command: OpenCase) -> Case:
        """Let a buyer dispute a sale at the sandbox's bank; sandbox only."""
        only_here()
        return open_case(command, docket=docket, ids=ids, now=clock())

    @blueprint.post("/disputes/<reference>/rulings")
    @needs(Permission.PAYMENTS_SANDBOX_STEER)
    @blueprint.arguments(RuleCaseSchema)
    @blueprint.response(200, CaseReply)
    def post_ruling(body: dict[str, Any], reference: str) -> Case:
        """Let the sandbox's bank rule on a dispute, won or lost for us; sandbox only."""
        only_here()
        return rule_case(reference, body["outcome"], body["fault"], docket=docket, now=clock())

    @blueprint.delete("/faults/<fault_id>")
    @needs(Permission.PAYMENTS_SANDBOX_STEER)
    @blueprint.response(204)
    def delete_fault(fault_id: str) -> None:
        """Let calls go well again; sandbox only."""
        only_here()
        faults.remove(fault_id)

    return blueprint
