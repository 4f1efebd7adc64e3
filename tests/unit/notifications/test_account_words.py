"""The mail for a lost password: the link where there is one, who signs in elsewhere told so, and nothing of a stranger
carried into the page."""

from __future__ import annotations

from datetime import UTC, datetime

from services.notifications.accounts import words

UNTIL = datetime(2026, 3, 4, 9, 5, tzinfo=UTC)
LINK = words.link("https://desk.example/", "t0ken")
OPENS = "This link opens once, until 09:05 UTC on 4 March 2026:"
NOT_YOU = "If that was not you, there is nothing to do: your password stays as it is."


def lines(address: str | None, elsewhere: str) -> list[str]:
    return words.text(name="Maya", address=address, until=UNTIL, elsewhere=elsewhere).split("\n\n")


def test_the_token_stands_behind_the_hash_where_no_server_sees_it() -> None:
    assert LINK == "https://desk.example/new-password#t0ken"


def test_who_has_a_password_gets_the_link() -> None:
    assert lines(LINK, "")[2:] == [OPENS, LINK, NOT_YOU]


def test_who_can_also_sign_in_elsewhere_gets_the_link_and_is_told() -> None:
    also = "You can also sign in with Demo ID, without this password."
    assert lines(LINK, "Demo ID")[2:] == [OPENS, LINK, also, NOT_YOU]


def test_who_has_no_password_here_is_told_where_they_sign_in() -> None:
    said = lines(None, "Demo ID")
    assert said[2:] == [
        "You have no password here: you sign in with Demo ID. Its own password is set anew there, not by us."
    ]
    assert "new-password" not in "".join(said)


def test_a_name_is_text_in_the_page_too() -> None:
    page = words.html(name="<b>Maya</b>", address=LINK, until=UNTIL, elsewhere="A & B")
    assert "<p>Hello &lt;b&gt;Maya&lt;/b&gt;,</p>" in page
    assert f'<a href="{LINK}">{LINK}</a>' in page
    assert "with A &amp; B" in page
