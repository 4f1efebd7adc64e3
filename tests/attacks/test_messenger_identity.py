"""Row 9: who a site says its visitor is. A proof that is made up, old, endless, altered or another brand's; and what
joins a profile, or is seen by who comes after at the same browser."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import RSAKey

from shared.signing import Signer
from tests.attacks.people import OWN_BRAND, bearer
from tests.attacks.visitors import (
    DAY_S,
    HISTORY,
    OTHER_BRAND,
    SESSIONS,
    by_hand,
    claims,
    history,
    opened,
    part,
    proof,
    secret_of,
    shown,
    writes,
)
from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until


@pytest.fixture(scope="module")
def secret(desk: Desk) -> str:
    return secret_of(desk)


@pytest_asyncio.fixture(scope="module")
async def admin(desk: Desk) -> AsyncIterator[Agent]:
    async with Agent(desk.web, desk.account("admin")) as one:
        yield one


@pytest.fixture(scope="module")
def key(secret: str) -> str:
    """The brand's, as its developers are given it."""
    return Signer(secret).user_key(OWN_BRAND)


# ── the site's proof ─────────────────────────────────────────────────────────────────────────────
FORGED: dict[str, Callable[[str, str], str]] = {
    "garbage": lambda *_: "x",
    "nothing in three parts": lambda *_: "..",
    "a plain HMAC of the id": lambda key, _: hmac.new(key.encode(), b"u-1", "sha256").hexdigest(),
    "another key": lambda *_: proof("0" * 64, claims()),
    "an empty key": lambda *_: proof("", claims()),
    "another brand's key": lambda _, secret: proof(Signer(secret).user_key(OTHER_BRAND), claims()),
    "the desk's own secret": lambda _, secret: proof(secret, claims()),
    "the key's bytes": lambda key, _: by_hand({"alg": "HS256"}, claims(), bytes.fromhex(key)),
    "a visitor's own token": lambda _, secret: by_hand({"alg": "HS256"}, claims(), Signer(secret)._key("visitor")),
    "no algorithm": lambda *_: f"{part({'alg': 'none'})}.{part(claims())}.",
    "NoNe": lambda *_: f"{part({'alg': 'NoNe'})}.{part(claims())}.",
    "no header at all": lambda key, _: by_hand({}, claims(), key),
    "HS512": lambda key, _: by_hand({"alg": "HS512"}, claims(), key, "sha512"),
    "HS256 that says RS256": lambda key, _: by_hand({"alg": "RS256"}, claims(), key),
    "a true RS256 with its key along": lambda *_: _rs256(),
    "a key named by address": lambda *_: by_hand({"alg": "HS256", "jku": "https://evil.example/k"}, claims(), "k"),
    "a key of its own": lambda *_: by_hand({"alg": "HS256", "jwk": {"kty": "oct", "k": "aw"}}, claims(), "k"),
    "a part that must be understood": lambda key, _: by_hand({"alg": "HS256", "crit": ["x"], "x": 1}, claims(), key),
    "old": lambda key, _: proof(key, claims(exp=int(time.time()) - 1)),
    "without an end": lambda key, _: proof(key, {"sub": "u-1"}),
    "an end that is none": lambda key, _: proof(key, claims(exp=None)),
    "an end in words": lambda key, _: proof(key, claims(exp="2999-01-01")),
    "an end that is true": lambda key, _: proof(key, claims(exp=True)),
    "an end without end": lambda key, _: proof(key, claims(exp=float("inf"))),
    "an end in milliseconds": lambda key, _: proof(key, claims(exp=int(time.time() + 600) * 1000)),
    "a week": lambda key, _: proof(key, claims(exp=int(time.time()) + 7 * DAY_S)),
    "not yet": lambda key, _: proof(key, claims(nbf=int(time.time()) + 3600)),
    "nobody": lambda key, _: proof(key, {"exp": int(time.time()) + 600}),
    "an empty id": lambda key, _: proof(key, {"sub": "", "exp": int(time.time()) + 600}),
    "a number as id": lambda key, _: proof(key, claims(1)),
    "an operator as id": lambda key, _: proof(key, claims({"$ne": ""})),
    "an id with what nobody sees": lambda key, _: proof(key, claims("u-\u200b1")),
    "an id with a blank": lambda key, _: proof(key, claims("u-1 ")),
    "an id without end": lambda key, _: proof(key, claims("u" * 300)),
}


def _rs256() -> str:
    mine = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": mine.as_dict(private=False)}, claims(), mine)


@pytest.mark.parametrize("what", FORGED)
async def test_a_proof_that_is_not_the_sites_opens_nothing(
    client: httpx.AsyncClient, key: str, secret: str, what: str
) -> None:
    """Refused, and alike: not taken for a stranger either, who would then write in somebody's name."""
    user = {"token": FORGED[what](key, secret)}
    answer = await client.post(SESSIONS, json={"brand_id": OWN_BRAND, "user": user})
    assert (answer.status_code, answer.json()["code"]) == (403, "user_token"), answer.text
    assert "token" not in answer.json()


async def test_a_proof_altered_anywhere_is_refused(client: httpx.AsyncClient, key: str) -> None:
    header, said, mac = proof(key, claims("u-1")).split(".")
    altered = [f"{header}.{part(claims('admin'))}.{mac}", f"{header}.{said}.", f"{header}.{said}.{mac[:-4]}AAAA"]
    for token in altered:
        answer = await client.post(SESSIONS, json={"brand_id": OWN_BRAND, "user": {"token": token}})
        assert answer.status_code == 403, token


async def test_a_proof_is_worth_nothing_at_another_brand_or_as_a_visitors_token(
    client: httpx.AsyncClient, key: str
) -> None:
    token = proof(key, claims())
    assert (await client.post(SESSIONS, json={"brand_id": OWN_BRAND, "user": {"token": token}})).status_code == 200
    there = await client.post(SESSIONS, json={"brand_id": OTHER_BRAND, "user": {"token": token}})
    assert there.status_code == 403
    assert (await client.get(HISTORY, headers=bearer(token))).status_code == 401
    assert (await writes(client, token, "x")).status_code == 401


async def test_a_proof_sent_again_is_the_same_person_whatever_is_said_beside_it(
    client: httpx.AsyncClient, key: str
) -> None:
    """By another visitor's browser, with another id, name and address: nothing beside the token counts."""
    token = proof(key, claims())
    first = await opened(client, user={"token": token})
    stranger = await opened(client)
    lies = {"token": token, "id": "admin", "name": "Somebody", "email": "victim@customer.example"}
    again = await opened(client, visitor_token=stranger["token"], user=lies)
    assert again["visitor_id"] == first["visitor_id"] != stranger["visitor_id"]


async def test_a_session_that_a_proof_opened_ends_within_a_day(client: httpx.AsyncClient, key: str) -> None:
    session = await opened(client, user={"token": proof(key, claims())})
    body = session["token"].split(".")[1]
    ends_at = json.loads(base64.urlsafe_b64decode(body + "=="))["exp"]
    assert ends_at <= time.time() + DAY_S + 60


# ── profiles ─────────────────────────────────────────────────────────────────────────────────────
async def test_nothing_said_without_proof_joins_a_profile(
    desk: Desk, client: httpx.AsyncClient, admin: Agent, key: str
) -> None:
    """Not by a known address, not by a known id, and not by an address beside a proof; by the proof's own it does."""
    mark = uuid.uuid4().hex
    victim, sub = f"victim-{mark}@customer.example", f"u-{mark}"
    words = mail(to="support@earthecho.example", subject=f"mine {mark}", text="x", sender=f"Vic Tim <{victim}>")
    await send_mail(desk.smtp, words)
    theirs = (await until(lambda: admin.find(f"mine {mark}")))["contact_id"]
    real = await opened(client, user={"token": proof(key, claims(sub, name="Vic Tim"))})

    async def contact_of(token: str, text: str) -> str:
        conversation_id = (await writes(client, token, text)).json()["conversation_id"]
        await shown(client, token, text)
        return str((await admin.get(f"/api/tickets/conversations/{conversation_id}"))["head"]["contact_id"])

    user = await contact_of(real["token"], "as the user")
    claimed = await opened(client, user={"id": sub, "name": "Vic Tim", "email": victim})
    beside = await opened(client, user={"token": proof(key, claims()), "id": sub, "email": victim})
    assert await contact_of(claimed["token"], "claimed") not in (user, theirs)
    assert await contact_of(beside["token"], "beside") not in (user, theirs)
    proven = await opened(client, user={"token": proof(key, claims(email=victim))})
    assert await contact_of(proven["token"], "proven") == theirs


async def test_what_was_written_before_signing_in_stays_with_nobody(client: httpx.AsyncClient, key: str) -> None:
    anonymous = await opened(client)
    assert (await writes(client, anonymous["token"], "before I signed in")).status_code == 202
    await shown(client, anonymous["token"], "before I signed in")
    user = await opened(client, visitor_token=anonymous["token"], user={"token": proof(key, claims())})
    assert user["visitor_id"] != anonymous["visitor_id"]
    assert "before I signed in" not in await history(client, user["token"])


async def test_who_comes_after_somebody_signed_out_sees_nothing_of_them(
    desk: Desk, client: httpx.AsyncClient, key: str
) -> None:
    """The browser still holds the first one's token: without the proof it goes on as nobody; so does another user."""
    first = await opened(client, user={"token": proof(key, claims())})
    assert (await writes(client, first["token"], "private")).status_code == 202
    await shown(client, first["token"], "private")
    nobody = await opened(client, visitor_token=first["token"])
    another = await opened(client, visitor_token=first["token"], user={"token": proof(key, claims())})
    claimed = await opened(client, visitor_token=first["token"], user={"id": "u-1", "email": "a@b.example"})
    sessions = [nobody, another, claimed]
    assert len({one["visitor_id"] for one in [first, *sessions]}) == 4
    for one in sessions:
        assert "private" not in await history(client, one["token"])
