"""What of a desk is durable, by service: the one table of what is dumped, what is left out, and why."""

from __future__ import annotations

from deploy.backup.errors import BackupError

SERVICES = ("ingest", "tickets", "routing", "notifications")
"""In the order in which they are loaded and told again."""

LEFT_OUT: dict[str, str] = {
    "sessions": "everybody signs in again: who was signed out since must not be in again",
    "password_resets": "a link that was used since must not work again; who was invited is invited again",
    "sign_in_failures": "windows of minutes",
    "leases": "who leads now; a restored relay is elected anew",
    "search": "the name of the search index, which every process makes anew from the log",
    "relays": "a place in this very server's change stream; the log is read instead",
    "directory": "a copy of a Kafka topic; it is read again",
    "restored": "which back-up a database came from",
}
"""Collections of any service's database that no back-up has."""

REMEMBERED = "applied"
"""Applied inputs. They expire, so their times are moved on by what passed since the back-up: the Kafka topics are
told again from now on, and must not outlive what their readers remember."""


def chosen(names: str) -> tuple[str, ...]:
    """A list with commas as services in their order; empty means all."""
    asked = {one.strip() for one in names.split(",") if one.strip()}
    if unknown := asked - set(SERVICES):
        raise BackupError(f"There is no service {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}.")
    return tuple(one for one in SERVICES if not asked or one in asked)
