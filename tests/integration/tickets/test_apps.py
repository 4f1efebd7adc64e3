"""Apps of integrators: registered, told by a signature of theirs whom a conversation is with, asked for their card on
a real connection to a stand-in of their server, and never anywhere else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import OctKey

from services.tickets.cards import CARD_BYTES
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received
from tests.stranger import Stranger, answered, redirected

ONE = conversation_id("asked")
CARD = {"text": "Gold since 2021", "fields": [{"label": "Orders", "value": "12", "url": "https://shop.example/12"}]}


@pytest.fixture
async def desk(running: Running) -> Running:
    await running.handlers.on_batch([received(message("asked"))])
    return running


@pytest.fixture
async def shop() -> AsyncIterator[Stranger]:
    async with Stranger({"/card": answered(json.dumps(CARD).encode(), "application/json")}) as stranger:
        yield stranger


async def put(browser: httpx.AsyncClient, app_id: str = "orders", **body: Any) -> httpx.Response:
    return await browser.put(f"/apps/{app_id}", json={"name": "Orders", "kind": "card", **body})


async def made(browser: httpx.AsyncClient, **body: Any) -> str:
    answer = await put(browser, **body)
    assert answer.status_code == 200, answer.text
    secret: str = answer.json()["secret"]
    return secret


async def card(browser: httpx.AsyncClient, app_id: str = "orders") -> Any:
    answer = await browser.post(f"/apps/{app_id}/card", json={"conversation_id": ONE})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_card_is_asked_for_with_a_context_that_its_secret_proves(desk: Running, shop: Stranger) -> None:
    async with desk.browser("admin") as admin, desk.browser("maya") as maya:
        secret = await made(admin, url=f"{shop.url}/card")
        found = await card(maya)
        assert found["card"]["text"] == "Gold since 2021"
        assert found["card"]["fields"] == [{"label": "Orders", "value": "12", "url": "https://shop.example/12"}]
        token = shop.asked[0].headers["authorization"].removeprefix("Bearer ")
        told = jwt.decode(token, OctKey.import_key(secret), algorithms=["HS256"]).claims
        assert (told["aud"], told["agent"]["id"], told["conversation"]["id"]) == ("orders", "maya", ONE)
        assert told["customer"]["emails"]

        # another secret from now on; saving it once more gives none
        assert (await put(admin, url=f"{shop.url}/card", seen_seq=1)).json()["secret"] is None
        again = (await admin.post("/apps/orders/secret")).json()["secret"]
        assert again not in (secret, None)
        await card(maya)
        newest = shop.asked[-1].headers["authorization"].removeprefix("Bearer ")
        jwt.decode(newest, OctKey.import_key(again), algorithms=["HS256"])
        with pytest.raises(BadSignatureError):
            jwt.decode(newest, OctKey.import_key(secret), algorithms=["HS256"])


async def test_the_secret_is_in_no_answer_no_event_and_not_readable_in_the_database(desk: Running) -> None:
    async with desk.browser("admin") as admin:
        secret = await made(admin, url="https://shop.example/card")
        (told,) = [one for one in (await admin.get("/directory")).json()["apps"] if one["app_id"] == "orders"]
        assert set(told) == {"app_id", "seq", "name", "kind", "url", "brand_ids", "height", "active"}
        database = desk.store.conversations.database
        for name in await database.list_collection_names():
            async for row in database.get_collection(name).find():
                assert secret not in str(row), name
        (act,) = (await admin.get("/audit", params={"kind": "app"})).json()["items"]
        assert {"field": "app_secret", "before": None, "after": None, "hidden": True} in act["changes"]


async def test_a_frame_gets_a_context_for_its_own_origin(desk: Running) -> None:
    async with desk.browser("admin") as admin, desk.browser("maya") as maya:
        secret = await made(admin, kind="frame", url="https://shop.example:8443/panel?x=1", height=300)
        answer = await maya.post("/apps/orders/context", json={"conversation_id": ONE})
        found = answer.json()
        assert (found["url"], found["origin"]) == ("https://shop.example:8443/panel?x=1", "https://shop.example:8443")
        assert jwt.decode(found["token"], OctKey.import_key(secret), algorithms=["HS256"]).claims["aud"] == "orders"
        assert (await maya.post("/apps/orders/card", json={"conversation_id": ONE})).status_code == 404


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (answered(b"{", "application/json"), "no card"),
        (answered(b'{"fields": [{"label": "a"}]}', "application/json"), "fields.0.value"),
        (answered(b"no", "text/plain", status="500 Oh"), "HTTP 500"),
        (redirected("http://169.254.169.254/"), "HTTP 302"),
        (answered(b" " * (CARD_BYTES + 1), "application/json"), "64 KB"),
        (b"not http at all\r\n\r\n", ""),
    ],
)
async def test_what_goes_wrong_at_the_apps_server_is_said(
    desk: Running, shop: Stranger, answer: bytes, said: str
) -> None:
    shop.answers["/card"] = answer
    async with desk.browser("admin") as admin, desk.browser("maya") as maya:
        await made(admin, url=f"{shop.url}/card")
        found = await card(maya)
        assert found["card"] is None
        assert said in found["trouble"]


async def test_one_app_that_hangs_takes_no_places_of_others(desk: Running, shop: Stranger) -> None:
    shop.answers["/hangs"] = "hang"
    async with desk.browser("admin") as admin, desk.browser("maya") as maya:
        await made(admin, url=f"{shop.url}/card")
        await made(admin, app_id="slow", url=f"{shop.url}/hangs")
        hanging = [asyncio.create_task(card(maya, "slow")) for _ in range(8)]
        answers = [task.result() for task in (await asyncio.wait(hanging, return_when=asyncio.FIRST_COMPLETED))[0]]
        assert all("slow to answer" in one["trouble"] for one in answers)
        assert (await card(maya))["card"]["text"] == "Gold since 2021"
        told = [one["trouble"] for one in await asyncio.gather(*hanging)]
        assert sum("did not answer within" in one for one in told) == 5


async def test_who_may_and_what_may(desk: Running) -> None:
    async with desk.browser("admin") as admin, desk.browser("lead") as lead, desk.browser("narrow") as nobody:
        for url in ("https://127.0.0.1/", "https://10.0.0.1/x", "ftp://x", "https://[::1]/"):
            refused = await put(admin, url=url)
            assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "body.url"), url
        assert (await put(admin, url="https://x.example", brand_ids=["no"])).json()["errors"][0][
            "path"
        ] == "body.brand_ids"
        await made(admin, url="https://shop.example/a", brand_ids=["earth-echo"])
        assert (await put(lead, url="https://x.example")).status_code == 403
        assert (await lead.post("/apps/orders/secret")).status_code == 403
        other = await lead.post("/apps/orders/card", json={"conversation_id": ONE})
        assert (other.status_code, other.json()["code"]) == (404, "unknown_app"), "it is another brand's"
        assert (await nobody.post("/apps/orders/card", json={"conversation_id": ONE})).status_code == 401
        kind = await put(admin, url="https://shop.example/a", kind="frame")
        assert kind.json()["errors"][0]["path"] == "body.kind"
        stale = await put(admin, url="https://shop.example/b", seen_seq=7)
        assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")
