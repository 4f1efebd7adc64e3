"""What is in hand: nobody takes it all, nobody is kept out for good, and nothing is counted that is over."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels.smtp.load import LEAST_BYTES, Load

MIB = 1024 * 1024


def load() -> Load:
    return Load(messages=8, in_hand_bytes=96 * MIB, largest_bytes=40 * MIB)


def test_who_declares_much_and_sends_little_keeps_nobody_out() -> None:
    one = load()
    with contextlib.ExitStack() as stack:
        for n in range(100):
            assert not one.full(40 * MIB, f"a{n}")
            stack.enter_context(one.hold(f"a{n}"))
        assert one.bytes_now == 100 * LEAST_BYTES
        assert not one.full(40 * MIB, "honest")


def test_one_address_has_half_and_always_room_for_its_largest_mail() -> None:
    one = load()
    with one.hold("a") as first, one.hold("a") as second:
        assert first.reached(40 * MIB)
        assert second.reached(8 * MIB - LEAST_BYTES)
        assert not second.reached(9 * MIB)
        assert one.full(MIB, "a")
        assert not one.full(40 * MIB, "b")
        assert not one.full(40 * MIB)


def test_half_of_the_messages_of_one_address() -> None:
    one = load()
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(stack.enter_context(one.hold("a")).working())
        assert one.full(1, "a")
        assert not one.full(1, "b")


def test_a_mail_alone_may_always_grow() -> None:
    one = Load(messages=1, in_hand_bytes=MIB, largest_bytes=MIB)
    with one.hold("a") as share:
        assert share.reached(40 * MIB)
        assert one.full(1, "b")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60 * MIB), st.booleans()), max_size=20))
def test_after_everything_nothing_is_in_hand(mails: list[tuple[str, int, bool]]) -> None:
    one = load()
    with contextlib.ExitStack() as stack:
        for address, size, works in mails:
            share = stack.enter_context(one.hold(address))
            share.reached(size)
            assert one.bytes_now <= max(96 * MIB, len(mails) * LEAST_BYTES + 60 * MIB)
            if works:
                stack.enter_context(share.working())
    assert (one.bytes_now, one.messages_now, one.shares_now) == (0, 0, 0)
    assert one.idle.is_set()
    assert not one._own_bytes
    assert not one._own_messages
