"""Amounts in whole units of their currency, for comparing them with what people write."""

from __future__ import annotations

from shared.contracts.contacts import Money

_WITHOUT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_OF_THREE = "BHD IQD JOD KWD LYD OMR TND"
"""ISO 4217: where the smallest unit is the whole one, or takes three digits instead of two."""


def whole_units(money: Money) -> float:
    """1250 of the smallest unit are 12.5 USD and 1250 JPY."""
    digits = 0 if money.currency in _WITHOUT else 3 if money.currency in _OF_THREE else 2
    return float(money.minor / 10**digits)
