# A check that swallows its cancellation, one that blocks, one that throws: an answer within the limit all the same.
# stdout: 503 True
# stdout: hang no answer in 0.3 s
# stdout: block no answer in 0.3 s
# stdout: throw ConnectionError: redis://***@redis:6379 refused
# stdout: fine
# stdout: again an earlier check still hangs
import asyncio
import time

import gateway_guard


async def hang():
    while True:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            pass


def block():
    time.sleep(3)


def throw():
    raise ConnectionError("redis://user:secret@redis:6379 refused")


async def fine():
    return "PONG"


async def main():
    health = gateway_guard.Health(limit=1.0)
    for check in (hang, block, throw, fine):
        health.add(check.__name__, check, limit=0.3)
    began = time.monotonic()
    code, body = await health.check()
    print(code, time.monotonic() - began < 1.2)
    for name, check in body["checks"].items():
        print(name, check["error"])
    _, body = await health.check()
    print("again", body["checks"]["hang"]["error"])
    import os
    import sys

    sys.stdout.flush()
    os._exit(0)


asyncio.run(main())
