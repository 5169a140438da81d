"""Personal data without a privacy notice, or without a mailbox of the data protection officer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smartreg.core.findings import Related
from smartreg.core.messages import Message
from smartreg.core.values import Record, RecordId
from smartreg.domain.checks import Context, Fault, Snapshot, at
from smartreg.domain.fields import has_ended, text
from smartreg.domain.flows import is_personal, personal
from smartreg.rules.rule import rule

CONTROLLER = ("personal_data", "controller")


@rule("DAT511", "warning", "registry", Message("people not informed"), kinds=("flow",))
def check(registry: Snapshot, subjects: Iterable[Record], _context: Context) -> Iterator[Fault]:
    for flow in subjects:
        if not is_personal(flow) or has_ended(registry, flow):
            continue
        if not personal(flow).get("notice_url"):
            yield Fault(
                at(flow, "personal_data", "notice_url"),
                Message("this flow carries personal data and gives no privacy notice"),
                Message("add personal_data.notice_url"),
            )
        controller_id = personal(flow).get("controller")
        controller = registry.get(RecordId("party", controller_id)) if isinstance(controller_id, str) else None
        if controller is not None and text(controller, "dpo_email") is None:
            yield _no_mailbox(flow, controller)


def _no_mailbox(flow: Record, controller: Record) -> Fault:
    id = controller.rid.id
    return Fault(
        at(flow, *CONTROLLER),
        Message("{id} is the controller and has no mailbox of a data protection officer", id=id),
        Message("add it: smartreg set {id} dpo_email=dpo@…", id=id),
        (Related(at(controller, "id"), Message("the controller")),),
    )
