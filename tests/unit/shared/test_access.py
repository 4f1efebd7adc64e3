"""Who may come in: only who holds a token of ours, in time, for this desk, and is still with us."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.access import Access
from shared.contracts.directory import AgentChanged, RoleChanged, SigningKeyChanged
from shared.directory import Directory
from shared.errors import Forbidden, Transient, Unauthenticated
from shared.settings import Settings

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
KEY = OKPKey.generate_key("Ed25519", {"kid": "2026-05"})
STRANGER = OKPKey.generate_key("Ed25519", {"kid": "2026-05"})
CLAIMS = {"sub": "maya", "aud": "desk", "exp": int((NOW + timedelta(minutes=10)).timestamp())}


@pytest.fixture
def directory(settings: Settings) -> Directory:
    made = Directory(settings)
    made.learn(SigningKeyChanged(key_id="2026-05", seq=1, jwk=KEY.as_dict(private=False)))
    made.learn(RoleChanged(role_id="agent", seq=1, name="Agent", permissions=("conversations.read",)))
    made.learn(
        AgentChanged(agent_id="maya", seq=1, name="Maya", email="m@x.example", role_id="agent", brand_ids=("a",))
    )
    made.learn(AgentChanged(agent_id="gone", seq=1, name="G", email="g@x.example", role_id="agent", active=False))
    return made


@pytest.fixture
def access(directory: Directory) -> Access:
    directory._whole = True
    return Access(directory, lambda: NOW)


def token(claims: dict[str, Any] = CLAIMS, *, key: Any = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "Ed25519", "kid": "2026-05"} | header, claims, key, algorithms=["Ed25519", "HS256"])


def b64(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def test_nobody_is_told_to_sign_in_again_while_the_directory_is_read(directory: Directory) -> None:
    with pytest.raises(Transient):
        Access(directory, lambda: NOW).viewer_of(token())


def test_a_good_token_is_an_agent_with_the_roles_permissions(access: Access) -> None:
    viewer = access.viewer_of(token())
    assert (viewer.agent_id, viewer.role_id, viewer.permissions) == ("maya", "agent", {"conversations.read"})


def test_a_change_of_role_takes_effect_at_once(access: Access, directory: Directory) -> None:
    good = token()
    directory.learn(RoleChanged(role_id="agent", seq=2, name="Agent", permissions=()))
    assert access.viewer_of(good).permissions == frozenset()


def test_an_agent_who_was_deactivated_is_out_at_once(access: Access, directory: Directory) -> None:
    good = token()
    access.viewer_of(good)
    directory.learn(directory.agents["maya"].model_copy(update={"seq": 2, "active": False}))
    with pytest.raises(Unauthenticated, match="unknown_agent"):
        access.viewer_of(good)


def test_a_role_that_is_not_known_permits_nothing(access: Access, directory: Directory) -> None:
    directory.learn(directory.agents["maya"].model_copy(update={"seq": 2, "role_id": "ghost"}))
    viewer = access.viewer_of(token())
    assert not viewer.may("conversations.read")
    with pytest.raises(Forbidden, match="read conversations"):
        viewer.need("conversations.read")


def test_brands_limit_what_is_seen_and_none_means_all(access: Access, directory: Directory) -> None:
    assert [access.viewer("maya").sees_brand(one) for one in ("a", "b")] == [True, False]
    directory.learn(directory.agents["maya"].model_copy(update={"seq": 2, "brand_ids": ()}))
    assert access.viewer("maya").sees_brand("b")


def _without(claim: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != claim}


PUBLIC = OctKey.import_key(base64.urlsafe_b64decode(str(KEY.as_dict(private=False)["x"]) + "=="))
FORGED: dict[str, Any] = {
    "empty": lambda: "",
    "no token": lambda: "maya",
    "dots": lambda: "..",
    "not base64": lambda: "ü.ü.ü",
    "expired": lambda: token(CLAIMS | {"exp": int(NOW.timestamp()) - 1}),
    "without expiry": lambda: token(_without("exp")),
    "expiry is text": lambda: token(CLAIMS | {"exp": "tomorrow"}),
    "for the messenger": lambda: token(CLAIMS | {"aud": "messenger"}),
    "for nobody": lambda: token(_without("aud")),
    "without subject": lambda: token(_without("sub")),
    "not yet valid": lambda: token(CLAIMS | {"nbf": int(NOW.timestamp()) + 600}),
    "of nobody": lambda: token(CLAIMS | {"sub": "nobody"}),
    "of one who left": lambda: token(CLAIMS | {"sub": "gone"}),
    "of a list": lambda: token(CLAIMS | {"sub": ["maya"]}),
    "unknown key": lambda: token(kid="2020-01"),
    "no key named": lambda: jwt.encode({"alg": "Ed25519"}, CLAIMS, KEY, algorithms=["Ed25519"]),
    "key named by a list": lambda: f"{b64({'alg': 'Ed25519', 'kid': ['2026-05']})}.{b64(CLAIMS)}.AAAA",
    "a stranger's key": lambda: token(key=STRANGER),
    "no signature": lambda: f"{b64({'alg': 'none', 'kid': '2026-05'})}.{b64(CLAIMS)}.",
    "none in capitals": lambda: f"{b64({'alg': 'NONE', 'kid': '2026-05'})}.{b64(CLAIMS)}.",
    "signed with our public key": lambda: token(key=PUBLIC, alg="HS256"),
    "signature of other claims": lambda: ".".join([token().split(".")[0], b64(CLAIMS | {"sub": "x"}), token()[-86:]]),
    "header is no object": lambda: f"{b64([1])}.{b64(CLAIMS)}.AAAA",
    "claims are no object": lambda: f"{token().split('.')[0]}.{b64([1])}.AAAA",
    "critical header": lambda: f"{b64({'alg': 'Ed25519', 'kid': '2026-05', 'crit': ['x'], 'x': 1})}.{b64(CLAIMS)}.AAAA",
    "not encoded (b64 false)": lambda: f"{b64({'alg': 'Ed25519', 'kid': '2026-05', 'b64': False})}.x.AAAA",
    "deep": lambda: f"{b64(b'[' * 50_000)}.{b64(CLAIMS)}.AAAA",
}


@pytest.mark.parametrize("way", FORGED)
def test_a_forged_or_useless_token_is_refused(access: Access, way: str) -> None:
    with pytest.raises(Unauthenticated):
        access.viewer_of(FORGED[way]())


def test_a_broken_key_in_the_directory_refuses_rather_than_fails(access: Access, directory: Directory) -> None:
    for n, jwk in enumerate([{}, {"kty": "RSA"}, {"kty": "OKP"}, {"kty": "OKP", "crv": "Ed25519", "x": 5}], start=2):
        directory.learn(SigningKeyChanged(key_id="2026-05", seq=n, jwk=jwk))
        with pytest.raises(Unauthenticated):
            access.viewer_of(token())


@given(header=st.binary(max_size=60), body=st.binary(max_size=60), tail=st.text(max_size=20))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_refused(access: Access, header: bytes, body: bytes, tail: str) -> None:
    for one in (f"{b64(header)}.{b64(body)}.{tail}", tail, f"{token().rsplit('.', 1)[0]}.{tail}"):
        with pytest.raises(Unauthenticated):
            access.viewer_of(one)
