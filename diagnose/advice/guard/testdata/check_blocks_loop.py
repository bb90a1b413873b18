# A check that blocks the event loop itself, asked from the own port's thread; one that is late in a loop that turns.
# stdout: blocks 503 the event loop has not answered in
# stdout: late 503 no answer in 1.0 s
import asyncio
import time

import gateway_guard


async def block():
    time.sleep(6)


async def late():
    await asyncio.sleep(6)


async def main():
    loop = asyncio.get_running_loop()
    for name, check in (("late", late), ("blocks", block)):
        health = gateway_guard.Health(limit=6.0)
        health.add("redis", check, limit=1.0)
        health._loop = loop  # as serve has it
        code, body = await loop.run_in_executor(None, health.check_in_threads)
        print(name, code, body.get("reason") or body["checks"]["redis"]["error"], flush=True)


asyncio.run(main())
