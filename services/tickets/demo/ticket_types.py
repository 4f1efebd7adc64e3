"""The ticket types that a new desk has (TK2, TK3); admins change them and add their own."""

from __future__ import annotations

from shared.contracts.directory import FieldDefinition, StateWords, TicketTypeChanged

ORDER = FieldDefinition(id="order", label="Order number", needed="to_submit")
WHAT = FieldDefinition(id="what", label="What happened", type="long_text")

REFUND_REASONS = (
    "Damaged on arrival",
    "Wrong item",
    "Never arrived",
    "Not as described",
    "Changed their mind",
    "Subscription they did not want",
    "Other",
)

TICKET_TYPES = (
    TicketTypeChanged(
        type_id="quality",
        seq=1,
        name="Quality",
        color="#b45309",
        team_id="quality",
        fields=(
            FieldDefinition(id="sku", label="SKU", needed="to_submit"),
            FieldDefinition(id="lot", label="Lot", needed="to_submit", help="Printed beneath the best-before date"),
            FieldDefinition(
                id="issue",
                label="Issue",
                type="choice",
                options=("Taste or smell", "Foreign object", "Packaging", "Broken", "Label", "Other"),
                needed="to_submit",
            ),
            WHAT,
            FieldDefinition(id="finding", label="Finding", type="long_text", needed="to_resolve"),
        ),
        one_per=("sku", "lot"),
        due_hours=72,
    ),
    TicketTypeChanged(
        type_id="fulfillment",
        seq=1,
        name="Fulfillment",
        color="#0369a1",
        team_id="fulfillment",
        fields=(
            ORDER,
            FieldDefinition(
                id="issue",
                label="Issue",
                type="choice",
                options=("Lost", "Damaged", "Wrong address", "Missing item", "Wrong item", "Late"),
                needed="to_submit",
            ),
            FieldDefinition(id="tracking", label="Tracking number"),
            WHAT,
            FieldDefinition(
                id="outcome",
                label="Outcome",
                type="choice",
                options=("Reshipped", "Found", "Refunded", "Nothing to do"),
                needed="to_resolve",
            ),
        ),
        one_per=("order",),
        customer=(
            StateWords(state="submitted", label="Being looked into"),
            StateWords(state="in_progress", label="With our warehouse"),
            StateWords(state="waiting_on_customer", label="Waiting for you"),
            StateWords(state="resolved", label="Done"),
        ),
        due_hours=48,
    ),
    TicketTypeChanged(
        type_id="refund",
        seq=1,
        name="Refund",
        color="#15803d",
        team_id="billing",
        fields=(
            ORDER,
            FieldDefinition(id="reason", label="Reason", type="choice", options=REFUND_REASONS, needed="to_submit"),
            FieldDefinition(
                id="action",
                label="Action",
                type="choice",
                options=("Refund in full", "Refund in part", "Store credit"),
                needed="to_submit",
            ),
            FieldDefinition(id="amount", label="Amount", type="number", help="Leave empty for all of it"),
            WHAT,
        ),
        one_per=("order", "reason", "action"),
        customer=(
            StateWords(state="submitted", label="Refund requested"),
            StateWords(state="in_progress", label="Refund on its way"),
            StateWords(state="waiting_on_customer", label="Waiting for you"),
            StateWords(
                state="resolved",
                label="Refunded",
                message="Good news: your refund is done. It can take a few days until your bank shows it.",
            ),
        ),
        due_hours=24,
    ),
    TicketTypeChanged(
        type_id="subscription-cancel",
        seq=1,
        name="Subscription cancel",
        color="#7c3aed",
        team_id="billing",
        fields=(
            FieldDefinition(id="subscription", label="Subscription", needed="to_submit"),
            FieldDefinition(
                id="reason",
                label="Reason",
                type="choice",
                options=("Too much product", "Too expensive", "No effect", "Health", "Moving", "Other"),
                needed="to_submit",
            ),
            FieldDefinition(id="offer", label="What was offered"),
            FieldDefinition(
                id="outcome", label="Outcome", type="choice", options=("cancelled", "saved"), needed="to_resolve"
            ),
        ),
        one_per=("subscription",),
        due_hours=24,
    ),
    TicketTypeChanged(
        type_id="adverse-event",
        seq=1,
        name="Adverse event",
        color="#b91c1c",
        team_id="quality",
        fields=(
            FieldDefinition(id="sku", label="SKU", needed="to_submit"),
            FieldDefinition(id="lot", label="Lot"),
            FieldDefinition(id="symptoms", label="Symptoms", type="long_text", needed="to_submit"),
            FieldDefinition(id="since", label="Since", type="date"),
            FieldDefinition(id="doctor", label="Saw a doctor", type="yes_no", needed="to_submit"),
            FieldDefinition(id="reported", label="Reported to the authority on", type="date", needed="to_resolve"),
        ),
        due_hours=24,
    ),
    TicketTypeChanged(
        type_id="tracker",
        seq=1,
        name="Tracker",
        kind="tracker",
        color="#475569",
        team_id="tech",
        fields=(
            FieldDefinition(id="page", label="Where it is worked on", type="url"),
            FieldDefinition(id="steps", label="How to see it", type="long_text"),
        ),
    ),
)
