# A background task of the lifespan's own task group dies: its body is cancelled, and the server goes on without it.
# stderr: what the lifespan keeps running has ended by KeyError: 'order_id'
import asyncio

import gateway_guard


class Lifespan:
    """As a generator with a task group behaves, for Pythons that have none."""

    def __init__(self, app):
        pass

    async def __aenter__(self):
        asyncio.get_running_loop().call_later(0.1, asyncio.current_task().cancel)

    async def __aexit__(self, kind, error, trace):
        raise KeyError("order_id")


async def main():
    try:
        async with gateway_guard.guarded_lifespan(Lifespan)(None):
            await asyncio.sleep(5)
    except KeyError:
        pass


asyncio.run(main())
