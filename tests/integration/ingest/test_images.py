"""Images of the web come through ingest, by a signed link: what they are, what is refused, and what is told outside."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from shared import clock
from tests.integration.ingest.conftest import Desk
from tests.stranger import Stranger, answered, png, redirected

GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
KINDS = {
    "/a.png": ("image/png", png()),
    "/a.jpg": ("image/jpeg", b"\xff\xd8\xff\xe0 and so on"),
    "/a.gif": ("image/gif", GIF),
    "/a.webp": ("image/webp", b"RIFF\x00\x00\x00\x00WEBPVP8 "),
}


async def ask(desk: Desk, url: str, **headers: str) -> httpx.Response:
    query = desk.signer.image_query(url, clock.now() + timedelta(minutes=5))
    return await desk.http.get(f"/images?{query}", headers=headers)


async def test_raster_images_come_as_what_they_are_whatever_they_claim(desk: Desk) -> None:
    async with Stranger() as stranger:
        for path, (kind, data) in KINDS.items():
            stranger.answers[path] = answered(data, "text/html", "Set-Cookie: a=1", "Access-Control-Allow-Origin: *")
            answer = await ask(desk, f"{stranger.url}{path}")
            assert answer.status_code == 200, answer.text
            assert (answer.headers["content-type"], answer.content) == (kind, data)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"].startswith("private")
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert not {"set-cookie", "access-control-allow-origin"} & set(answer.headers)


async def test_the_stranger_learns_nothing_of_who_looks(desk: Desk) -> None:
    async with Stranger() as stranger:
        stranger.answers["/a.png?who=1"] = answered(png())
        told = {
            "Cookie": "switchboard_session=x",
            "Authorization": "Bearer x",
            "Referer": "https://desk.example/inbox/1",
            "User-Agent": "An agent's own browser",
            "X-Forwarded-For": "203.0.113.9",
            "Accept-Language": "de",
        }
        assert (await ask(desk, f"{stranger.url}/a.png?who=1", **told)).status_code == 200
        (asked,) = stranger.asked
        assert set(asked.headers) == {"host", "connection", "user-agent", "accept"}
        assert asked.headers["user-agent"] == "Mozilla/5.0"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
NO_IMAGES = {
    "an SVG": (answered(SVG, "image/svg+xml"), 415, "not_image"),
    "a page that says it is a PNG": (answered(b"<html><script>alert(1)</script>", "image/png"), 415, "not_image"),
    "nothing": (answered(b""), 415, "not_image"),
    "compressed": (answered(b"\x1f\x8b\x08\x00", "image/png", "Content-Encoding: gzip"), 415, "not_image"),
    "gone": (answered(png(), status="410 Gone"), 404, "image_unavailable"),
    "no HTTP": (b"\x89PNG\r\n\x1a\n" * 10, 404, "image_unavailable"),
    "half of it": (answered(png())[:-20], 404, "image_unavailable"),
    "silence": ("hang", 404, "image_unavailable"),
    "too large": (answered(png() + b"\x00" * 200_000), 413, "image_too_large"),
    "larger than it says": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"G" * 65536 + b"\r\n",
        404,
        "image_unavailable",
    ),
    "endless": (
        b"HTTP/1.1 200 OK\r\n\r\n" + GIF + b"\x00" * 300_000,
        413,
        "image_too_large",
    ),
    "a redirect to nowhere": (redirected("http://[::/"), 404, "image_unavailable"),
    "a redirect to a file": (redirected("file:///etc/passwd"), 404, "image_blocked"),
    "a redirect to us": (redirected("http://127.0.0.1:9/a.png"), 404, "image_blocked"),
    "a redirect to a metadata service": (redirected("http://169.254.169.254/latest"), 404, "image_blocked"),
    "a circle": (redirected("/x"), 404, "image_unavailable"),
}


@pytest.mark.parametrize("name", NO_IMAGES)
async def test_what_is_no_image_or_not_there_is_refused_with_a_sentence(desk: Desk, name: str) -> None:
    given, status, code = NO_IMAGES[name]
    async with Stranger({"/x": given}) as stranger:
        answer = await ask(desk, f"{stranger.url}/x")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(stranger.asked) == (4 if name == "a circle" else 1)


async def test_a_redirect_is_followed_where_it_leads_outside(desk: Desk) -> None:
    async with Stranger() as stranger:
        stranger.answers |= {"/from": redirected("/to#part"), "/to": answered(png())}
        assert (await ask(desk, f"{stranger.url}/from#top")).content == png()
        assert stranger.paths() == ["/from", "/to"]


PRIVATE = (
    "http://127.0.0.1:{port}/a.png",
    "http://localhost:{port}/a.png",
    "http://[::ffff:127.0.0.1]:{port}/a.png",
    "http://2130706433:{port}/a.png",
    "http://0x7f.1:{port}/a.png",
    "https://10.0.0.1/a.png",
    "https://192.168.1.1/a.png",
    "https://169.254.169.254/latest/meta-data",
    "https://[fd00:ec2::254]/a.png",
    "https://user:pass@127.0.0.3/a.png",
    "ftp://127.0.0.3/a.png",
    "file:///etc/passwd",
    "gopher://127.0.0.3:{port}/_x",
)


@pytest.mark.parametrize("url", PRIVATE)
async def test_addresses_of_our_own_networks_are_never_called(desk: Desk, url: str) -> None:
    async with Stranger({"/a.png": answered(png())}, host="127.0.0.1") as inside:
        answer = await ask(desk, url.format(port=inside.port))
        assert (answer.status_code, answer.json()["code"]) == (404, "image_blocked")
        assert inside.asked == []


async def test_a_link_opens_what_it_was_signed_for_while_it_holds(desk: Desk) -> None:
    async with Stranger({"/a.png": answered(png()), "/b.png": answered(png())}) as stranger:
        later, earlier = (clock.now() + timedelta(minutes=n) for n in (5, -5))
        good = dict(httpx.QueryParams(desk.signer.image_query(f"{stranger.url}/a.png", later)))
        file = dict(httpx.QueryParams(desk.signer.file_query(f"{stranger.url}/a.png", later)))
        old = dict(httpx.QueryParams(desk.signer.image_query(f"{stranger.url}/a.png", earlier)))
        wrong = (
            {**good, "url": f"{stranger.url}/b.png"},
            {**good, "exp": str(int(good["exp"]) + 1)},
            {**good, "sig": good["sig"][:-1] + ("0" if good["sig"][-1] != "0" else "1")},
            {**good, "sig": ""},
            {**good, "sig": "é"},
            {**good, **file},
            old,
        )
        for query in wrong:
            assert (await desk.http.get("/images", params=query)).status_code == 403
        assert stranger.asked == []
        for query in ({}, {**good, "exp": "-1"}, {**good, "url": "x" * 5000}):
            assert (await desk.http.get("/images", params=query)).status_code == 422
        assert (await desk.http.get("/images", params=good)).status_code == 200
