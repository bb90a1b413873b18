# stderr: script.py:12 connect [
# stderr: script.py:17 lifespan <
# count: 1 startup has not ended in 0.3 s; it waits at
# stdout: TimeoutError startup took longer than 0.3 s
import asyncio
from contextlib import asynccontextmanager

import gateway_guard


async def connect():
    await asyncio.Event().wait()


@asynccontextmanager
async def lifespan(app):
    await connect()
    yield


async def main():
    try:
        async with gateway_guard.guarded_lifespan(lifespan, limit=0.3)(None):
            pass
    except asyncio.TimeoutError as error:
        print("TimeoutError", error)


asyncio.run(main())
