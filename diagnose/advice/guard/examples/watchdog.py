# env: GATEWAY_GUARD_STALL=0.5
# stderr: the event loop has stood still for
# stderr: get_stock

import gateway_guard  # noqa: F401  GATEWAY_GUARD_STALL=5: seconds after which the line that holds the loop is told
import asyncio
import time


async def get_stock():
    time.sleep(2.5)  # a synchronous call in a coroutine


asyncio.run(get_stock())
