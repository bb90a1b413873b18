# stderr: gateway-guard lifespan: startup failed: ConnectionError: redis at
# stderr: Traceback (most recent call last):
# stdout: raised
import asyncio
from contextlib import asynccontextmanager

import gateway_guard


@asynccontextmanager
async def lifespan(app):
    raise ConnectionError("redis")
    yield


async def main():
    try:
        async with gateway_guard.guarded_lifespan(lifespan)(None):
            pass
    except ConnectionError:
        print("raised")


asyncio.run(main())
