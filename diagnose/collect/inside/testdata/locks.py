"""Threads and tasks that wait for locks and semaphores, held in a with, in a generator's with, or by nobody."""
import asyncio, contextlib, json, os, sys, threading, time

a, b, kept, lost = threading.Lock(), threading.Lock(), threading.Lock(), threading.Lock()
owned, taken = threading.RLock(), threading.RLock()
few = threading.Semaphore(1)


def both(first, second, name):
    with first:
        time.sleep(0.2)
        with second:
            print(name, "has both")


@contextlib.contextmanager
def locked():
    with kept:
        yield


def keep():
    with locked():
        time.sleep(1000)


def lose():
    lost.acquire()


def own(lock):
    lock.acquire()


def wait(lock):
    time.sleep(0.2)
    with lock:
        print("never")


def spend():
    few.acquire()
    few.acquire()


def passed():
    """It was in a with, and is not any more."""
    with few:
        pass
    time.sleep(1000)


async def alike(first, second):
    async with first:
        await asyncio.sleep(0.2)
        async with second:
            print("never")


async def leaked(semaphore):
    async with semaphore:
        print("never")


async def inside(semaphore):
    async with semaphore:
        await asyncio.sleep(1000)


def announce():
    """Says ready once every other thread stands where it is to be looked at."""
    stood, before = 0, None
    while stood < 4:
        time.sleep(0.15)
        now = {tid: call(tid) for tid in os.listdir("/proc/self/task") if int(tid) != threading.get_native_id()}
        stood, before = stood + 1 if now == before and "running\n" not in now.values() else 0, now
    print("ready", flush=True)


def call(tid):
    with open(f"/proc/self/task/{tid}/syscall") as f:
        return f.read()


async def main():
    one, two, gone, held = asyncio.Lock(), asyncio.Lock(), asyncio.Semaphore(2), asyncio.Semaphore(1)
    await gone.acquire()
    await gone.acquire()
    kept = [asyncio.create_task(alike(one, two), name="one-two"), asyncio.create_task(alike(two, one), name="two-one")]
    kept += [asyncio.create_task(inside(held), name="holds"), asyncio.create_task(inside(held), name="waits")]
    kept += [asyncio.create_task(leaked(gone), name=f"request-{i}") for i in range(4)]
    await asyncio.sleep(0.5)
    threading.Thread(target=announce, daemon=True).start()
    await asyncio.sleep(1000)


for name, run, args in [("a-b", both, (a, b, "a-b")), ("b-a", both, (b, a, "b-a")), ("keeper", keep, ()),
                        ("behind", wait, (kept,)), ("loser", lose, ()), ("heir", wait, (lost,)),
                        ("next", wait, (taken,)), ("taker", own, (taken,)), ("passed", passed, ()),
                        ("spends", spend, ()), ("after", wait, (owned,)), ("owner", own, (owned,))]:
    threading.Thread(target=run, args=args, name=name, daemon=True).start()
    time.sleep(0.05)
asyncio.run(main())
