"""Mails made to harm whoever reads them, opened in the browser: nothing runs, nothing loads, nothing is out of place.

Real mail of public collections was opened the same way by hand; it is not ours to keep here.
"""

from __future__ import annotations

import uuid
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Page, Request, expect

from tests.e2e.conftest import Desk
from tests.e2e.outside import Agent, mail, send_mail, until
from tests.e2e.test_inbox import sign_in

ADDRESS = "support@paleohacks.example"
EVIL = "https://evil.example"
RUN = "top.pwned=1;parent.pwned=1;window.pwned=1"
HTML = f"""<html><head><base href="{EVIL}/"><meta http-equiv="refresh" content="0;url={EVIL}/refresh">
<link rel="stylesheet" href="{EVIL}/style.css"><style>@import url({EVIL}/import.css); body {{
background: url({EVIL}/body.png) }} @font-face {{ font-family: x; src: url({EVIL}/font.woff) }}</style>
<script>{RUN}</script><script src="{EVIL}/a.js"></script></head>
<body onload="{RUN}" background="{EVIL}/background.png">
<p style="background-image: url('{EVIL}/p.png'); font-family: x">You should see this.</p>
<img src="{EVIL}/pixel.gif" onerror="{RUN}" width=1 height=1><img src=x onerror="{RUN}">
<img srcset="{EVIL}/srcset.png 2x"><picture><source srcset="{EVIL}/source.png"><img></picture>
<svg onload="{RUN}"><image href="{EVIL}/svg.png"/><script>{RUN}</script></svg>
<table width="600" bgcolor="#ffeedd"><tr><td>A designed letter</td></tr></table>
<iframe srcdoc="<script>{RUN}</script>"></iframe><iframe src="javascript:{RUN}"></iframe>
<object data="{EVIL}/object"></object><embed src="{EVIL}/embed"><video src="{EVIL}/video" autoplay></video>
<audio src="{EVIL}/audio" autoplay></audio><input type=image src="{EVIL}/input.png" autofocus onfocus="{RUN}">
<form action="{EVIL}/form"><button>Sign in again</button></form>
<a href="javascript:{RUN}">script link</a> <a href=" &#1;java&#9;script:{RUN}">hidden script link</a>
<a href="data:text/html,<script>{RUN}</script>">data link</a> <a href="{EVIL}/page">web link</a>
<div style="position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:99999;background:red">over all</div>
<div style="width:9000px">wide</div><p>{"W" * 3000}</p>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={RUN}&gt;"></body></html>"""


def hostile(mark: str) -> EmailMessage:
    """Everything at once: subject, names, both bodies and the names of files."""
    one = mail(to=ADDRESS, subject=f"{mark} <img src=x onerror={RUN}>", text=f"Plain {mark} <script>{RUN}</script>")
    one.replace_header("From", f'"<svg onload={RUN}>" <{mark}@customer.example>')
    one.add_alternative(HTML, subtype="html")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{RUN}"><script>{RUN}</script></svg>'.encode()
    one.add_attachment(svg, maintype="image", subtype="svg+xml", filename=f"<img src=x onerror={RUN}>.svg")
    page = f"<script>{RUN}</script>".encode()
    one.add_attachment(page, maintype="text", subtype="html", filename="../../etc/\u202etxt.exe.html")
    one.add_attachment(page, maintype="image", subtype="png", filename="picture.png", disposition="inline")
    return one


async def test_hostile_mail_runs_loads_and_covers_nothing(desk: Desk, page: Page) -> None:
    mark = f"hostile{uuid.uuid4().hex[:8]}"
    faults: list[str] = []
    ours = {urlsplit(one).netloc for one in (desk.web, desk.ingest)}

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc not in ours and not request.url.startswith(("data:", "blob:", "about:")):
            faults.append(f"asked for {request.url}")

    page.on("request", asked)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("popup", lambda other: faults.append(f"opened {other.url}"))
    await send_mail(desk.smtp, hostile(mark))
    async with Agent(desk.web, desk.account("lead")) as agent:

        async def arrived() -> str | None:
            listed = await agent.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=20)
            return next((one["head"]["id"] for one in listed["items"] if mark in one["head"]["subject"]), None)

        conversation_id = await until(arrived)
        (first, *_) = await agent.timeline(conversation_id)

    await sign_in(page, desk)
    await page.goto(f"{desk.web}/inbox/all/{conversation_id}")
    timeline = page.get_by_role("region", name="Timeline")
    frame = timeline.frame_locator("iframe[title=Message]")
    await expect(frame.get_by_text("You should see this.")).to_be_visible()
    for link in ("script link", "hidden script link", "data link"):
        found = frame.get_by_text(link, exact=True)
        assert await found.get_attribute("href") is None, f"{link} leads somewhere"
    await expect(timeline.get_by_text("web link")).to_have_count(0)  # only inside of the frame
    await expect(page.get_by_role("textbox", name="Reply")).to_be_visible()
    await page.get_by_role("textbox", name="Reply").click(timeout=3_000)  # nothing lies over it
    assert await page.evaluate("window.pwned") is None
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults == []

    files = first["data"]["message"]["attachments"]
    assert not any(c in one["name"] for one in files for c in "/\\\u202e")
    async with httpx.AsyncClient() as client:
        for one in files:
            answer = await client.get(one["url"])
            active = "svg" in one["content_type"] or "html" in one["content_type"]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
            assert not active or answer.headers["content-disposition"].startswith("attachment")
