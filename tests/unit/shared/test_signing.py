"""What we sign cannot be forged, moved to another purpose, or used after its time."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from shared.errors import Unauthenticated
from shared.ids import derived
from shared.signing import MessageRef, Signer, Visitor

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SIGNER = Signer("a secret of at least thirty-two characters")
OTHER = Signer("another secret of thirty-two characters or more")
REF = MessageRef(derived("conversation"), derived("entry"))
DOMAIN = "paleohacks.example"
VISITOR = Visitor("visitor-1", "mesa-cookware", "customer-901")


# ── Message-IDs ──────────────────────────────────────────────────────────────────────────────────
def test_a_message_id_says_what_it_was_made_of_and_is_stable() -> None:
    made = SIGNER.message_id(REF, DOMAIN)
    assert made == SIGNER.message_id(REF, DOMAIN)
    assert made.endswith("@paleohacks.example>")
    assert SIGNER.read_message_id(made) == REF
    assert len(made) < 200  # RFC 5322 §2.1.1 asks for lines of 78, allows 998


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda one: f"  {one}\r\n"])
def test_a_message_id_survives_what_mail_programs_do_to_it(change: object) -> None:
    assert SIGNER.read_message_id(change(SIGNER.message_id(REF, DOMAIN))) == REF  # type: ignore[operator]


def test_a_message_id_of_another_desk_is_not_ours() -> None:
    assert SIGNER.read_message_id(OTHER.message_id(REF, DOMAIN)) is None


@given(at=st.integers(0, 92), new=st.sampled_from("0123456789abcdef"))
def test_a_message_id_with_one_character_changed_is_not_ours(at: int, new: str) -> None:
    made = SIGNER.message_id(REF, DOMAIN)
    local = made.removeprefix("<c.").split("@")[0]
    at %= len(local)
    assume(local[at] not in {new, "."})
    assert SIGNER.read_message_id(f"<c.{local[:at]}{new}{local[at + 1 :]}@{DOMAIN}>") is None


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    assert SIGNER.read_message_id(text) is None


def test_the_entry_of_one_conversation_cannot_be_joined_to_another() -> None:
    one = SIGNER.message_id(REF, DOMAIN).removeprefix("<c.").split(".")
    two = SIGNER.message_id(MessageRef(derived("x"), derived("y")), DOMAIN).removeprefix("<c.").split(".")
    assert SIGNER.read_message_id(f"<c.{one[0]}.{two[1]}.{two[2].split('@')[0]}@{DOMAIN}>") is None


# ── links to files ───────────────────────────────────────────────────────────────────────────────
def link(signer: Signer = SIGNER, file_id: str = "att_1") -> tuple[int, str]:
    exp, sig = (part.split("=")[1] for part in signer.file_query(file_id, LATER).split("&"))
    return int(exp), sig


def test_a_link_opens_its_file_until_it_expires() -> None:
    exp, sig = link()
    assert SIGNER.file_allowed("att_1", exp, sig, NOW)
    assert SIGNER.file_allowed("att_1", exp, sig, LATER)
    assert not SIGNER.file_allowed("att_1", exp, sig, LATER + timedelta(seconds=1))


def test_a_link_opens_no_other_file_and_lasts_no_longer_than_it_says() -> None:
    exp, sig = link()
    assert not SIGNER.file_allowed("att_2", exp, sig, NOW)
    assert not SIGNER.file_allowed("att_1", exp + 3600, sig, NOW)
    assert not SIGNER.file_allowed("att_1", exp, "", NOW)
    assert not SIGNER.file_allowed("att_1", exp, "ü" * 32, NOW)
    assert not SIGNER.file_allowed("att_1", exp, link(OTHER)[1], NOW)


def test_an_id_cannot_be_shifted_into_the_expiry() -> None:
    """`file.1` + `.23` must not be `file` + `.1.23`."""
    exp, sig = link(file_id="att.5")
    assert not SIGNER.file_allowed("att", int(f"5{exp}"), sig, NOW)


# ── links to images of the web ───────────────────────────────────────────────────────────────────
@given(st.text())
def test_a_link_opens_its_image_until_it_expires_and_nothing_else(url: str) -> None:
    query = dict(parse_qsl(SIGNER.image_query(url, LATER), keep_blank_values=True, strict_parsing=True))
    exp, sig = int(query["exp"]), query["sig"]
    assert query["url"] == url
    assert SIGNER.image_allowed(url, exp, sig, LATER)
    assert not SIGNER.image_allowed(url, exp, sig, LATER + timedelta(seconds=1))
    assert not SIGNER.image_allowed(url, exp + 1, sig, NOW)
    assert not SIGNER.image_allowed(f"{url}x", exp, sig, NOW)
    assert not SIGNER.image_allowed(url, exp, sig + "0", NOW)
    assert not OTHER.image_allowed(url, exp, sig, NOW)
    assert not SIGNER.file_allowed(url, exp, sig, NOW)


# ── visitors' tokens ─────────────────────────────────────────────────────────────────────────────
def test_a_visitors_token_says_who_it_is() -> None:
    assert SIGNER.read_visitor_token(SIGNER.visitor_token(VISITOR, LATER), NOW) == VISITOR


def test_an_old_token_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        SIGNER.read_visitor_token(SIGNER.visitor_token(VISITOR, LATER), LATER + timedelta(seconds=1))


def _b64(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _forgeries() -> list[str]:
    good = SIGNER.visitor_token(VISITOR, LATER)
    header, body, signature = good.split(".")
    exp = int(LATER.timestamp())
    claims = {"sub": "visitor-2", "brand": "mesa-cookware", "as": "", "aud": "messenger", "exp": exp}
    own_key = OctKey.import_key(SIGNER._key("visitor"))
    return [
        "",
        "x",
        "..",
        "a.b.c",
        "ü.ü.ü",
        good[:-2],
        f"{header}.{_b64(claims)}.{signature}",
        f"{_b64({'alg': 'none'})}.{_b64(claims)}.",
        f"{_b64({'alg': 'HS512'})}.{body}.{signature}",
        OTHER.visitor_token(VISITOR, LATER),
        jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SIGNER._key("file"))),  # a key of another purpose
        jwt.encode({"alg": "HS256"}, claims | {"aud": "desk"}, own_key),
        jwt.encode({"alg": "HS256"}, {key: value for key, value in claims.items() if key != "exp"}, own_key),
        jwt.encode({"alg": "HS256"}, {key: value for key, value in claims.items() if key != "sub"}, own_key),
    ]


@pytest.mark.parametrize("token", _forgeries(), ids=range(len(_forgeries())))
def test_a_forged_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        SIGNER.read_visitor_token(token, NOW)


@given(st.text())
def test_any_token_is_read_or_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        SIGNER.read_visitor_token(token, NOW)


# ── verified visitors ────────────────────────────────────────────────────────────────────────────
def test_a_brands_key_proves_its_own_users_only() -> None:
    assert SIGNER.user_key("a") == SIGNER.user_key("a")
    assert len({SIGNER.user_key("a"), SIGNER.user_key("b"), OTHER.user_key("a")}) == 3


SIDE_REF = MessageRef(REF.conversation_id, REF.entry_id, "5b0f1b8e-7c54-5f3a-8a57-6d3f1f0d9a10")


def test_a_side_message_id_names_its_side_conversation() -> None:
    made = SIGNER.message_id(SIDE_REF, DOMAIN)
    assert SIGNER.read_message_id(made) == SIDE_REF
    assert len(made) <= 200


def test_neither_form_of_message_id_passes_as_the_other() -> None:
    """Without the side's id, an answer to the warehouse's thread must not become one to the customer's."""
    _, conversation, _, entry, rest = SIGNER.message_id(SIDE_REF, DOMAIN).split(".", 4)
    assert SIGNER.read_message_id(f"<c.{conversation}.{entry}.{rest}") is None
    _, conversation, entry, rest = SIGNER.message_id(REF, DOMAIN).split(".", 3)
    assert SIGNER.read_message_id(f"<s.{conversation}.{conversation}.{entry}.{rest}") is None
