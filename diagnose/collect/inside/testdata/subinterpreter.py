"""Runs tasks in the main interpreter, and a thread in another one."""
import asyncio, threading
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

CODE = """
import time
def sleeps():
    print("ready", flush=True)
    time.sleep(1e6)
sleeps()
"""

def runs():
    interpreters.run_string(interpreters.create(), CODE)

async def waits():
    await asyncio.sleep(1e6)

async def main():
    await asyncio.create_task(waits(), name="of-main")

threading.Thread(target=runs, daemon=True, name="runner").start()
asyncio.run(main())
