# SIGUSR1: stacks and tasks, and the process lives.
# exit: 0
# stderr: asked by SIGUSR1
# stderr: task 'consumer' waits at
# stderr: consume
import asyncio
import os
import signal

import gateway_guard


async def consume():
    await asyncio.Event().wait()


async def main():
    gateway_guard.watch_loop()
    task = asyncio.ensure_future(consume())
    task.set_name("consumer")
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.sleep(0.1)
    task.cancel()


asyncio.run(main())
