"""Makes tasks and threads of every kind, and prints its own account of them as JSON for each byte that it reads."""
import asyncio, gc, json, os, sys, threading, time


async def sleeper():
    await asyncio.sleep(1000)

async def getter(q):
    return await q.get()

async def locker(lock):
    async with lock:
        await asyncio.sleep(1000)

async def numbers():
    for i in range(10):
        await asyncio.sleep(1000)
        yield i

async def generating():
    async for _ in numbers():
        pass

async def anexting():
    await numbers().__anext__()

async def gathering():
    await asyncio.gather(sleeper(), sleeper())

async def waiting():
    await asyncio.wait_for(sleeper(), 900)

async def awaiting(other):
    await other

class Door:
    async def __aenter__(self):
        await asyncio.sleep(1000)
    async def __aexit__(self, *a):
        pass

async def entering():
    async with Door():
        pass

class Custom:
    def __await__(self):
        yield from asyncio.sleep(1000).__await__()

async def custom():
    await Custom()

def job():
    time.sleep(1000)

async def executing():
    await asyncio.get_running_loop().run_in_executor(None, job)

async def failing():
    await asyncio.sleep(0)
    await deeper()

async def deeper():
    raise KeyError("secret")

async def looked():
    raise ValueError("secret")

async def ending():
    return 7

async def streaming():
    r = asyncio.StreamReader()
    await r.readline()

class Own(asyncio.Task):
    pass

class Slotted(asyncio.Task):
    __slots__ = ("more",)

def chain(o):
    frames = []
    for _ in range(300):
        name = type(o).__name__
        if name in ("coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable"):
            o = next(x for x in gc.get_referents(o) if type(x).__name__ in ("coroutine", "generator", "async_generator"))
            continue
        for kind in ("cr", "gi", "ag"):
            if hasattr(o, kind + "_frame"):
                break
        else:
            return frames
        f = getattr(o, kind + "_frame")
        if f is None:
            return frames
        frames.append(frame(f, f.f_lineno))
        o = getattr(o, {"cr": "cr_await", "gi": "gi_yieldfrom", "ag": "ag_await"}[kind])
        if o is None:
            return frames
    return frames

def frame(f, line):
    return {"file": f.f_code.co_filename, "line": line or 0, "function": getattr(f.f_code, "co_qualname", f.f_code.co_name)}

def task(t):
    coro = t.get_coro()
    out = {"name": t.get_name(), "coroutine": coro.__qualname__, "state": "pending", "frames": [], "exception": ""}
    if t.cancelled():
        out["state"] = "cancelled"
    elif t.done():
        out["state"] = "finished"
        # neither result() nor exception(): they mark it as retrieved
        e = t._exception
        if e is not None:
            out["exception"] = type(e).__name__
            tb = e.__traceback__
            while tb.tb_next:
                tb = tb.tb_next
            out["raised"] = frame(tb.tb_frame, tb.tb_lineno)
            out["retrieved"] = not t._log_traceback
    else:
        out["frames"] = chain(coro)[::-1]
        if not out["frames"] or (getattr(coro, "cr_frame", None) and coro.cr_frame.f_lasti < 0):
            out["state"] = "not-begun"
    return out

def stack(f):
    out = []
    while f:
        out.append(frame(f, f.f_lineno))
        f = f.f_back
    return out

def account(kept):
    names = {t.ident: t.name for t in threading.enumerate()}
    me = threading.get_ident()
    threads = [{"name": names.get(i, ""), "native": next(t.native_id for t in threading.enumerate() if t.ident == i),
                "frames": stack(f)} for i, f in sys._current_frames().items() if i != me]
    print(json.dumps({"tasks": [task(t) for t in kept], "threads": threads}), flush=True)

def asked(kept):
    if not os.read(0, 1):
        os._exit(0)
    account(kept)

def recursing(n):
    if n:
        return recursing(n - 1)
    time.sleep(1000)

def beside():
    async def main():
        await asyncio.sleep(1000)
    asyncio.run(main())

async def main():
    loop = asyncio.get_running_loop()
    q, lock = asyncio.Queue(), asyncio.Lock()
    kept = []
    def start(coro, name, kind=asyncio.Task):
        t = kind(coro, loop=loop, name=name)
        kept.append(t)
        return t
    first = start(sleeper(), "sleeper")
    for name, coro in dict(getter=getter(q), locker=locker(lock), locked=locker(lock), generating=generating(),
                           anexting=anexting(), gathering=gathering(), waiting=waiting(), awaiting=awaiting(first),
                           entering=entering(), custom=custom(), executing=executing(), failing=failing(),
                           looked=looked(), ending=ending(), streaming=streaming()).items():
        start(coro, name)
    start(sleeper(), "b\u00e4r \u20ac")
    start(sleeper(), "own", Own)
    start(sleeper(), "slotted", Slotted)
    start(sleeper(), "plain", asyncio.tasks._PyTask)
    start(looked(), "plain-failed", asyncio.tasks._PyTask)
    start(sleeper(), "cancelled").cancel()
    if sys.version_info >= (3, 12):
        kept.append(asyncio.eager_task_factory(loop, sleeper(), name="eager"))
    for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
        start(sleeper(), "many-%d" % i)
    threading.Thread(target=recursing, args=(30,), name="deep", daemon=True).start()
    threading.Thread(target=beside, name="beside", daemon=True).start()
    event = threading.Event()
    threading.Thread(target=event.wait, name="waiter", daemon=True).start()
    await asyncio.sleep(0.3)
    try:
        kept[[t.get_name() for t in kept].index("looked")].exception()
    except ValueError:
        pass
    kept.append(asyncio.current_task())
    loop.add_reader(0, asked, kept)
    print("ready", flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
