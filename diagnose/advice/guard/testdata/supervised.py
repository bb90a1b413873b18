# A supervised task that dies is told at once, restarted where asked for, and shown.
# stderr: task 'consumer' died: KeyError: 'order_id' at
# stderr: task 'consumer' is started anew in
# stderr: task 'feed' has come to its end, which was not expected
# stdout: consumer running
# stdout: 503
# stdout: feed: ended since
import asyncio

import gateway_guard

runs = []


async def consume():
    runs.append(1)
    if len(runs) == 1:
        {}["order_id"]
    await asyncio.Event().wait()


async def feed():
    pass


async def main():
    gateway_guard.supervise(consume, "consumer", restart=0.05)
    gateway_guard.supervise(feed(), "feed")
    await asyncio.sleep(0.5)
    print("consumer", gateway_guard.background()["consumer"])
    code, body = await gateway_guard.Health().check()
    print(code, body["problems"]["tasks"].replace("task ", ""))


asyncio.run(main())
