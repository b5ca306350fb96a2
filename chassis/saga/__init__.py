"""Long work over several services: steps, compensations, deadlines, one end.

A ``Plan`` lists the steps of one kind of saga. Each step asks another service with a
command and knows the types of its answers::

    def claim_plan(claims: Claims) -> Plan:
        return Plan(
            kind="claim",
            steps=(
                Step(
                    name="reserve",
                    ask=lambda saga, id, now: ReservePacks(
                        id=id, correlation_id=saga.id, occurred_at=now, **fields_of(saga)
                    ),
                    done="catalog.reply.packs-reserved.v1",
                    refused="catalog.reply.packs-refused.v1",
                    undo=lambda saga, id, now: ReleasePacks(id=id, correlation_id=saga.id, ...),
                    undone="catalog.reply.packs-released.v1",
                    keep=("reservation_id",),
                ),
                Step(name="hold", ...),
            ),
            completed=lambda sagas: confirm_claims(sagas, claims=claims),
            failed=lambda sagas: reject_claims(sagas, claims=claims),
        )

``Sagas`` keeps them in MongoDB. Everything it does happens in the caller's transaction::

    sagas = Sagas([claim_plan(claims)])
    sagas.start("claim", saga_id, {"claim_id": ..., "lot_id": ..., "packs": 2})  # in a use case
    Subscription("matching.saga", [REPLIES], sagas.handlers())                   # in the worker
    Task("sagas", 1.0, sagas.sweep)                                              # deadlines

The first answer that is no ``done`` turns the saga round: every step that stands, and the
one whose outcome is unknown after its last deadline, is undone, last first; undoing is
asked for until it is answered. ``completed`` or ``failed`` is called once a saga, in the
transaction that ends it, with a list; ``saga.code`` and ``saga.detail`` then say why it
failed. An answer that comes after the turn, even after the end, has its step undone
again, so ``undo`` must be harmless when there is nothing to undo. Duplicates do nothing.
A step with ``attempts=None`` never gives up: what follows the point of no return.
"""

from __future__ import annotations

from chassis.saga.steps import Plan, Saga, SagaState, Step
from chassis.saga.store import SagaDocument, Sagas

__all__ = ["Plan", "Saga", "SagaDocument", "SagaState", "Sagas", "Step"]
