"""`python -m services.ingest.user_key <brand>`: the key that the brand's site signs its users' tokens with.

For the site's developers; it stays on their server. Reads SWITCHBOARD_SECRET and nothing else.
"""

from __future__ import annotations

import os
import sys

from shared.signing import Signer


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not os.environ.get("SWITCHBOARD_SECRET"):
        sys.exit("python -m services.ingest.user_key <brand id>, with SWITCHBOARD_SECRET as the services have it")
    sys.stdout.write(f"{Signer(os.environ['SWITCHBOARD_SECRET']).user_key(arguments[0])}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
