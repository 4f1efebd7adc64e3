"""Row 2, names: whatever a file is called, by mail, by upload or by an agent's client, it is a label and nothing else.

CVE-2026-28289 (names checked before NFKC), CVE-2020-24917 (a name that is markup).
"""

from __future__ import annotations

import unicodedata
import uuid
from urllib.parse import unquote

import httpx

from tests.attacks.conftest import Cast
from tests.attacks.files import arrived
from tests.attacks.people import bearer, visitor
from tests.desk import Desk
from tests.e2e.outside import Agent, Sink, until

NAMES: dict[str, str] = {
    "../../../../etc/cron.d/x.txt": "x.txt",
    "..\\..\\windows\\win.ini": "win.ini",
    "/etc/passwd": "passwd",
    "C:\\boot.ini": "boot.ini",
    "file:///etc/shadow.txt": "shadow.txt",
    "．．／．．／wide.txt": "wide.txt",
    "a∕b⁄c.txt": "a∕b⁄c.txt",  # U+2215 and U+2044 look like slashes and are none, even after NFKC
    "‥／up.txt": "up.txt",
    ".htaccess": "htaccess",
    "\u200b.htaccess": "htaccess",
    "．htaccess": "htaccess",
    "\u00ad.\u2060htaccess": "htaccess",
    "\u202etxt.exe.html": "txt.exe.html",
    "pic\u2066\u2069\u200f\ufeff.png": "pic.png",
    "nul\x00.png": "nul.png",
    "CON\x07\x1b[31m.txt": "CON[31m.txt",
    "<img src=x onerror=alert(1)>.svg": "_img src=x onerror=alert(1)_.svg",
    'q"; filename="evil.html': "q_; filename=_evil.html",
    "…": "file",
    "..": "file",
    "   . .  ": "file",
    "x" * 230 + ".pdf": "x" * 196 + ".pdf",
    "y" * 5000: "y" * 200,
    "ﬁle①.txt": "file1.txt",
    "e\u0301.txt": "é.txt",
}
"""What a name is made into."""

PROGRAMS = ("a.exe", "a.EXE", "a．ｅｘｅ", "a.exe. .", "a.exe\u200b", "a.e\u202exe", "x/../a.hta", "a.pdf.lnk")


async def test_names_by_mail_are_labels_and_nothing_else(desk: Desk) -> None:
    files = [(name, "text/plain", f"{n}".encode()) for n, name in enumerate(NAMES)]
    found = await arrived(desk, files)
    by_content = {}
    async with httpx.AsyncClient(timeout=20) as anyone:
        for one in found.files:
            answer = await anyone.get(one["url"])
            assert answer.status_code == 200, one["name"]
            by_content[int(answer.content)] = (one["name"], answer.headers)
    assert len({one["id"] for one in found.files}) == len(NAMES)
    for n, (name, safe) in enumerate(NAMES.items()):
        got, headers = by_content[n]
        assert harmless(got), name
        assert unicodedata.normalize("NFKC", got) == got
        assert got == safe, name
        shown = headers["content-disposition"].partition("filename*=UTF-8''")[2]
        assert shown.isascii()
        assert unquote(shown) == got
        assert not {"x-injected", "set-cookie"} & set(headers)


def harmless(name: str) -> bool:
    kinds = {unicodedata.category(one) for one in name}
    return (
        0 < len(name) <= 200
        and not name.startswith(".")
        and not set(name) & set('/\\<>:"|?*')
        and not kinds & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    )


async def upload(
    client: httpx.AsyncClient, path: str, token: str, name: str, kind: str = "text/plain"
) -> httpx.Response:
    """With the name as it is, where a client would write %0D%0A or a quoted pair."""
    body = (
        f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\nhi\r\n'
    )
    raw = body.encode() + b"--x--\r\n"
    headers = {**bearer(token), "Content-Type": b"multipart/form-data; boundary=x"}
    return await client.post(path, content=raw, headers=headers)


async def test_names_by_upload_are_labels_too(client: httpx.AsyncClient, cast: Cast) -> None:
    ways = (
        ("/api/ingest/attachments", cast.tokens["agent"]),
        ("/api/ingest/messenger/attachments", await visitor(client)),
    )
    for path, token in ways:
        for name, safe in NAMES.items():
            answer = await upload(client, path, token, name)
            assert answer.status_code in (201, 400, 422), (name, answer.status_code, answer.text)
            if answer.status_code == 201 and '"' not in name:
                assert answer.json()["name"] == safe, name
            if answer.status_code == 201:
                assert harmless(answer.json()["name"]), name
        for name in (
            "a.exe",
            "a.EXE",
            "a．ｅｘｅ",
            "a.exe. .",
            "a.exe\u200b",
            "a.e\u202exe",
            "x/../a.hta",
            "a.pdf.lnk",
        ):
            refused = await upload(client, path, token, name)
            assert (refused.status_code, refused.json()["code"]) == (415, "file_type"), name
        injected = await upload(client, path, token, "a.txt", "text/plain\r\nX-Injected: 1")
        assert injected.status_code == 400 or injected.json()["content_type"] == "text/plain"


async def test_a_name_writes_no_header_into_our_mail(desk: Desk, client: httpx.AsyncClient, cast: Cast) -> None:
    async with Agent(desk.web, desk.account("agent")) as agent:
        names = ("a%0D%0ABcc: x@evil.example.txt", "a\x0bBcc: x@evil.example\x0c.txt", "ü\u2028Bcc: x@evil.example.txt")
        files = [(await upload(client, "/api/ingest/attachments", agent.token, one)).json() for one in names]
        # An upload's own answer, sent back with another name and type.
        files[0] |= {"name": "a\r\nBcc: x@evil.example", "content_type": "text/plain\r\nBcc: x@evil.example"}
        subject = f"Yours {uuid.uuid4().hex}"
        person = f"{uuid.uuid4().hex}@customer.example"
        body = {"brand_id": "paleo-hacks", "to": [{"address": person}], "subject": subject, "html": "<p>Hi</p>"}
        answer = await agent.client.post("/api/tickets/conversations", json={**body, "attachments": files})
        assert answer.status_code == 201, answer.text
    shown = answer.json()["events"][0]["data"]["message"]["attachments"]
    assert len(shown) == 3
    for one in shown:
        assert one["name"].isprintable()
        assert one["content_type"] in ("text/plain", "application/octet-stream")
    (sent,) = await until(lambda: Sink(desk.smtp_sink_http).to(person, subject))
    for part in sent.walk():
        assert part["Bcc"] is None
        assert len(part.get_all("Content-Disposition", [])) <= 1
    names = [one.get_filename() or "" for one in sent.iter_attachments()]
    assert len(names) == 3
    assert all(one.isprintable() for one in names)
