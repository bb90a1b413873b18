# Three failures open the circuit, nobody is asked while it is open, one success after the pause closes it.
# stderr: redis failed 3 times in a row, its circuit opens for 2 s
# stderr: redis answers again, its circuit is closed
# stdout: asked 3
# stdout: circuit open, asked again in
# stdout: asked 4
# stdout: 200 asked 5
import asyncio
import time

import gateway_guard

asked = []
well = False


async def ping():
    asked.append(1)
    if not well:
        raise ConnectionError("refused")


async def main():
    global well
    health = gateway_guard.Health()
    health.add("redis", ping, recovery=2)
    for _ in range(5):
        _, body = await health.check()
    print("asked", len(asked))
    print(body["checks"]["redis"]["error"])
    time.sleep(2.1)
    await asyncio.gather(health.check(), health.check())
    print("asked", len(asked))
    time.sleep(2.1)
    well = True
    code, _ = await health.check()
    print(code, "asked", len(asked))


asyncio.run(main())
