"""The checker of browsers is tried on made-up ones: what did not come live is found though it was fetched later."""

from __future__ import annotations

from tests.chaos.checker.evidence import Event
from tests.chaos.checker.screens import Seen, compared
from tests.chaos.checker.timelines import CONVERSATIONS

BEGAN = 100.0


def event(seq: int) -> Event:
    """Written `seq` seconds after the browser came."""
    return Event(f"e-{seq}", CONVERSATIONS, "c", "c", seq, "NoteAdded", 1, at=BEGAN + seq)


def browser(*live: int, fetched: tuple[int, ...] = ()) -> Seen:
    seen = Seen(since=BEGAN)
    came(seen, *live)
    seen.have["c"].update(fetched)
    return seen


def came(seen: Seen, *live: int) -> None:
    for seq in live:
        seen.came("c", seq)


def missing(seen: Seen, events: int) -> list[str]:
    found = compared(seen, [event(seq) for seq in range(1, events + 1)])
    assert (found["twice"], found["others"]) == ([], [])
    return found["missing"]


def test_a_browser_that_saw_all_of_it_passes() -> None:
    assert missing(browser(1, 2, 3), 3) == []


def test_what_it_neither_saw_nor_fetched_is_missing() -> None:
    assert "c 3" in missing(browser(1, 2), 3)


def test_a_hole_before_a_resync_is_found_though_it_was_fetched_after_it() -> None:
    seen = browser(1, 2, 4)
    seen.resync(BEGAN + 4.5)
    seen.have["c"].update((1, 2, 3, 4))
    came(seen, 5)
    assert missing(seen, 5) == ["c 3 did not come live"]


def test_a_hole_at_the_end_is_found_though_it_was_fetched() -> None:
    assert missing(browser(1, 3, fetched=(1, 2, 3)), 3) == ["c 2 did not come live"]


def test_a_last_event_that_was_only_fetched_is_found() -> None:
    assert missing(browser(1, fetched=(1, 2)), 2) == ["c 2 did not come live"]


def test_a_hole_that_is_in_no_log_is_found() -> None:
    assert missing(browser(1, 2, 4), 2) == ["c 3 did not come live"]


def test_what_was_written_before_a_resync_may_be_fetched() -> None:
    seen = browser(1)
    seen.resync(BEGAN + 3.5)
    seen.have["c"].update((1, 2, 3))
    came(seen, 4, 5)
    assert missing(seen, 5) == []


def test_what_was_written_before_a_resync_may_come_late_and_with_holes() -> None:
    """Somebody who was frozen writes what he has in hand into a stream that was emptied meanwhile."""
    seen = browser(1, 2, 3)
    seen.resync(BEGAN + 3.5)
    seen.have["c"].update((1, 2, 3))
    came(seen, 1, 3, 4)
    assert missing(seen, 4) == []
    seen.resync(BEGAN + 4.5)
    assert missing(seen, 4) == []


def test_what_comes_again_after_a_resync_is_not_there_twice_and_else_it_is() -> None:
    seen = browser(1, 2)
    seen.resync(BEGAN + 2.5)
    came(seen, 2, 3)
    assert compared(seen, [])["twice"] == []
    came(seen, 3)
    assert compared(seen, [])["twice"] == ["c 3"]
