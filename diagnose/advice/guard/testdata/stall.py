# A blocked event loop is told, with the line that blocks it; the guard finds the loop by itself.
# env: GATEWAY_GUARD_STALL=0.6
# stderr: the event loop has stood still for
# stderr: block
# stderr: the event loop goes on after
import gateway_guard  # noqa: F401, I001
import asyncio
import time


def block():
    time.sleep(2)


async def main():
    await asyncio.sleep(1.2)
    block()
    await asyncio.sleep(0.3)


asyncio.run(main())
