"""`python -m services.routing`: the whole service, or the roles that SWITCHBOARD_ROLES names."""

from shared.process import run

if __name__ == "__main__":
    run("routing")
