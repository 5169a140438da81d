"""Personal data without a privacy notice, or without a mailbox of the data protection officer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.values import Record, RecordId, Words
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.flows import is_personal, personal
from smartreg.rules.rule import rule

CONTROLLER = ("personal_data", "controller")


@rule(
    "DAT511",
    "warning",
    "registry",
    Words("people not informed", "personnes non informées"),
    kinds=("flow",),
)
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        if not is_personal(flow) or has_ended(registry, flow):
            continue
        if not personal(flow).get("notice_url"):
            yield Fault(
                at(flow, "personal_data", "notice_url"),
                Words(
                    "this flow carries personal data and gives no privacy notice",
                    "ce flux porte des données personnelles et n'indique pas l'information des personnes",
                ),
                Words("add personal_data.notice_url", "ajoutez personal_data.notice_url"),
            )
        named = personal(flow).get("controller")
        controller = registry.get(RecordId("party", named)) if isinstance(named, str) else None
        if controller is not None and text(controller, "dpo_email") is None:
            yield _no_mailbox(flow, controller)


def _no_mailbox(flow: Record, controller: Record) -> Fault:
    id = controller.rid.id
    return Fault(
        at(flow, *CONTROLLER),
        Words(
            f"{id} is the controller and has no mailbox of a data protection officer",
            f"{id} est responsable du traitement et n'a pas de boîte du délégué à la protection des données",
        ),
        Words(
            f"add it: smartreg set {id} dpo_email=dpo@…",
            f"ajoutez-la : smartreg set {id} dpo_email=dpo@…",
        ),
        (Related(at(controller, "id"), Words("the controller", "le responsable du traitement")),),
    )
