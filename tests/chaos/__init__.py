"""The gate: a whole desk under load while everything around it breaks, and a checker that looks from outside."""
