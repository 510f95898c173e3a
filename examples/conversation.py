"""A conversation in which a later request builds on what an earlier one made.

python examples/conversation.py [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from modaverse import Agent, Chat


def main(folder: Path) -> None:
    """Talk; every result is kept in the library at `folder`."""
    chat = Chat(Agent(library=folder), seed=7)
    for request in (
        "A short video of a ball bouncing",
        "Let me hear a drum",
        "Put audio1 to video1, please",
    ):
        reply = chat.send(request)
        print(f"> {request}")
        print(reply)
    print("It can now speak of:", ", ".join(chat.media))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "modaverse-out/library"))
