"""Row 11: operators in the place of values, tampered cursors, line breaks for headers and logs, ids that are no ids.

CVE-2025-21628 (filters). There is no CSV export yet, so no cell to quote.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.attacks.conftest import Cast
from tests.attacks.guards import GUARDS, says_nothing
from tests.attacks.people import OWN_BRAND, bearer
from tests.attacks.routes import Route
from tests.attacks.test_who_sees_what import RAW_BODIES, WHO_OF, guarded, request
from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, until

OPERATORS: tuple[Any, ...] = ({"$gt": ""}, {"$ne": None}, {"$where": "sleep(10000)"}, [{"$regex": ".*"}])
STRANGE_IDS = (
    '{"$ne":null}',
    "$where",
    "../../../etc/passwd",
    "%2e%2e%2f",
    "a\x00b",
    "\u202egnp.exe",
    "\uff0e\uff0e\uff0f",
    "\ud7ff\U0010ffff",
    "' OR 1=1 --",
    "x" * 5000,
    "0",
    "null",
    "a|b",
    "a:b*",
)


def token(cast: Cast, route: Route) -> str:
    return cast.tokens[WHO_OF.get(GUARDS[route.name].who, "admin")]


async def test_an_operator_in_the_place_of_a_value_is_refused(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast
) -> None:
    """In every field of every body that takes a text, a number or a flag."""
    tried, wrong = 0, []
    for route in routes:
        if route.body is None or route.name in RAW_BODIES or route.name not in GUARDS:
            continue
        for name, schema in route.body["properties"].items():
            if schema.get("type") in ("object", "array") or "$ref" in schema:
                continue
            operator = OPERATORS[tried % len(OPERATORS)]
            made = request(route, **cast.things.ids(route.ids))
            answer = await client.request(
                **{**made, "json": {**made["json"], name: operator}}, headers=bearer(token(cast, route))
            )
            tried += 1
            # A rule's "if" is an object: there it is an unknown field.
            if answer.status_code != 422:
                wrong.append((route.name, name, answer.status_code, answer.text[:100]))
    assert wrong == []
    assert tried > 40


async def test_an_operator_in_a_query_selects_nothing_more(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast
) -> None:
    """As `?name[$ne]=` (which some frameworks unfold) and as a value: never an error of ours, never another list."""
    wrong = []
    for route in guarded(routes):
        if route.method != "GET" or route.name in RAW_BODIES:
            continue
        address, who = route.address(**cast.things.ids(route.ids)), bearer(token(cast, route))
        plain = await client.get(address, headers=who)
        for name in route.query:
            unfolded = await client.get(f"{address}?{quote(name)}[$ne]=x", headers=who)
            as_value = await client.get(address, params={name: '{"$ne":null}'}, headers=who)
            same = unfolded.status_code == plain.status_code
            # 404: it was looked for as the name of one thing, and there is none of that name.
            empty = as_value.status_code in (404, 422) or nothing_in(as_value.json())
            if not (same and empty):
                wrong.append((route.name, name, unfolded.status_code, as_value.status_code, as_value.text[:100]))
    assert wrong == []


def nothing_in(answer: Any) -> bool:
    """An empty list, bare or as `items`; or that there are none of anything."""
    return answer in ([], {"counts": {}}) or (isinstance(answer, dict) and answer.get("items") == [])


async def test_an_id_that_is_none_is_not_found(client: httpx.AsyncClient, routes: list[Route], cast: Cast) -> None:
    """Whatever stands there: 4xx, in words that do not repeat it whole."""
    wrong = []
    for number, route in enumerate(one for one in guarded(routes) if one.ids):
        # Each route gets three of them, so that each of them comes by many routes.
        for strange in (STRANGE_IDS[(3 * number + n) % len(STRANGE_IDS)] for n in range(3)):
            if GUARDS[route.name].everywhere and re.fullmatch(r"[a-z0-9-]{1,100}", strange):
                continue  # a good name for a new brand, team, role or type
            ids = {name: quote(strange.encode("utf-8", "surrogatepass"), safe="") for name in route.ids}
            answer = await client.request(**request(route, **ids), headers=bearer(token(cast, route)))
            nothing = answer.status_code == 200 and says_nothing(answer.json())
            if not (400 <= answer.status_code < 500 or nothing) or len(answer.text) > 2000:
                wrong.append((route.name, strange[:20], answer.status_code, answer.text[:100]))
    assert wrong == []


async def test_a_time_that_no_database_holds_is_refused(
    client: httpx.AsyncClient, routes: list[Route], cast: Cast
) -> None:
    """In UTC it lies outside of the calendar: such a time was taken, and answered with an error of ours."""
    tried = 0
    for route in routes:
        for name, schema in (route.body or {}).get("properties", {}).items():
            if "date-time" not in json.dumps(schema):
                continue
            for at in ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"):
                made = request(route, **cast.things.ids(route.ids))
                made["json"] = {**made["json"], name: at}
                answer = await client.request(**made, headers=bearer(token(cast, route)))
                assert answer.status_code == 422, (route.name, name, answer.text)
                tried += 1
    admin = bearer(cast.tokens["admin"])
    answer = await client.get("/api/ingest/rejected", params={"before": "9999-12-31T23:59:59-23:59"}, headers=admin)
    assert answer.status_code == 422
    assert tried >= 4


def tampered(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


CURSORS = [
    "x",
    "=",
    "%00",
    "A" * 400,
    tampered({"$gt": ""}),
    tampered([0, {"$gt": 0}, "x"]),
    tampered([0, 0, {"$gt": ""}]),
    tampered([99, 0, "x"]),
    tampered([-1, 0, "x"]),
    tampered([True, 0, "x"]),
    tampered([0, 10**30, "x"]),
    tampered([0, -(10**30), "x"]),
    tampered([0, 1.5, "x"]),
    tampered([0, 0, "x", 1]),
    tampered("[0]"),
    tampered([[[[[]]]]]),
]


@pytest.mark.parametrize("cursor", CURSORS)
async def test_a_cursor_that_is_not_ours_is_refused(client: httpx.AsyncClient, cast: Cast, cursor: str) -> None:
    endpoint = cast.things.by_id["endpoint_id"]
    for path in ("tickets/conversations", "notifications/deliveries", f"notifications/webhooks/{endpoint}/deliveries"):
        answer = await client.get(f"/api/{path}", params={"cursor": cursor}, headers=bearer(cast.tokens["admin"]))
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), path


async def test_a_cursor_of_one_who_sees_all_shows_nobody_else_more(client: httpx.AsyncClient, cast: Cast) -> None:
    """It says where to go on, not what may be seen."""
    admin, limited = bearer(cast.tokens["admin"]), bearer(cast.tokens["of another brand"])
    params = {"limit": 1, "status": "all"}
    cursor = (await client.get("/api/tickets/conversations", params=params, headers=admin)).json()["next_cursor"]
    params |= {"limit": 100, "cursor": cursor}
    page = (await client.get("/api/tickets/conversations", params=params, headers=limited)).json()
    assert {one["head"]["brand_id"] for one in page["items"]} == {OWN_BRAND}


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"x","when":["ConversationStarted"],"if":' + b'{"all":[' * 3000 + b"]}" * 3000 + b"}",
        b"[" * 400_000,
        b'{"email":"' + b"\\ud800" * 50 + b'","password":"\\ud800"}',
        b'{"email":"a@b.c","email":"c@d.e","password":1e999}',
        b'{"email":"a@b.c","password":"x","__proto__":{"admin":true}}',
        b'{"email":NaN,"password":Infinity}',
        b"\xff\xfe{\x00}\x00",
        b'{"email":' + b"9" * 100_000 + b"}",
    ],
)
async def test_hostile_json_is_refused_and_nothing_breaks(client: httpx.AsyncClient, cast: Cast, body: bytes) -> None:
    headers = {**bearer(cast.tokens["admin"]), "Content-Type": "application/json"}
    for path in ("/api/tickets/session", "/api/routing/rules", "/api/notifications/webhooks"):
        answer = await client.post(path, content=body, headers=headers)
        assert answer.status_code in (400, 401, 413, 422), (path, answer.status_code, answer.text[:200])
    headers |= bearer("")
    hook = await client.post("/api/ingest/aircall", content=body, headers=headers)
    assert hook.status_code in (401, 413, 422)


async def test_no_line_break_reaches_a_mails_headers(desk: Desk, client: httpx.AsyncClient, cast: Cast) -> None:
    """Subject, names, addresses and file names: a header that somebody writes into them must stay text in them."""
    evil, mark = "x\r\nBcc: victim@customer.example\r\n\r\n<script>", uuid.uuid4().hex
    who = bearer(cast.tokens["agent"])
    upload = await client.post(
        "/api/ingest/attachments", files={"file": (f"a{evil}.txt", b"x", "text/plain\r\nBcc: v@c.example")}, headers=who
    )
    assert upload.status_code == 201, upload.text
    file = upload.json()
    made_up = {**file, "name": f"b{evil}.txt", "content_type": f"text/plain{evil}"}
    to = f"to-{mark}@customer.example"
    body = {
        "brand_id": OWN_BRAND,
        "to": [{"address": to, "name": f"Ann{evil}"}],
        "subject": f"{mark}{evil}",
        "html": "<p>x</p>",
        "attachments": [file, made_up],
    }
    sent = await client.post("/api/tickets/conversations", json=body, headers=who)
    assert sent.status_code == 201, sent.text
    for address in (
        f"a@b.example{evil}",
        "a@b.example, victim@customer.example",
        "<a@b.example>",
        "a@b.example\u2028x",
    ):
        refused = await client.post(
            "/api/tickets/conversations", json={**body, "to": [{"address": address}]}, headers=who
        )
        assert refused.status_code == 422, address
    [mail] = await until(lambda: Sink(desk.smtp_sink_http).to(to, mark))
    assert mail["Bcc"] is None
    assert [one.addr_spec for one in mail["To"].addresses] == [to]
    names = [part.get_filename() for part in mail.walk() if part.get_filename()]
    assert len(names) == 2
    assert all("\n" not in name and "\r" not in name for name in names)
    assert "victim" not in str(mail.get("Bcc", "")) + str(mail.get("Cc", ""))
    link = sent.json()["events"][0]["data"]["message"]["attachments"][0]["url"]
    async with httpx.AsyncClient(timeout=20) as browser:
        download = await browser.get(link)
    assert "bcc" not in {name.lower() for name in download.headers}


async def test_nobody_writes_a_line_of_the_log(desk: Desk, client: httpx.AsyncClient, cast: Cast) -> None:
    """Every line is one JSON object of ours, whatever stands in paths, headers and bodies."""
    mark = uuid.uuid4().hex
    line = f'\r\n{{"level":"error","event":"forged {mark}"}}\r\n'
    headers = {"User-Agent": f"x{mark}", "X-Request-Id": f"forged-{mark}", "traceparent": f"forged {mark}"}
    for path in (f"/api/tickets/{quote(line)}", f"/api/tickets/conversations/{quote(line)}?inbox={quote(line)}"):
        await client.get(path, headers={**headers, **bearer(cast.tokens["admin"])})
    await client.post("/api/tickets/session", json={"email": line, "password": line})
    await client.post("/api/ingest/aircall", json={"token": line, "event": line})
    async with Agent(desk.web, desk.account("admin")) as admin:
        await admin.client.get("/api/tickets/conversations", params={"inbox": line, "cursor": line})
    logs = Path(desk.smtp_sink_maildir).parent / "logs"
    for name in ("ingest", "tickets", "routing", "notifications"):
        for said in (logs / f"{name}.log").read_text(errors="replace").splitlines():
            if said.startswith("{"):
                assert isinstance(json.loads(said), dict), said
            assert not said.startswith('{"level":"error","event":"forged'), said


async def test_a_pattern_that_would_run_for_years_does_not(client: httpx.AsyncClient, cast: Cast) -> None:
    """RE2 is linear, so the rule is taken; tests/unit/routing/test_fuzz.py runs it. What RE2 has not, such as back
    references, and what would need much memory is refused with the place."""
    rule = {"name": "slow", "when": ["ConversationStarted"], "then": [{"kind": "add_tags", "tags": ["slow"]}]}

    def asks(pattern: str) -> dict[str, Any]:
        condition = {"field": "message.text", "operator": "matches", "value": pattern}
        return {**rule, "enabled": False, "if": {"all": [condition]}}

    headers = bearer(cast.tokens["admin"])
    for pattern in ("(a+)+$", "(a|aa)+$", "(.*a){20}", "^(([a-z])+.)+[A-Z]([a-z])+$"):
        made = await client.post("/api/routing/rules", json=asks(pattern), headers=headers)
        assert made.status_code == 201, made.text
        gone = {**headers, "If-Match": made.headers["etag"].encode()}
        retired = await client.post(f"/api/routing/rules/{made.json()['id']}/retire", json={}, headers=gone)
        assert retired.status_code == 200, retired.text
    for pattern in (r"(a)\1", "(?=a)", "(?<!a)b", "a{1000000}", "((a{100}){100}){100}", "[", "x" * 501):
        refused = await client.post("/api/routing/rules", json=asks(pattern), headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "if.all[0].value"), pattern


async def test_many_at_once_with_strange_bytes_are_all_answered(client: httpx.AsyncClient, cast: Cast) -> None:
    headers = {**bearer(cast.tokens["admin"]), "Content-Type": "application/json"}
    bodies = [bytes([n]) * n for n in range(1, 100, 7)]
    asked = [client.post("/api/tickets/conversations", content=one, headers=headers) for one in bodies]
    assert {one.status_code for one in await asyncio.gather(*asked)} <= {400, 422}
