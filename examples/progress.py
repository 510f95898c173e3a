"""Events: what happens while a request is answered, and how it is stopped from another thread.

python examples/progress.py "A video of a rocket taking off"
"""

from __future__ import annotations

import sys
import threading

from modaverse import Agent
from modaverse.cancel import CancelToken
from modaverse.events import CallDone, CallFailed, PlanReady, Preview, Progress, ReplyReady


def main(request: str, seconds: float = 60.0) -> None:
    """Answer `request`, or what there is time for."""
    cancel = CancelToken()
    alarm = threading.Timer(seconds, cancel.cancel)
    alarm.start()
    for event in Agent().stream(request, cancel=cancel):
        match event:
            case PlanReady(plan):
                print(plan.text, f"({len(plan.calls)} calls)")
            case Progress(call, step, total):
                print(f"#{call.id} {step}/{total}")
            case Preview(call, image):
                print(f"#{call.id} looks like {image.face()} so far")
            case CallDone(call, item):
                print(f"#{call.id} made {item.handle}")
            case CallFailed(call, failure):
                print(f"#{call.id} {failure.type}: {failure.message}")
            case ReplyReady(reply):
                print("all is done" if reply.ok else "some of it is done")
    alarm.cancel()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "A video of a rocket taking off")
