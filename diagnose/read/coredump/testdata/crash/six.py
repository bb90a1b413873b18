import ctypes
import threading
import time


def wait():
    time.sleep(100)


def crash():
    time.sleep(0.2)
    ctypes.string_at(0xDEADBEEF)


for _ in range(4):
    threading.Thread(target=wait, daemon=True).start()
crasher = threading.Thread(target=crash)
crasher.start()
crasher.join()
