"""A flame graph keeps what can be read of it."""

from __future__ import annotations

from tests.bench.flames import readable

TITLE = '<text id="title" fill="rgb(0,0,0)">py-spy record --pid 7</text>'
WHOLE = '<g><title>all (6,633 samples, 100%)</title><rect x="0%"/><text>all</text></g>'
WIDE = '<g><title>apply (handlers.py:134) (630 samples, 9.50%)</title><rect x="1%"/><text>apply</text></g>'
SLIVER = '<g><title>&lt;lambda&gt; (a.py:1) (2 samples, 0.03%)</title><rect x="2%"/><text></text></g>'


def test_frames_too_narrow_to_read_are_left_out_and_the_rest_stays_as_it_was() -> None:
    assert readable(f"<svg>{WHOLE}{SLIVER}{WIDE}</svg>", "relay") == f"<svg>{WHOLE}{WIDE}</svg>"


def test_the_title_is_the_program() -> None:
    titled = '<text id="title" fill="rgb(0,0,0)">CPU of the relay</text>'
    assert readable(f"<svg>{TITLE}{WHOLE}</svg>", "CPU of the relay") == f"<svg>{titled}{WHOLE}</svg>"
