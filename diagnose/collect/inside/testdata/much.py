"""100,000 tasks, one of them and a thread with a name of a megabyte, and a coroutine of such a name."""
import asyncio, threading


async def main():
    kept = [asyncio.ensure_future(asyncio.sleep(1e6)) for _ in range(100_000)]
    kept[7].set_name("n" * (1 << 20))
    names = {}
    exec("async def %s():\n    await asyncio.sleep(1e6)" % ("c" * (1 << 20)), globals(), names)
    kept.extend(asyncio.ensure_future(f()) for f in names.values())
    event = threading.Event()
    threading.Thread(target=event.wait, name="t" * (1 << 20), daemon=True).start()
    await asyncio.sleep(1)
    print("ready", flush=True)
    await asyncio.sleep(1e6)

asyncio.run(main())
