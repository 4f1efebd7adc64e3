"""What follows when tickets does not accept a decision: somebody else is wanted, or it is said why nobody is. Pure."""

from __future__ import annotations

from dataclasses import replace

from services.routing.model.conversation import Row, is_refused, lacks_its_team
from services.routing.model.move import arrived, moving, resting
from services.routing.model.offer import as_offered
from services.routing.model.plan import Plan, for_nobody
from services.routing.model.want import Offer
from shared.contracts.automation import ActionRefused
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import Unassign


def refused(before: Row, row: Row, event: ConversationEvent, decision_id: str) -> tuple[Row, Plan] | None:
    """The row and what is wanted of it, after tickets did not accept an agent whom we chose, or a team; None when the
    event says nothing of that, or something else is on its way already. `before` and `row`: around the event.

    A team is asked for another member, in the place that it had. The one agent whom a rule named is not asked for
    again, nor is a team that is not there.
    """
    put_away = event.head.status == "closed" or event.head.spam
    if not isinstance(event, ActionRefused) or row.head_seq == before.head_seq or row.want is not None or put_away:
        return None
    if before.want is not None and lacks_its_team(before.want, event):
        return row, for_nobody(decision_id, before.want.chain, event.reason)
    want = before.pending_want
    if want is None or not is_refused(before, event) or (want.late and not row.open):
        return None
    # From whom a rule took it has it still, as it was to go from them to who was not accepted.
    taken = want.taken_from is None or resting(row.moves, event.head).assignee_id is None
    actions = () if taken else (Unassign(what="agent", rule=want.rule),)
    row = row.model_copy(update={"moves": moving(row.moves, decision_id, actions)})
    if want.one_agent or arrived(row.moves, event.head).team_id != want.queue:
        return row, replace(for_nobody(decision_id, want.chain, event.reason), actions=actions)
    want = want.model_copy(update={"decision_id": decision_id, "ready": taken and event.head.team_id == want.queue})
    changes: dict[str, object] = {"want": want}
    if want.late and want.instead_of:
        changes["offer"] = Offer(want=as_offered(want, None), agent_id=want.instead_of)
    elif want.instead_of:
        changes["agent_id"] = None
    return row.model_copy(update=changes), Plan(decision_id, actions, want, (), want.chain)
