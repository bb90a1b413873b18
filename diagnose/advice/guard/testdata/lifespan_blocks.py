# A startup that blocks the event loop can only be ended with the process.
# exit: 3
# stderr: startup has not ended in 0.3 s; it waits at
# stderr: startup heeds no cancellation: the process is ended with 3
import asyncio
import time
from contextlib import asynccontextmanager

import gateway_guard


@asynccontextmanager
async def lifespan(app):
    time.sleep(60)
    yield


async def main():
    async with gateway_guard.guarded_lifespan(lifespan, limit=0.3)(None):
        pass


asyncio.run(main())
