# loop.add_signal_handler, as older uvicorn uses it. uvloop installs it past the guard, which sees it a second later.
# exit: 0
# stderr: SIGTERM received
# stdout: graceful
import asyncio
import os
import signal

import gateway_guard  # noqa: F401


async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await asyncio.sleep(2.5)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stop.wait(), 5)
    print("graceful")


asyncio.run(main())
