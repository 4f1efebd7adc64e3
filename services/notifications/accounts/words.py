"""What the mail for a lost password says. Pure."""

from __future__ import annotations

from datetime import datetime
from html import escape

SUBJECT = "A new password for Switchboard"


def link(public_url: str, token: str) -> str:
    """What stands behind the `#` reaches no server and no server's log."""
    return f"{public_url.rstrip('/')}/new-password#{token}"


def paragraphs(*, name: str, has_link: bool, until: datetime, elsewhere: str) -> tuple[list[str], list[str]]:
    """(before the link, after it). Without one all of it is before."""
    before = [
        f"Hello {name},",
        "somebody asked for a new password for this account on the sign-in page of Switchboard.",
    ]
    not_you = "If that was not you, there is nothing to do: your password stays as it is."
    if not has_link:
        here = (
            f"You have no password here: you sign in with {elsewhere}. Its own password is set anew there, not by us."
        )
        return [*before, here], []
    opens = f"This link opens once, until {until:%H:%M} UTC on {until.day} {until:%B %Y}:"
    beside = [f"You can also sign in with {elsewhere}, without this password."] if elsewhere else []
    return [*before, opens], [*beside, not_you]


def text(*, name: str, address: str | None, until: datetime, elsewhere: str) -> str:
    """`address`: the link; None when they have no password here."""
    before, after = paragraphs(name=name, has_link=address is not None, until=until, elsewhere=elsewhere)
    return "\n\n".join([*before, *([address] if address else []), *after])


def html(*, name: str, address: str | None, until: datetime, elsewhere: str) -> str:
    before, after = paragraphs(name=name, has_link=address is not None, until=until, elsewhere=elsewhere)
    said = [[f"<p>{escape(one)}</p>" for one in part] for part in (before, after)]
    there = escape(address or "", quote=True)
    return "".join([*said[0], *([f'<p><a href="{there}">{there}</a></p>'] if address else []), *said[1]])
