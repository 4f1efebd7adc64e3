"""Row 2: files of strangers. Their types are not believed, their links are signed, and nothing in one runs, wherever a
browser is made to load it. What they are called is test_file_names.py's.

CVE-2021-3741 (SVG inline), CVE-2026-40591 (ids of other people's files).
"""

from __future__ import annotations

import json
import uuid

import httpx
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.attacks.conftest import Cast
from tests.attacks.files import Filed, arrived
from tests.attacks.people import LIMITED, bearer, visitor
from tests.desk import Desk
from tests.stranger import png

RUN = "top.pwned=1;window.pwned=1"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'.encode()
HTML = f"<html><script>{RUN}</script></html>".encode()
GIF_JS = f"GIF89a=0;{RUN};//".encode()
PNG = png()
RASTER = (PNG, GIF_JS)

TYPES: dict[str, tuple[str, bytes, bool]] = {
    "page.html": ("text/html", HTML, False),
    "page.png": ("image/png", HTML, False),
    "drawing.svg": ("image/svg+xml", SVG, False),
    "drawing.gif": ("image/gif", SVG, False),
    "script.js": ("text/javascript", RUN.encode(), False),
    "style.css": ("text/css", b"body{display:none}", False),
    "page.xhtml": ("application/xhtml+xml", HTML, False),
    "sheet.xml": ("text/xml", SVG, False),
    "letter.pdf": ("application/pdf", b"%PDF-1.7 /OpenAction", False),
    "archive.mht": ("multipart/related; boundary=x", HTML, False),
    "flash.swf": ("application/x-shockwave-flash", b"FWS", False),
    "bitmap.png": ("image/bmp", PNG, False),
    "claims-jpeg.jpg": ("image/jpeg", PNG, False),
    "polyglot.gif": ("image/gif", GIF_JS, True),
    "real.png": ("image/png", PNG, True),
    "loud.png": ("IMAGE/PNG; charset=utf-8; name=x", PNG, True),
    "odd": ("image/png\r\n x-injected: 1", PNG, False),
}
"""By name: what the sender says it is, the bytes, and whether a browser may show it in place."""


@pytest_asyncio.fixture(scope="module")
async def filed(desk: Desk) -> Filed:
    """One mail with every kind of file, and twice the same."""
    kinds = [(name, kind, data) for name, (kind, data, _) in TYPES.items()]
    return await arrived(desk, [*kinds, ("real.png", "image/png", PNG)])


async def test_served_from_another_origin_as_nothing_that_runs(desk: Desk, filed: Filed) -> None:
    """Whatever a sender calls it: types come from a list of four, and only where the bytes agree."""
    assert not filed.files[0]["url"].startswith(desk.web)
    by_name = {one["name"]: one for one in filed.files}
    async with httpx.AsyncClient(timeout=20) as anyone:
        for name, (kind, data, inline) in TYPES.items():
            answer = await anyone.get(by_name[name]["url"], headers={"Origin": desk.web, "Accept": "text/html"})
            said = answer.headers
            assert (answer.status_code, answer.content) == (200, data), name
            assert said["x-content-type-options"] == "nosniff"
            assert said["content-disposition"].startswith("inline;" if inline else "attachment;"), name
            wanted = kind.lower().split(";")[0].split("\r")[0] if inline else "application/octet-stream"
            assert said["content-type"] == wanted, name
            policy = {one.strip() for one in said["content-security-policy"].split(";")}
            assert {"default-src 'none'", "sandbox", "frame-ancestors 'none'"} <= policy
            assert "private" in said["cache-control"]
            assert not {"set-cookie", "access-control-allow-origin", "x-injected"} & set(said), name


async def test_the_same_file_twice_is_two_files(filed: Filed) -> None:
    twice = [one for one in filed.files if one["name"] == "real.png"]
    assert len(twice) == 2
    assert twice[0]["id"] != twice[1]["id"]
    assert all(uuid.UUID(one["id"]).version == 4 for one in filed.files)


async def test_ranges_open_nothing_more(filed: Filed) -> None:
    """Asked for a part, it answers the whole or that part, with the same seals: a part of a page may be a script."""
    ranges = ("bytes=0-3", "bytes=6-", "bytes=-1", "bytes=0-0,2-3", "bytes=99999-", "bytes=3-1", "bytes=a-b")
    many = "bytes=" + ",".join(f"{n}-" for n in range(500))
    async with httpx.AsyncClient(timeout=20) as anyone:
        for one in (*ranges, many):
            for name in ("polyglot.gif", "page.html"):
                answer = await anyone.get(filed.url(name), headers={"Range": one})
                assert answer.status_code in (200, 206, 416), (one, answer.status_code)
                assert len(answer.content) <= len(TYPES[name][1])
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert "html" not in answer.headers["content-type"]
                assert "javascript" not in answer.headers["content-type"]


async def test_links_that_were_guessed_changed_or_moved_open_nothing(desk: Desk, filed: Filed) -> None:
    good = httpx.URL(filed.url("real.png"))
    other = httpx.URL(filed.url("page.html"))
    sig, exp = good.params["sig"], good.params["exp"]
    flipped = sig[:-1] + ("0" if sig[-1] != "0" else "1")
    forbidden = [
        other.copy_with(params=good.params),  # another file by this link
        good.copy_set_param("sig", flipped),
        good.copy_set_param("sig", sig[:-1]),
        good.copy_set_param("sig", sig + "0"),
        good.copy_set_param("sig", sig.upper()) if sig.upper() != sig else good.copy_set_param("sig", ""),
        good.copy_set_param("sig", ""),
        good.copy_set_param("sig", "é" * 32),
        good.copy_set_param("exp", str(int(exp) + 3600)),
        good.copy_set_param("exp", "0"),
        good.copy_set_param("exp", "1"),
        good.copy_with(path=good.path + "0"),
        good.copy_with(path=good.path[:-1]),
        good.copy_with(path=f"/attachments/{uuid.uuid4()}"),
        good.copy_with(path="/attachments/.."),
        good.copy_with(path="/attachments/%00"),
    ]
    unread = [
        good.copy_with(query=None),
        good.copy_remove_param("sig"),
        good.copy_set_param("exp", "-1"),
        good.copy_set_param("exp", "9" * 30),
        good.copy_set_param("exp", "1e9"),
        good.copy_set_param("sig", "0" * 5000),
    ]
    paths = ("/attachments/../../etc/passwd", "/attachments/%2e%2e%2fetc%2fpasswd", "/files", "/blobs")
    async with httpx.AsyncClient(timeout=20) as anyone:
        assert (await anyone.get(good)).status_code == 200
        for url in forbidden:
            assert (await anyone.get(url)).status_code in (403, 404), url
        for url in unread:
            assert (await anyone.get(url)).status_code == 422, url
        for path in paths:
            answer = await anyone.get(f"{desk.ingest}{path}", params=dict(good.params))
            assert answer.status_code in (403, 404, 405), path
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert (await anyone.request(method, good)).status_code == 405
        refused = await anyone.get(forbidden[0])
        assert TYPES["page.html"][1] not in refused.content
        assert refused.headers["x-content-type-options"] == "nosniff"


async def test_who_may_not_read_a_conversation_gets_no_link_to_its_files(
    client: httpx.AsyncClient, cast: Cast, filed: Filed
) -> None:
    """Nor by naming them in what they write themselves."""
    ids = [one["id"] for one in filed.files]
    path = f"/api/tickets/conversations/{filed.conversation_id}"
    seen = await client.get(f"{path}/timeline", headers=bearer(cast.tokens["lead"]))
    assert ids[0] in seen.text
    for name in LIMITED:
        token = bearer(cast.tokens[name])
        for ask in (client.get(f"{path}/timeline", headers=token), client.get(path, headers=token)):
            answer = await ask
            assert (answer.status_code, [one for one in ids if one in answer.text]) == (404, []), name
        images = await client.post(f"{path}/images", json={"seq": 1}, headers=token)
        assert images.status_code == 404, name
    body = {"brand_id": "earth-echo", "to": [{"address": "x@customer.example"}], "subject": "x", "html": "<p>x</p>"}
    stolen = await client.post(
        "/api/tickets/conversations",
        json={**body, "attachments": ids[:1]},
        headers=bearer(cast.tokens["of another brand"]),
    )
    assert stolen.status_code == 422, stolen.text
    visitors = bearer(await visitor(client))
    message = {"client_id": "f", "session_id": str(uuid.uuid4()), "text": "", "attachments": ids[:1]}
    answer = await client.post("/api/ingest/messenger/messages", json=message, headers=visitors)
    assert answer.status_code == 422


async def test_no_way_to_load_a_file_runs_it(desk: Desk, page: Page, filed: Filed) -> None:
    """In a page of any site, by every element that loads, and by going there."""
    ran: list[str] = []
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    await page.goto(desk.shop)
    urls = {name: filed.url(name) for name in TYPES if name != "real.png"}
    outcome = await page.evaluate(LOAD_ALL, [list(urls.values()), filed.url("real.png")])
    assert outcome["shown"] is True  # the tests' own way of loading works
    # A picture under a wrong name may be seen as one; nothing else may.
    names = {url: name for name, url in urls.items()}
    assert {names[one] for one in outcome["images"]} <= {name for name, kind in TYPES.items() if kind[1] in RASTER}
    assert outcome["scripts"] == outcome["styles"] == outcome["fetched"] == []
    assert await page.evaluate("window.pwned") is None
    # Elsewhere, as what the first page loads in frames comes down when it pleases.
    other = await page.context.new_page()
    other.on("dialog", lambda dialog: ran.append(dialog.message))
    await other.goto(desk.shop)
    for name in ("page.html", "drawing.svg", "page.png", "sheet.xml", "letter.pdf"):
        async with other.expect_download() as started:
            await other.evaluate("url => { location.href = url }", urls[name])
        download = await started.value
        assert download.suggested_filename == name
        await download.cancel()
    assert await other.evaluate("window.pwned") is None
    await other.goto(urls["polyglot.gif"])
    assert await other.evaluate("[window.pwned, document.contentType, origin]") == [None, "image/gif", "null"]
    await expect(other.locator("script")).to_have_count(0)
    assert await page.evaluate("window.pwned") is None
    assert ran == []
    assert json.dumps(outcome).count("pwned") == 0


LOAD_ALL = """
async ([urls, good]) => {
  const settled = (make) => Promise.all(urls.map((url) => load(make, url))).then((all) => all.filter(Boolean));
  const load = (make, url) => new Promise((done) => {
    const element = make(url);
    element.onload = () => done(url);
    element.onerror = () => done(null);
    setTimeout(() => done(null), 4000);
    document.body.append(element);
  });
  const of = (tag, at, more = {}) => (url) => Object.assign(document.createElement(tag), { [at]: url, ...more });
  const shown = (await load(of("img", "src"), good)) === good;
  const images = settled(of("img", "src"));
  const scripts = Promise.all([settled(of("script", "src")), settled(of("script", "src", { type: "module" }))]);
  const styles = settled(of("link", "href", { rel: "stylesheet" }));
  const fetched = Promise.all(urls.map((url) => fetch(url).then(() => url, () => null)));
  for (const [tag, at] of [["iframe", "src"], ["object", "data"], ["embed", "src"]]) {
    for (const url of urls) document.body.append(of(tag, at)(url));
  }
  return { shown, images: await images, scripts: (await scripts).flat(), styles: await styles,
           fetched: (await fetched).filter(Boolean) };
}
"""
