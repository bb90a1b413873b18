# stderr: gateway-guard lifespan: startup failed: ConnectionError: redis://app:pw@redis refused at
# stderr: Traceback (most recent call last):
# stdout: raised
# stdout: 503 startup failed: ConnectionError: redis://***@redis refused at
import asyncio
from contextlib import asynccontextmanager

import gateway_guard


@asynccontextmanager
async def lifespan(app):
    raise ConnectionError("redis://app:pw@redis refused")
    yield


async def main():
    try:
        async with gateway_guard.guarded_lifespan(lifespan)(None):
            pass
    except ConnectionError:
        print("raised")
    # A server that goes on all the same is not healthy.
    code, body = await gateway_guard.Health().check()
    print(code, body["problems"]["lifespan"])


asyncio.run(main())
