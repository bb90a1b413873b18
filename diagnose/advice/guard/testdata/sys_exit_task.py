# exit: 7
# stderr: sys.exit gave code 7
# stderr: in asyncio task 'licence' at
import asyncio
import sys

import gateway_guard  # noqa: F401


async def check_licence():
    sys.exit(7)


async def main():
    task = asyncio.ensure_future(check_licence())
    task.set_name("licence")
    await asyncio.sleep(5)


asyncio.run(main())
