"""Pools that are used up, of each client library that can be imported; says in JSON what must be seen of them.

Each has something that holds all of it and something that waits. The servers take what they are sent and never answer.
"""
import asyncio, json, queue, sys, threading, time
from concurrent.futures import ThreadPoolExecutor

want, kept = [], []

def pool(kind, size, used, waiting, holders=None, queued=None):
    want.append({"class": kind, "size": size, "used": used, "waiting": waiting, "holders": holders, "queued": queued})

def start(coro, name):
    kept.append(asyncio.ensure_future(coro))
    kept[-1].set_name(name)

def thread(run, name):
    threading.Thread(target=run, name=name, daemon=True).start()

async def mute(reader, writer):
    await reader.read()

async def returned():
    return 7

async def raised():
    raise KeyError("secret")

async def ended():
    """What only a census finds on 3.14, and a queue of each kind that nobody serves."""
    start(returned(), "done-consumer")
    start(raised(), "dead-consumer")
    orders = asyncio.Queue()
    jobs = queue.Queue(9)
    for n in range(3):
        orders.put_nowait(n)
        jobs.put(n)
    kept.extend([orders, jobs])

async def plain():
    async def hold(semaphore):
        async with semaphore:
            await asyncio.sleep(1e6)
    semaphore = asyncio.BoundedSemaphore(2)
    for n in range(3):
        start(hold(semaphore), "semaphore-%d" % n)
    pool("BoundedSemaphore", 2, None, 1)
    start(asyncio.Queue(5).get(), "takes")
    pool("Queue", 5, 0, 1)
    full = asyncio.Queue(1)
    full.put_nowait(1)
    start(full.put(2), "puts")
    pool("Queue", 1, 1, 1)
    threads = ThreadPoolExecutor(4, "busy")
    kept.extend(threads.submit(time.sleep, 1e6) for _ in range(7))
    pool("ThreadPoolExecutor", 4, 4, 0, 4, 3)
    some = ThreadPoolExecutor(8, "some")
    for n in (0.01, 1e6):
        kept.append(some.submit(time.sleep, n))
        await asyncio.sleep(0.2)
    kept.extend([threads, some])
    pool("ThreadPoolExecutor", 8, 1, 0, 1, 0)

async def redis_py(port):
    import redis, redis.asyncio
    url = "redis://127.0.0.1:%d" % port
    connections = redis.asyncio.BlockingConnectionPool.from_url(url, max_connections=2, timeout=None)
    for n in range(5):
        start(redis.asyncio.Redis(connection_pool=connections).get("x"), "redis-%d" % n)
    pool("BlockingConnectionPool", 2, 2, 3, 2)
    plain = redis.BlockingConnectionPool.from_url(url, max_connections=2, timeout=None)
    for n in range(5):
        thread(lambda: redis.Redis(connection_pool=plain).get("x"), "redis-thread-%d" % n)
    pool("BlockingConnectionPool", 2, 2, 3, 2)
    await asyncio.sleep(0.5)

async def sql():
    import sqlalchemy
    from sqlalchemy.pool import QueuePool
    engine = sqlalchemy.create_engine("sqlite://", poolclass=QueuePool, pool_size=1, max_overflow=1, pool_timeout=1e6)
    kept.extend([engine.connect(), engine.connect()])
    for n in range(3):
        thread(engine.connect, "sql-%d" % n)
    pool("QueuePool", 2, 2, 3)

async def aiohttp_client(port):
    import aiohttp
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2), timeout=aiohttp.ClientTimeout(total=None))
    kept.append(session)
    for n in range(5):
        start(session.get("http://127.0.0.1:%d/" % port).__aenter__(), "aiohttp-%d" % n)
    pool("TCPConnector", 2, 2, 3)

async def httpx_client(port):
    import httpx
    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=2), timeout=None, trust_env=False)
    kept.append(client)
    for n in range(5):
        start(client.get("http://127.0.0.1:%d/" % port), "httpx-%d" % n)
    pool("AsyncConnectionPool", 2, 2, 3, 2)
    busy = httpx.AsyncClient(limits=httpx.Limits(max_connections=2), timeout=None, trust_env=False)
    kept.append(busy)
    for n in range(2):
        start(busy.get("http://127.0.0.1:%d/" % port), "httpx-busy-%d" % n)  # nobody waits: none of its own is told
    plain = httpx.Client(limits=httpx.Limits(max_connections=2), timeout=None, trust_env=False)
    for n in range(5):
        thread(lambda: plain.get("http://127.0.0.1:%d/" % port), "httpx-thread-%d" % n)
    pool("ConnectionPool", 2, 2, 3, 2)

async def main():
    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await ended()
    await plain()
    for fill in (redis_py(port), sql(), aiohttp_client(port), httpx_client(port)):
        try:
            await fill
        except Exception as error:  # not there, or of another Python
            print(error, file=sys.stderr)
    await asyncio.sleep(1.5)
    print(json.dumps(want), flush=True)
    await asyncio.sleep(1e6)

asyncio.run(main())
