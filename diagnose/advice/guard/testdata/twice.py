# Imported under two names and reloaded: one thread, one line for one record, one state.
# count: 1 its record: ERROR app: once
# count: 1 gateway-guard start:
# stdout: threads 2
# stdout: shared dead of KeyError
import asyncio
import importlib
import importlib.util
import logging
import threading

import gateway_guard

spec = importlib.util.spec_from_file_location("app_guard", gateway_guard.__file__)
second = importlib.util.module_from_spec(spec)
spec.loader.exec_module(second)
importlib.reload(gateway_guard)
logging.raiseExceptions = False
log = logging.getLogger("app")
log.addHandler(logging.FileHandler("/dev/full"))
log.error("once")
print("threads", threading.active_count())


async def dies():
    {}["x"]


async def main():
    second.supervise(dies(), "dies")
    await asyncio.sleep(0.1)
    print("shared", gateway_guard.background()["dies"])


asyncio.run(main())
