"""New text, quoted text and signature, as mail programs write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.email.split import split, split_html

CASES: dict[str, tuple[str, str, str, str]] = {
    "nothing quoted": ("Hi\n\nAll good.", "Hi\n\nAll good.", "", ""),
    "gmail": (
        "Thanks!\n\nOn Fri, May 1, 2026 at 9:00 AM Shop <s@x.example> wrote:\n> Hello\n> there",
        "Thanks!",
        "",
        "On Fri, May 1, 2026 at 9:00 AM Shop <s@x.example> wrote:\n> Hello\n> there",
    ),
    "gmail folded": (
        "Thanks!\n\nOn Fri, May 1, 2026 at 9:00 AM A Shop With A Long Name\n<s@x.example> wrote:\n\n> Hello",
        "Thanks!",
        "",
        "On Fri, May 1, 2026 at 9:00 AM A Shop With A Long Name\n<s@x.example> wrote:\n\n> Hello",
    ),
    "german": (
        "Danke\n\nAm 01.05.26 um 09:00 schrieb Laden:\n> Hallo",
        "Danke",
        "",
        "Am 01.05.26 um 09:00 schrieb Laden:\n> Hallo",
    ),
    "french": (
        "Merci\n\nLe ven. 1 mai 2026, Magasin a écrit :\n> Salut",
        "Merci",
        "",
        "Le ven. 1 mai 2026, Magasin a écrit :\n> Salut",
    ),
    "outlook": (
        "See below\n\n________________________________\nFrom: Shop\nSent: Friday\nTo: Ann\nSubject: Hi\n\nHello",
        "See below",
        "",
        "________________________________\nFrom: Shop\nSent: Friday\nTo: Ann\nSubject: Hi\n\nHello",
    ),
    "original message": (
        "ok\n\n-----Original Message-----\nFrom: x\n\ny",
        "ok",
        "",
        "-----Original Message-----\nFrom: x\n\ny",
    ),
    "signature": ("Hello\n\n-- \nAnn Lee\nACME", "Hello", "-- \nAnn Lee\nACME", ""),
    "phone": ("Yes please\n\nSent from my iPhone", "Yes please", "Sent from my iPhone", ""),
    "phone and quote": (
        "Yes\n\nSent from my iPhone\n\n> On May 1, 2026, at 9:00, Shop wrote:\n>\n> Hello",
        "Yes",
        "Sent from my iPhone",
        "> On May 1, 2026, at 9:00, Shop wrote:\n>\n> Hello",
    ),
    "answers between the lines stay": (
        "On Friday X wrote:\n> one?\nyes\n> two?\nno\n> three?\nmaybe\nand\nmore\nwords\nhere",
        "On Friday X wrote:\n> one?\nyes\n> two?\nno\n> three?\nmaybe\nand\nmore\nwords\nhere",
        "",
        "",
    ),
    "an answer below the quotation": (
        "On 04/02/2012 06:26 PM, Megan wrote:\n> Hi\n> there\nHello\n\n-- \nBob",
        "Hello",
        "-- \nBob",
        "On 04/02/2012 06:26 PM, Megan wrote:\n> Hi\n> there",
    ),
    "a forward without a word is the text": (
        "---------- Forwarded message ---------\nFrom: X\n\nthe news",
        "---------- Forwarded message ---------\nFrom: X\n\nthe news",
        "",
        "",
    ),
    "a list with dashes is not a signature": ("I want:\n- one\n- two", "I want:\n- one\n- two", "", ""),
    "a sentence that begins with On": (
        "On Monday I wrote: nothing came.\nPlease help",
        "On Monday I wrote: nothing came.\nPlease help",
        "",
        "",
    ),
    "from in a sentence": ("From: what I see it is broken.\nThanks", "From: what I see it is broken.\nThanks", "", ""),
}


@pytest.mark.parametrize("case", CASES)
def test_split(case: str) -> None:
    body, text, signature, quoted = CASES[case]
    got = split(body)
    assert (got.text, got.signature, got.quoted) == (text, signature, quoted)


@given(st.text(alphabet=st.sampled_from("ab >-\n:OnFromwrote_"), max_size=400))
def test_nothing_is_lost(body: str) -> None:
    got = split(body)
    words = sorted(body.split())
    assert sorted(f"{got.text}\n{got.signature}\n{got.quoted}".split()) == words


@pytest.mark.parametrize("unit", ["On x\n", "> \n", "From: a\n", "On ", "wrote:\n", "_" * 30 + "\n", "\n", "x\n"])
def test_a_megabyte_takes_no_time(unit: str) -> None:
    started = time.perf_counter()
    split(unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - started < 3


HTML = {
    '<div>New</div><div class="gmail_quote">old</div>': ("<div>New</div>", '<div class="gmail_quote">old</div>'),
    '<p>New</p><blockquote type="cite">old</blockquote>': ("<p>New</p>", '<blockquote type="cite">old</blockquote>'),
    '<p>New</p><div id="divRplyFwdMsg">From: x</div>': ("<p>New</p>", '<div id="divRplyFwdMsg">From: x</div>'),
    "<p>New</p><hr><b>From:</b> x<br><b>Sent:</b> y": ("<p>New</p>", "<hr><b>From:</b> x<br><b>Sent:</b> y"),
    "<p>New</p><div>-----Original Message-----<br>x</div>": (
        "<p>New</p>",
        "<div>-----Original Message-----<br>x</div>",
    ),
    "<p>only</p>": ("<p>only</p>", ""),
    "<p><b>From:</b> the shop I got nothing</p>": ("<p><b>From:</b> the shop I got nothing</p>", ""),
}


@pytest.mark.parametrize("html", HTML)
def test_split_html(html: str) -> None:
    assert split_html(html) == HTML[html]
