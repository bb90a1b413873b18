"""A loop that is stuck in a client without a timeout, and a log that nobody reads."""
import asyncio, logging, os, socket, sys, threading, time

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
client.sendall(b"PING\n")

read, write = os.pipe()
log = logging.getLogger("app")
log.addHandler(logging.StreamHandler(os.fdopen(write, "w")))


def fill():
    log.error("x" * (1 << 20))

def follow():
    time.sleep(0.3)
    log.error("after it")

def ask():
    client.recv(1)

async def wait(queue):
    await queue.get()

async def main():
    task = asyncio.create_task(wait(asyncio.Queue()), name="waits")
    await asyncio.sleep(0.6)
    print("ready", flush=True)
    ask()

threading.Thread(target=fill, name="logs", daemon=True).start()
threading.Thread(target=follow, name="behind", daemon=True).start()
asyncio.run(main())
