"""The sandbox provider's faults over HTTP; only where there is a sandbox."""

from __future__ import annotations

from typing import Any

from chassis.kernel.errors import Forbidden
from chassis.kernel.ids import Ids
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.sandbox.domain import FaultRule
from services.payments.sandbox.schemas import FaultReply, FaultsReply, SetFaultSchema
from services.payments.sandbox.use_cases import Faults, set_fault


class NoSandboxProvider(Forbidden):
    """Faults can be set only where the sandbox provider is in use."""

    code = "no-sandbox-provider"
    hint = "Start with TEAHOUSE_SANDBOX=1, and never in production."
    chinese = "只有在沙盒环境中才能设置支付机构故障。"


def sandbox_blueprint(faults: Faults, ids: Ids, *, is_sandbox: bool) -> Blueprint:
    """Routes under ``/v1/sandbox``."""
    blueprint = Blueprint(
        "sandbox",
        __name__,
        url_prefix="/v1/sandbox",
        description="The sandbox provider, made to fail",
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

    @blueprint.delete("/faults/<fault_id>")
    @needs(Permission.PAYMENTS_SANDBOX_STEER)
    @blueprint.response(204)
    def delete_fault(fault_id: str) -> None:
        """Let calls go well again; sandbox only."""
        only_here()
        faults.remove(fault_id)

    return blueprint
