"""What a message is seen to have: its words, links, gibberish, its place on a list."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.spam.gibberish import is_gibberish, mixes_alphabets
from services.routing.spam.links import Link, links_of, owner
from services.routing.spam.senders import listed
from services.routing.spam.words import TOKENS, fingerprint, tokens
from shared.contracts.common import Attachment
from tests.unit.routing.examples import message

PAYPAL = [("evil.example", "www.paypal.com", True)]


@pytest.mark.parametrize(
    ("html", "links"),
    [
        ('<a href="https://paypal.com/x">paypal.com</a>', [("paypal.com", "paypal.com", False)]),
        ('<a href="https://evil.example/x">https://www.paypal.com/login</a>', PAYPAL),
        ('<a href="https://evil.example"><b>www.paypal</b>.com</a>', PAYPAL),
        (
            '<a href="https://m.shop.example/u?a=1&amp;b=2">shop.example</a>',
            [("m.shop.example", "shop.example", False)],
        ),
        ('<a href="https://a.co.uk">b.co.uk</a>', [("a.co.uk", "b.co.uk", True)]),
        ('<a href="https://evil.example">Click here</a>', [("evil.example", "", False)]),
        ('<a href="mailto:a@b.example">a@b.example</a>', []),
        ('<a href="https://[not an address">x.example</a>', []),
        ("no link", []),
    ],
)
def test_a_link_is_seen_to_lead_elsewhere(html: str, links: list[tuple[str, str, bool]]) -> None:
    found = links_of(message(html=html))
    assert [(one.host, one.shown, one.deceives) for one in found] == links


def test_without_html_the_links_of_the_text_count() -> None:
    found = links_of(message(html=None, text="See https://a.example/x, and (http://10.0.0.1/login)."))
    assert [(one.host, one.hides) for one in found] == [("a.example", False), ("10.0.0.1", True)]
    assert Link("www.xn--pypal-4ve.com").hides
    assert [owner(one) for one in ("www.a.b.co.uk", "a.example", "x.y.example")] == [
        "b.co.uk",
        "a.example",
        "y.example",
    ]


@pytest.mark.parametrize(
    ("text", "gibberish"),
    [
        ("asdfkjh lkjsdf qwoeiu zxcmnv qjxz", True),
        ("xqzvb jfkwq pmnvz tglkq", True),
        ("gfdgdfg dfgdfgdfg dfgdfgdfg", True),
        ("aaaaaaaaaaaaaaaaaaaa", True),
        ("Where is my order? I want a refund please", False),
        ("Rechtsschutzversicherungsgesellschaften, Angstschweiß und Zwetschgenknödel", False),
        ("szczegóły zamówienia: chrząszcz brzmi w trzcinie", False),
        ("¿Dónde está mi pedido? Quiero que me devuelvan el dinero", False),
        ("Minun tilaukseni ei ole saapunut, haluan rahat takaisin", False),
        ("Siparişim nerede? İade istiyorum, lütfen", False),
        ("Où est ma commande ? Je voudrais être remboursé", False),
        ("Где мой заказ? Верните деньги, пожалуйста", False),
        ("我的订单在哪里？请退款", False),
        ("Order XK-4471-QZ, tracking JJFI88219902XQ, see https://x.example/qzxj?kq=zx", False),
        ("ok thx", False),
        ("", False),
    ],
)
def test_gibberish_is_no_language(text: str, gibberish: bool) -> None:
    assert is_gibberish(text) is gibberish


def test_letters_that_look_alike_are_seen() -> None:
    assert mixes_alphabets("Yоur аccоunt is suspеnded")  # with Cyrillic о, а, е
    assert not mixes_alphabets("Мой заказ Xiaomi Redmi не пришёл, Ελλάδα")


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("ann@shop.example", "ann@shop.example"),
        ("Bob@Mail.Pans.Example", "pans.example"),
        ("x@pans.example", "pans.example"),
        ("x@otherpans.example", None),
        ("pans.example@evil.example", None),
        ("+13105550100", None),
        ("", None),
    ],
)
def test_a_sender_is_listed_by_address_or_domain(address: str, entry: str | None) -> None:
    assert listed(address, ("ann@shop.example", "pans.example")) == entry


def test_the_same_text_has_the_same_print() -> None:
    text = "Dear friend, I have a wonderful business offer for you"
    same = "DEAR   friend -- i have a wonderful business offer, for you!!! 99"
    assert fingerprint(message(text=text)) == fingerprint(message(text=same)) is not None
    assert fingerprint(message(text=text)) != fingerprint(message(text=text.replace("business", "private")))
    assert fingerprint(message(text="hello")) is None


def test_words_say_where_they_were() -> None:
    file = Attachment(id="f", name="Invoice.PDF.exe", content_type="x/y", size_bytes=1)
    made: dict[str, Any] = {
        "subject": "Win money",
        "text": "MONEY now 漢字漢字漢字漢字漢字漢字",
        "attachments": (file,),
    }
    found = set(tokens(message(**made, html='<a href="https://evil.example">x</a>')))
    assert {"subject:win", "money", "is:loud", "file:exe", "link:evil.example", "from:customer.example"} <= found


@given(st.text(max_size=3000), st.text(max_size=300), st.none() | st.text(max_size=2000))
def test_nothing_that_anybody_writes_breaks_it(text: str, subject: str, html: str | None) -> None:
    made = message(text=text, subject=subject, html=html)
    words = tokens(made)
    assert len(words) == len(set(words)) <= TOKENS
    assert isinstance(is_gibberish(text), bool)
    assert isinstance(mixes_alphabets(text), bool)
    assert all(one.host for one in links_of(made))
