# stderr: task 'consumer' died: KeyError: 'order_id'
# stderr: task 'consumer' is started anew
# stdout: running
# stdout: 200

import gateway_guard  # the first import
import asyncio

orders = [{"id": 1}, {"order_id": 2}]


async def consume():
    while True:
        if orders:
            print("order", orders.pop(0)["order_id"])
        await asyncio.sleep(0.1)


async def main():
    # [
    gateway_guard.supervise(consume, "consumer", restart=0.1)  # without restart /health says since when it is dead
    # ]
    await asyncio.sleep(1)
    print(gateway_guard.background())
    print(await gateway_guard.Health().check())


asyncio.run(main())
