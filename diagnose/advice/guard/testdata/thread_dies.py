# stderr: thread 'prices' died, the process goes on without it: KeyError: 'price' at
# stderr: thread 'leaver' left by sys.exit
# stderr: Exception in thread prices
import sys
import threading

import gateway_guard  # noqa: F401


def prices():
    {}["price"]


for name, work in (("prices", prices), ("leaver", sys.exit)):
    thread = threading.Thread(target=work, name=name)
    thread.start()
    thread.join()
