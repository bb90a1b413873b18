import asyncio
import ctypes


async def consume(queue):
    await queue.get()
    raise KeyError("a value that no report may show")


async def cart(queue):
    return await queue.get()


async def main():
    orders, carts = asyncio.Queue(), asyncio.Queue()
    kept = [asyncio.create_task(consume(orders), name="order-consumer")]
    kept += [asyncio.create_task(cart(carts)) for _ in range(6)]
    orders.put_nowait(1)
    await asyncio.sleep(0.1)
    ctypes.string_at(0)


asyncio.run(main())
