"""Row 4: mails and chats made to harm whoever reads them, opened in the browser: nothing runs, nothing loads, nothing
is out of place. Images of the web come when an agent asks for them, and not from where they are.

CVE-2018-1000154 (markup in subjects and names), CVE-2020-24917 (in file names). Real mail of public collections was
opened the same way by hand; it is not ours to keep here.
"""

from __future__ import annotations

import asyncio
import uuid
from email.message import EmailMessage
from urllib.parse import urlsplit

import httpx
from playwright.async_api import BrowserContext, Page, Route, expect

from tests.attacks.hostile import ADDRESS, EVIL, EXFILTRATION, HTML, MUTATIONS, RUN, Watched, delivered, kept
from tests.attacks.people import bearer, visitor
from tests.desk import Desk
from tests.e2e.outside import Agent, mail, until
from tests.e2e.test_inbox import sign_in
from tests.e2e.test_messenger import find_chat, open_messenger, panel, write
from tests.stranger import Stranger, answered, png

ADD = "(body, url) => { const image = document.createElement('img'); image.src = url; body.append(image) }"
"""No script runs in a message's frame, so no handler either: the image itself says what became of it."""


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
    watched = Watched(page, desk)
    async with Agent(desk.web, desk.account("lead")) as agent:
        conversation_id, message = await kept(desk, agent, hostile(mark), mark)
    await sign_in(page, desk)
    await watched.open(conversation_id)
    await expect(watched.frame.get_by_text("You should see this.")).to_be_visible()
    for link in ("script link", "hidden script link", "data link"):
        found = watched.frame.get_by_text(link, exact=True)
        assert await found.get_attribute("href") is None, f"{link} leads somewhere"
    await expect(watched.timeline.get_by_text("web link")).to_have_count(0)  # only inside of the frame
    # Subject, sender and file names are words wherever they stand: list, header, details, menu.
    await expect(page.get_by_text(f"{mark} <img src=x").first).to_be_visible()
    await expect(page.get_by_text("<svg onload=").first).to_be_visible()
    await watched.timeline.get_by_role("button", name="About this message").click()
    await expect(page.get_by_role("menu").get_by_text(f"{mark}@customer.example")).to_be_visible()
    await page.keyboard.press("Escape")
    await watched.unharmed()

    files = message["attachments"]
    assert not any(c in one["name"] for one in files for c in "<>/\\\u202e")
    async with httpx.AsyncClient(timeout=20) as client:
        for one in files:
            answer = await client.get(one["url"])
            active = "svg" in one["content_type"] or "html" in one["content_type"]
            assert not active or answer.headers["content-disposition"].startswith("attachment")


async def test_what_changes_when_it_is_parsed_again_and_styles_that_ask_for_something(desk: Desk, page: Page) -> None:
    """Each in a mail of its own, so that none hides behind another; then with its images asked for."""
    watched = Watched(page, desk)
    payloads = {**MUTATIONS, "exfiltration": EXFILTRATION}
    designed = '<table bgcolor="#eeeeee"><tr><td>A designed letter</td></tr></table><p>Seen.</p>{}'
    async with Agent(desk.web, desk.account("lead")) as agent:
        sent = await asyncio.gather(*(delivered(desk, agent, designed.format(one)) for one in payloads.values()))
    await sign_in(page, desk)
    for name, (conversation_id, message) in zip(payloads, sent, strict=True):
        kept_html = f"{message['html']}{message['quoted_html'] or ''}".lower()
        assert "<script" not in kept_html, name
        assert "<style" not in kept_html, name
        await watched.open(conversation_id)
        await expect(watched.frame.get_by_text("Seen.").first).to_be_visible()
        show = watched.timeline.get_by_role("button", name="Show images")
        if await show.count():
            # The letter is loaded anew, with its images: what is looked at is that one.
            await watched.frame.locator("html").evaluate("(old) => old.setAttribute('data-before', '')")
            await show.click()
            await expect(show).to_have_count(0)
            await expect(watched.frame.locator("html:not([data-before])").get_by_text("Seen.").first).to_be_visible()
        try:
            await watched.unharmed()
        except AssertionError as error:
            raise AssertionError(name) from error


async def test_a_link_opens_elsewhere_and_cannot_reach_back(desk: Desk, page: Page, context: BrowserContext) -> None:
    """Nor does it tell where its reader came from."""
    told: list[dict[str, str]] = []

    async def answer(route: Route) -> None:
        told.append(await route.request.all_headers())
        await route.fulfill(body="<h1>Elsewhere</h1>", content_type="text/html")

    await context.route(f"{EVIL}/**", answer)
    html = f'<table bgcolor="#eee"><tr><td><a href="{EVIL}/a" target="_top" rel="opener">designed</a></td></tr></table>'
    mails = (html, f'<p>A <a href="{EVIL}/b" target="_self">plain</a></p>')
    async with Agent(desk.web, desk.account("lead")) as agent:
        ids = [(await delivered(desk, agent, one))[0] for one in mails]
    await sign_in(page, desk)
    for conversation_id, link in zip(ids, ("designed", "plain"), strict=True):
        await page.goto(f"{desk.web}/inbox/all/{conversation_id}")
        timeline = page.get_by_role("region", name="Timeline")
        place = timeline.frame_locator("iframe[title=Message]") if link == "designed" else timeline
        async with context.expect_page() as opened:
            await place.get_by_text(link, exact=True).click()
        other = await opened.value
        await expect(other.get_by_role("heading", name="Elsewhere")).to_be_visible()
        assert await other.evaluate("[window.opener, document.referrer]") == [None, ""]
        assert page.url.startswith(desk.web)
        await other.close()
    assert len(told) == 2
    assert not any("referer" in headers for headers in told)


async def test_remote_images_come_when_asked_for_and_from_our_own_server(desk: Desk, page: Page) -> None:
    watched = Watched(page, desk)
    async with Stranger() as stranger:
        stranger.answers["/pixel.png?who=ann&n=1"] = answered(png(), "image/svg+xml", "Set-Cookie: who=ann")
        stranger.answers["/page.png"] = answered(b"<script>alert(1)</script>")
        pixel = f'<img src="{stranger.url}/pixel.png?who=ann&amp;n=1" alt="A pan" width=8 height=8>'
        others = (
            f'<img src="{stranger.url}/page.png"><img src="{stranger.url}/gone.png"><img src="http://127.0.0.1:9/x">'
        )
        async with Agent(desk.web, desk.account("lead")) as agent:
            conversation_id, message = await delivered(desk, agent, f"<p>Look: {pixel}</p><p>{others}</p>")
        assert " src=" not in message["html"]
        await sign_in(page, desk)
        await watched.open(conversation_id)
        await expect(watched.timeline.get_by_text("4 images are held back to protect you.")).to_be_visible()
        await page.get_by_role("textbox", name="Reply").click()
        assert stranger.asked == []
        await watched.timeline.get_by_role("button", name="Show images").click()
        said = "3 images could not be shown: gone, too large, or not an image."
        await expect(watched.timeline.get_by_text(said)).to_be_visible(timeout=60_000)
        shown = watched.frame.get_by_alt_text("A pan")
        assert await shown.evaluate("one => [one.complete, one.naturalWidth]") == [True, 8]
        source = urlsplit(await shown.get_attribute("src") or "")
        assert f"{source.scheme}://{source.netloc}{source.path}" == f"{desk.ingest}/images"
        assert sorted(stranger.paths()) == ["/gone.png", "/page.png", "/pixel.png?who=ann&n=1"]
        for one in stranger.asked:
            assert set(one.headers) == {"host", "connection", "user-agent", "accept"}
            assert "Chrom" not in one.headers["user-agent"]
        assert await page.context.cookies(stranger.url) == []
        # However it is written, the frame itself asks for nothing elsewhere.
        for place in (page.locator("body"), watched.frame.locator("body")):
            await place.evaluate(ADD, f"{stranger.url}/direct.png")
            added = place.locator("img[src$='/direct.png']").last
            await until(lambda added=added: added.evaluate("one => one.complete"))  # type: ignore[misc]
            assert await added.evaluate("one => one.naturalWidth") == 0
        assert "/direct.png" not in stranger.paths()
    assert watched.faults == [f"asked for {stranger.url}/direct.png"] * len(watched.faults)


async def test_nobody_has_an_address_of_their_own_fetched(desk: Desk) -> None:
    """A link opens the very address it was made for; and none is made for what is not in the message."""
    answers: dict[str, bytes | str] = {"/a.png": answered(png()), "/b.png": answered(png())}
    async with (
        Stranger(answers) as stranger,
        Agent(desk.web, desk.account("lead")) as agent,
        httpx.AsyncClient(timeout=20) as anyone,
    ):
        conversation_id, _ = await delivered(desk, agent, f'<p>x <img src="{stranger.url}/a.png"></p>')
        path = f"/api/tickets/conversations/{conversation_id}/images"
        (link,) = (await agent.post(path, seq=1))["items"]
        good = httpx.URL(link["url"])
        assert link["src"] == f"{stranger.url}/a.png"
        wrong = await agent.client.post(path, json={"seq": 1, "src": f"{stranger.url}/b.png"})
        assert wrong.status_code == 422
        changed = (
            good.copy_set_param("url", f"{stranger.url}/b.png"),
            good.copy_set_param("exp", str(int(good.params["exp"]) + 1)),
            good.copy_set_param("sig", "0" * 32),
            good.copy_add_param("url", f"{stranger.url}/b.png"),
        )
        for one in changed:
            assert (await anyone.get(one)).status_code == 403, one
        for headers in ({}, bearer("x"), bearer(await visitor(agent.client))):
            assert (await anyone.post(f"{desk.web}{path}", json={"seq": 1}, headers=headers)).status_code == 401
        assert stranger.asked == []
        assert (await anyone.get(good)).content == png()


async def test_a_chat_harms_neither_side(desk: Desk, page: Page, context: BrowserContext) -> None:
    """What a visitor writes is words; what an agent's client sends as HTML is cleaned before a visitor has it."""
    mark = f"chat{uuid.uuid4().hex[:8]}"
    visiting = Watched(await context.new_page(), desk)
    await visiting.page.goto(desk.shop)
    await open_messenger(visiting.page)
    await write(visiting.page, f"{mark} <img src=x onerror={RUN}><svg onload={RUN}>")
    async with Agent(desk.web, desk.account("lead")) as agent:
        head = await find_chat(agent, mark)
        for payload in (HTML, EXFILTRATION, *MUTATIONS.values()):
            await agent.post(f"/api/tickets/conversations/{head['id']}/reply", html=f"<p>Seen.</p>{payload}")
        done = f"Done {mark}"
        await agent.post(f"/api/tickets/conversations/{head['id']}/reply", html=f"<p>{done}</p>")
        await until(lambda: panel(visiting.page).get_by_text(done).count())
    assert await visiting.page.evaluate("window.pwned") is None
    for frame in visiting.page.frames:
        assert await frame.evaluate("window.pwned ?? null") is None
        assert (
            await frame.locator("[onerror],[onload],[style*=url],svg[onload],form[action],iframe[srcdoc]").count() == 0
        )
    assert [one for one in visiting.faults if "evil" in one or "said" in one] == []

    watched = Watched(page, desk)
    await sign_in(page, desk)
    await watched.open(head["id"])
    await expect(watched.timeline.get_by_text(done)).to_be_visible()
    await expect(watched.timeline.get_by_text(f"{mark} <img src=x").first).to_be_visible()
    await watched.unharmed()
