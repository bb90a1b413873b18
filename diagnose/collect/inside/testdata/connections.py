"""Tasks that wait for the bytes of a connection, and tasks whose object has one and that wait for something else."""
import asyncio
import json
import socket

mute = socket.create_server(("127.0.0.1", 0))
PORT = mute.getsockname()[1]


class Client(asyncio.Protocol):
    def __init__(self):
        self.lock = asyncio.Lock()
        self.answer = self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    async def asks(self):
        self.answer = asyncio.get_running_loop().create_future()
        await self.answer

    async def sleeps(self):
        await asyncio.sleep(1e6)

    async def queues(self):
        await asyncio.Queue().get()

    async def locks(self):
        async with self.lock:
            await self.lock.acquire()


async def reads(reader):
    await reader.readexactly(1)


async def limited(reader):
    await asyncio.wait_for(reader.read(1), 1e6)


async def main():
    loop, kept = asyncio.get_running_loop(), []

    def begin(coroutine, name):
        kept.append(asyncio.ensure_future(coroutine))
        kept[-1].set_name(name)

    wanted = {}
    for name, f in ("reads", reads), ("limited", limited):
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        kept.append(writer)
        begin(f(reader), name)
        wanted[name] = "%s:%d" % writer.get_extra_info("sockname")
        if name == "reads":
            writer.write(b"hello")
    for name in "asks", "sleeps", "queues", "locks", "closed":
        transport, client = await loop.create_connection(Client, "127.0.0.1", PORT)
        begin(getattr(client, name if name != "closed" else "asks")(), name)
        if name == "closed":
            transport.abort()
        elif name == "asks":
            wanted[name] = "%s:%d" % transport.get_extra_info("sockname")
    await asyncio.sleep(0.2)
    print(json.dumps(wanted), flush=True)
    await asyncio.gather(*(k for k in kept if isinstance(k, asyncio.Future)))

asyncio.run(main())
