# A handler that is installed by a signal.signal from before the import, as uvloop holds it, is chained in the loop.
# exit: 0
# stderr: SIGTERM received; main.<locals>.ask answers it
# stdout: graceful
# setup: from signal import signal as held
import asyncio
import os
import signal

import gateway_guard  # noqa: F401


async def main():
    def ask(signum, frame):
        stop.set()

    stop = asyncio.Event()
    held(signal.SIGTERM, ask)  # noqa: F821
    await asyncio.sleep(2.5)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(stop.wait(), 5)
    print("graceful")


asyncio.run(main())
