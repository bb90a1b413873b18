# stdout: got the stock

import asyncio
import time


def get_stock():
    time.sleep(0.1)  # a synchronous client: called in the loop it would stop every request and probe
    return "the stock"


# [
async def handler():
    return await asyncio.get_running_loop().run_in_executor(None, get_stock)  # asyncio.to_thread from Python 3.9
# ]


print("got", asyncio.run(handler()))
