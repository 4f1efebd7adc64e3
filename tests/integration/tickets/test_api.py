"""HTTP as the browser uses it: sign-in, commands sent twice, who may do what, what a visitor sees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from joserfc import jwe

from services.tickets.demo.directory import brands
from shared import clock, ids
from shared.contracts.directory import AgentChanged, SigningKeyChanged
from shared.signing import Visitor
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received

ONE = conversation_id("one")


@pytest.fixture
async def desk(running: Running) -> Running:
    """Two conversations, and an agent who works for Earth Echo alone."""
    await running.handlers.on_batch([received(message("one")), received(message("echo", brand_id="earth-echo"))])
    narrow = AgentChanged(
        agent_id="narrow", seq=1, name="N", email="n@x.example", role_id="lead", brand_ids=("earth-echo",)
    )
    await running.store.directory.put(narrow)
    await running.learn()
    return running


async def sign_in(browser: httpx.AsyncClient, password: str) -> httpx.Response:
    return await browser.post("/session", json={"email": "MAYA@switchboard.example ", "password": password})


async def test_sign_in_refresh_and_out(running: Running) -> None:
    async with running.browser() as browser:
        answer = await sign_in(browser, "switchboard-demo")
        assert answer.status_code == 200
        assert answer.json()["agent"]["agent_id"] == "maya"
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        token = answer.json()["access_token"]
        me = await browser.get("/me", headers={"Authorization": f"Bearer {token}"})
        assert me.json()["role"]["role_id"] == "agent"
        assert (await browser.post("/session/refresh")).status_code == 200
        assert (await browser.delete("/session")).status_code == 204
        assert (await browser.post("/session/refresh")).status_code == 401


async def test_a_desk_whose_key_was_made_under_the_older_name_of_its_algorithm_signs_in(running: Running) -> None:
    tokens, store = running.tickets.tokens, running.store.directory
    (row,) = await store.keys()
    private = json.loads(jwe.decrypt_compact(row["private_jwe"], tokens._wrap).plaintext or b"") | {"alg": "EdDSA"}
    older = SigningKeyChanged(key_id=row["_id"], seq=0, jwk=row["jwk"] | {"alg": "EdDSA"})
    wrapped = jwe.encrypt_compact({"alg": "dir", "enc": "A256GCM"}, json.dumps(private).encode(), tokens._wrap)
    await store.put(older, private={"jwe": wrapped})
    await tokens.prepare()
    await running.learn()
    async with running.browser() as browser:
        token = (await sign_in(browser, "switchboard-demo")).json()["access_token"]
        assert (await browser.get("/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200


async def test_guessing_is_throttled_even_with_the_right_password_at_last(running: Running) -> None:
    async with running.browser() as browser:
        answers = [(await sign_in(browser, f"guess {n}")).status_code for n in range(10)]
        assert answers == [401] * 10
        assert (await sign_in(browser, "switchboard-demo")).status_code == 429


async def test_new_password_and_deactivation_end_sessions(running: Running) -> None:
    agent = {"name": "Maya", "email": "maya@switchboard.example", "role_id": "agent"}
    async with running.browser() as browser, running.browser("admin") as admin:
        await sign_in(browser, "switchboard-demo")
        changed = await admin.put("/agents/maya", json={**agent, "password": "a new password"})
        assert changed.status_code == 200
        assert "password" not in changed.text
        assert (await browser.post("/session/refresh")).status_code == 401
        assert (await sign_in(browser, "a new password")).status_code == 200
        await admin.put("/agents/maya", json={**agent, "active": False})
        assert (await browser.post("/session/refresh")).status_code == 401
    async with running.browser("maya") as late:
        assert (await late.get("/me")).status_code == 401


async def test_reply_twice_with_one_key_is_sent_once_and_answered_alike(desk: Running) -> None:
    async with desk.browser("maya") as browser:
        body = {"html": "<p>On its way.</p>", "then": {"kind": "close"}}
        key = {"Idempotency-Key": "k1"}
        first = await browser.post(f"/conversations/{ONE}/reply", json=body, headers=key)
        again = await browser.post(f"/conversations/{ONE}/reply", json=body, headers=key)
        assert first.status_code == 200, first.text
        assert first.json() == again.json()
        assert [one["type"] for one in first.json()["events"]] == ["ReplySent", "Closed"]
        timeline = (await browser.get(f"/conversations/{ONE}/timeline")).json()
        assert [one["type"] for one in timeline["items"]] == ["ConversationStarted", "ReplySent", "Closed"]
        other = await browser.post(f"/conversations/{conversation_id('echo')}/reply", json=body, headers=key)
        assert (other.status_code, other.json()["code"]) == (409, "key_used")


async def test_compose_makes_a_conversation_and_its_contact_once(desk: Running) -> None:
    pan = desk.tickets.signer.upload_id("maya")
    body = {
        "brand_id": "mesa-cookware",
        "to": [{"address": "Bob@Example.org", "name": "Bob"}],
        "subject": "Your pan",
        "html": "<p>It is back in stock.</p>",
        "attachments": [{"id": pan, "name": "pan.pdf", "content_type": "application/pdf", "size_bytes": 3}],
    }
    async with desk.browser("maya") as browser:
        answers = [await browser.post("/conversations", json=body, headers={"Idempotency-Key": "c"}) for _ in "12"]
        assert [one.status_code for one in answers] == [201, 201], answers[0].text
        assert answers[0].json() == answers[1].json()
        [event] = answers[0].json()["events"]
        assert event["data"]["message"]["message_id"].endswith("@mesacookware.example>")
        assert event["data"]["message"]["attachments"][0]["url"].startswith(desk.settings.files_url)
        assert await desk.store.contacts.count_documents({"handles": "email:bob@example.org"}) == 1
        mine = (await browser.get("/conversations", params={"inbox": "created"})).json()
        assert [one["head"]["subject"] for one in mine["items"]] == ["Your pan"]


async def test_only_files_of_ones_own_can_be_sent(desk: Running) -> None:
    """Its answer has a link to the file: whoever named somebody else's would have read it."""
    signer = desk.tickets.signer
    own, theirs = signer.upload_id("maya"), signer.upload_id("leo")
    async with desk.browser("maya") as browser:
        for file_id in (theirs, own.partition(".")[0], f"{own}0", f"x{own}", "", "é.é"):
            body = {"html": "<p>x</p>", "attachments": [file_id or "x"]}
            refused = await browser.post(f"/conversations/{ONE}/reply", json=body)
            assert (refused.status_code, refused.json()["code"]) == (422, "unknown_file"), file_id
        answer = await browser.post(f"/conversations/{ONE}/reply", json={"html": "<p>x</p>", "attachments": [own]})
        assert answer.status_code == 200, answer.text


async def test_unread_until_read_and_again_when_the_customer_writes(desk: Running) -> None:
    async with desk.browser("maya") as browser:

        async def unread() -> bool:
            return bool((await browser.get(f"/conversations/{ONE}")).json()["unread"])

        assert await unread()
        assert (await browser.post(f"/conversations/{ONE}/read", json={"seq": 1})).status_code == 204
        assert not await unread()
        await desk.handlers.on_batch([received(message("one", "Hello?"))])
        assert await unread()


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("reply", {"html": "<p>x</p>"}),
    ("note", {"html": "<p>x</p>"}),
    ("assign", {"team_id": "email-support", "assignee_id": "leo"}),
    ("snooze", {"until": "2026-12-31T00:00:00Z"}),
    ("wake", {}),
    ("tags", {"add": ["late"]}),
    ("topic", {"topic": "Billing"}),
    ("priority", {"priority": True}),
    ("spam", {"spam": True}),
    ("spam", {"spam": False}),
    ("close", {}),
    ("reopen", {}),
]
COMPOSE = {"brand_id": "paleo-hacks", "to": [{"address": "a@b.example"}], "html": "x"}


async def codes(browser: httpx.AsyncClient, id_: str) -> list[int]:
    base = f"/conversations/{id_}"
    gets = [(await browser.get(path)).status_code for path in (base, f"{base}/timeline")]
    posts = [(await browser.post(f"{base}/{name}", json=body)).status_code for name, body in COMMANDS]
    read = (await browser.post(f"{base}/read", json={"seq": 1})).status_code
    return [*gets, *posts, read]


def only(refused: Sequence[str], status: int) -> list[int]:
    return [200, 200, *[status if name in refused else 200 for name, _ in COMMANDS], 204]


@pytest.mark.parametrize(
    ("agent", "wanted"),
    [
        ("lead", only((), 200)),
        ("admin", only((), 200)),
        ("maya", only(("assign",), 403)),
        ("observer", only([name for name, _ in COMMANDS], 403)),
        ("nora", [403] * (len(COMMANDS) + 3)),
        ("reviewer", only([name for name, _ in COMMANDS], 403)),
        ("narrow", [404] * (len(COMMANDS) + 3)),
        (None, [401] * (len(COMMANDS) + 3)),
    ],
)
async def test_who_may_do_what_to_a_conversation(desk: Running, agent: str | None, wanted: list[int]) -> None:
    async with desk.browser(agent) as browser:
        assert await codes(browser, ONE) == wanted
        composed = await browser.post("/conversations", json=COMPOSE)
        assert composed.status_code == {"narrow": 422, None: 401}.get(
            agent, 201 if agent in ("lead", "admin", "maya") else 403
        )


@pytest.mark.parametrize("agent", ["admin", "lead", "maya", "observer", None])
async def test_only_admins_change_the_directory(desk: Running, agent: str | None) -> None:
    wanted = {"admin": 200, None: 401}.get(agent, 403)
    bodies = {
        "/teams/night": {"name": "Night"},
        "/brands/new": {"name": "New", "color": "#112233", "addresses": [{"address": "hi@new.example"}]},
        "/agents/new": {"name": "New", "email": "new@x.example", "role_id": "agent", "team_ids": ["email-support"]},
    }
    async with desk.browser(agent) as browser:
        for path, body in bodies.items():
            assert (await browser.put(path, json=body)).status_code == wanted


async def test_lists_and_counts_show_only_the_viewers_brands(desk: Running) -> None:
    async with desk.browser("narrow") as browser:
        found = (await browser.get("/conversations", params={"inbox": "all"})).json()
        assert [one["head"]["brand_id"] for one in found["items"]] == ["earth-echo"]
        hidden = (await browser.get("/conversations", params={"inbox": "brand:paleo-hacks"})).json()
        assert (hidden["items"], hidden["total"]) == ([], 0)
        counts = (await browser.get("/inboxes")).json()["counts"]
        assert (counts["all"], counts["unassigned"]) == (1, 1)
        assert [name for name in counts if name.startswith("brand:")] == ["brand:earth-echo"]
        assert [one["brand_id"] for one in (await browser.get("/directory")).json()["brands"]] == ["earth-echo"]
    async with desk.browser("maya") as browser:
        assert len((await browser.get("/directory")).json()["brands"]) == len(brands())


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("GET", "/conversations?inbox=everything", None, "unknown_inbox"),
        ("GET", "/conversations?cursor=%24ne", None, "bad_cursor"),
        ("GET", "/conversations?cursor=WzAsMSwyXQ", None, "bad_cursor"),
        ("GET", "/conversations?sort=%24where", None, "invalid"),
        ("GET", f"/conversations/{ids.random_id()}", None, "unknown_conversation"),
        ("POST", f"/conversations/{ONE}/reply", {"html": "x", "bc": []}, "invalid"),
        ("POST", f"/conversations/{ONE}/reply", {"html": "x", "to": [{"address": "a@b\r\nBcc: c@d"}]}, "invalid"),
        ("POST", f"/conversations/{ONE}/reply", {"html": "<script>x</script>"}, "empty_message"),
        ("POST", f"/conversations/{ONE}/reply", {"html": "x", "then": {"kind": "snooze"}}, "no_snooze_time"),
        ("POST", f"/conversations/{ONE}/assign", {"assignee_id": "maya"}, "invalid"),
        ("POST", f"/conversations/{ONE}/tags", {"add": [{"$gt": ""}]}, "invalid"),
    ],
)
async def test_bad_requests_say_what_is_wrong(
    desk: Running, method: str, path: str, body: dict[str, Any] | None, code: str
) -> None:
    async with desk.browser("maya") as browser:
        answer = await browser.request(method, path, json=body)
        assert (answer.json()["code"], answer.headers["content-type"]) == (code, "application/problem+json")
        assert answer.json()["detail"]


async def test_visitor_sees_messages_alone_and_only_their_own(running: Running) -> None:
    await running.handlers.on_batch([received(message("chat", "Hi", sender="v1", channel="chat"))])
    async with running.browser("maya") as browser:
        chat = conversation_id("chat")
        await browser.post(f"/conversations/{chat}/note", json={"html": "<p>secret</p>"})
        await browser.post(f"/conversations/{chat}/reply", json={"html": "<p>Hello Ada</p>"})
        await browser.post(f"/conversations/{chat}/tags", json={"add": ["vip"]})
        assert (await browser.get("/tags")).json() == [{"tag": "vip", "count": 1}]
    for visitor, brand, wanted in [
        ("v1", "paleo-hacks", [["Hi", "Hello Ada"]]),
        ("v2", "paleo-hacks", []),
        ("v1", "earth-echo", []),
    ]:
        token = running.tickets.signer.visitor_token(Visitor(visitor, brand), clock.now() + timedelta(days=365))
        async with running.browser() as browser:
            answer = await browser.get("/messenger/conversations", headers={"Authorization": f"Bearer {token}"})
            assert [[one["text"] for one in item["messages"]] for item in answer.json()["items"]] == wanted
            assert "secret" not in answer.text
            assert "ada@" not in answer.text


async def test_remote_images_are_signed_for_who_may_read_the_message_and_for_no_other_address(desk: Running) -> None:
    html = '<p><img data-remote-src="https://x.example/a.png?a=1&amp;b=2"> <img src="cid:own"></p>'
    quoted = '<blockquote><img data-remote-src="http://x.example/old.gif"></blockquote>'
    await desk.handlers.on_batch([received(message("pictures", html=html, quoted_html=quoted))])
    path = f"/conversations/{conversation_id('pictures')}/images"
    async with desk.browser("maya") as browser:
        answer = await browser.post(path, json={"seq": 1})
        assert answer.status_code == 200, answer.text
        links = {one["src"]: httpx.URL(one["url"]) for one in answer.json()["items"]}
        assert list(links) == ["https://x.example/a.png?a=1&b=2", "http://x.example/old.gif"]
        for src, link in links.items():
            assert str(link).startswith(f"{desk.settings.files_url}/images?")
            given = dict(link.params)
            assert given["url"] == src
            assert desk.tickets.signer.image_allowed(src, int(given["exp"]), given["sig"], clock.now())
            lasts_s = int(given["exp"]) - clock.now().timestamp()
            assert 0 < lasts_s <= desk.settings.image_link_s
        for other in (2, 999):
            assert (await browser.post(path, json={"seq": other})).json()["items"] == []
        for wrong in ({}, {"seq": 0}, {"seq": 2**53}, {"seq": 1, "url": "https://x.example/mine.png"}):
            assert (await browser.post(path, json=wrong)).status_code == 422
        assert (await browser.post("/conversations/none/images", json={"seq": 1})).status_code == 404
    async with desk.browser("narrow") as browser:
        assert (await browser.post(path, json={"seq": 1})).status_code == 404
