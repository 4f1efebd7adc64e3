"""Which images of the web stand in a message: those that a browser would ask for, and no other address."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.html import sanitised
from services.tickets.api.html import clean
from services.tickets.model.images import MOST_IMAGES, remote_images

FOUND = {
    '<img data-remote-src="https://x.example/a.png?a=1&amp;b=%22">': ["https://x.example/a.png?a=1&b=%22"],
    '<p><IMG SRC="HTTP://x.example/a.png"></p>': ["HTTP://x.example/a.png"],
    '<img src="https://x.example/a"><img src="https://x.example/a"><img src="https://x.example/b">': [
        "https://x.example/a",
        "https://x.example/b",
    ],
    '<img src="cid:a@b"><img src="data:image/png;base64,AA"><img src="/a"><img src="//x.example/a"><img>': [],
    '<a href="https://x.example/a.png">&lt;img src="https://x.example/a.png"&gt;</a>': [],
    f'<img src="https://x.example/{"a" * 2000}">': [],
    '<img src="https:x.example">': [],
    '<img src="ftp://x.example/a.png">': [],
    "": [],
    "<img src=": [],
}


def test_images_are_found_as_they_stand() -> None:
    assert {html: remote_images(html) for html in FOUND} == FOUND


def test_a_mail_of_thousands_of_images_is_bounded() -> None:
    html = "".join(f'<img src="https://x.example/{n}">' for n in range(5000))
    assert remote_images(html) == [f"https://x.example/{n}" for n in range(MOST_IMAGES)]


def test_a_customers_and_an_agents_message_are_read_alike() -> None:
    html = '<p>Hi <img src="https://x.example/a.png?x=1&y=2" width="1"> <img src="https://x.example/ü d.png"></p>'
    for kept in (sanitised(html, 100_000), clean(html)):
        assert remote_images(kept)[0] == "https://x.example/a.png?x=1&y=2"
        assert len(remote_images(kept)) == 2


@given(st.text(alphabet="<>img src=\"'https://x.example/&amp;#\x00\n", max_size=200))
def test_anything_is_read(html: str) -> None:
    assert all(one.lower().startswith(("http://", "https://")) for one in remote_images(sanitised(html, 10_000)))
    remote_images(html)
