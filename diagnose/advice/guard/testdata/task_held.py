# A task that nobody supervises dies while the service keeps a reference: asyncio itself says so never.
# stderr: task 'consumer' died and nobody has looked: KeyError: 'order_id' at
# not: looked at
import asyncio

import gateway_guard  # noqa: F401


async def consume():
    await asyncio.sleep(2.5)  # Python 3.14 hides finished tasks: the guard must have seen it alive
    {}["order_id"]


async def fails():
    raise ValueError("looked at")


async def main():
    held = asyncio.ensure_future(consume())
    held.set_name("consumer")
    awaited = asyncio.ensure_future(fails())
    await asyncio.sleep(0)
    await asyncio.wait([awaited])
    awaited.exception()
    await asyncio.sleep(10.5)
    import os

    os._exit(0)


asyncio.run(main())
