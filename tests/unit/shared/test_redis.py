"""Which answers of Redis say that it is away: whatever was asked, it would have said the same."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.connection import DefaultParser
from redis.exceptions import ResponseError, WatchError

from shared import redis  # it says which of its errors mean that it is away
from shared.errors import is_away

AWAY = [
    "READONLY You can't write against a read only replica.",
    "OOM command not allowed when used memory > 'maxmemory'. script: 5f1, on @user_script:4.",
    "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
    "NOREPLICAS Not enough good replicas to write.",
    "CLUSTERDOWN The cluster is down",
    "TRYAGAIN Multiple keys request during rehashing of slot",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "ERR Error running script (call to f_55b49b87): @user_script:4: @user_script: 4: -OOM command not allowed",
    "ERR Error running script (call to f_55b49b87): @user_script:4: @user_script: 4: -READONLY You can't write against",
    "LOADING Redis is loading the dataset in memory",
    "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
    "NOPERM User switchboard has no permissions to run the 'eval' command",
    "NOAUTH Authentication required.",
    "WRONGPASS invalid username-password pair or user is disabled.",
]
BUGS = [
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "ERR wrong number of arguments for 'xadd' command",
    "ERR value is not an integer or out of range",
    "NOSCRIPT No matching script.",
    "ERR Error running script (call to f_55b49b87): @user_script:4: user_script:4: attempt to index a nil value",
    "ERR Error running script (call to f_55b49b87): @user_script:4: @user_script: 4: -WRONGTYPE Operation against",
    "MISCONFIGURED is no word of Redis",
]


def answered(said: str) -> ResponseError:
    """What the client makes of an error that the server sends."""
    error: ResponseError = DefaultParser.parse_error(said)
    return error


def in_a_pipeline(said: str, *command: str) -> ResponseError:
    error = answered(said)
    Pipeline.annotate_exception(Redis().pipeline(), error, 1, command)
    return error


@pytest.mark.parametrize("said", AWAY)
def test_what_refuses_everything_is_waited_for(said: str) -> None:
    assert is_away(answered(said))
    assert is_away(in_a_pipeline(said, "EVAL", "return 1"))


@pytest.mark.parametrize("said", BUGS)
def test_what_refuses_this_one_command_is_a_bug(said: str) -> None:
    assert not is_away(answered(said))
    assert not is_away(in_a_pipeline(said, "SET", "k", "MISCONF of pipeline caused error: ('MISCONF "))


def test_other_errors_of_the_client_are_bugs() -> None:
    assert not redis.refuses_all(WatchError("MISCONFIGURED"))
    assert not is_away(WatchError("moved on"))
