import sys
import threading

sys.setrecursionlimit(10**6)


def deeper(n):
    return sorted([1], key=lambda x: deeper(n + 1))


threading.stack_size(256 * 1024)
runner = threading.Thread(target=deeper, args=(0,))
runner.start()
runner.join()
