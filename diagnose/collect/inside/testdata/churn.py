"""Keeps 300 tasks alive, each of which lives some milliseconds, and four threads busy."""
import asyncio, sys, threading, time

sys.setswitchinterval(0.0005)

async def pause(n):
    await asyncio.sleep(0.001 * (n % 7))

async def leaf_a(n):
    await pause(n)

async def leaf_b(n):
    await pause(n + 3)

async def short(n):
    await (leaf_a if n % 2 else leaf_b)(n)

def mid_a(n):
    return rec(n - 1) if n else 0

def mid_b(n):
    return 0 if n < 5 else mid_a(n % 5)

def rec(n):
    return mid_a(n) + 1

def busy():
    while True:
        mid_a(20)
        mid_b(30)

async def main():
    alive, n = set(), 0
    for _ in range(2 if len(sys.argv) > 1 else 0):
        threading.Thread(target=busy, daemon=True).start()
    print("ready", flush=True)
    while True:
        while len(alive) < 300:
            n += 1
            t = asyncio.create_task(short(n), name="short-%d" % n)
            alive.add(t)
            t.add_done_callback(alive.discard)
        await asyncio.sleep(0.0005)

asyncio.run(main())
