# A recursion through C on a small stack: since 3.12 the interpreter counts C calls
# and gives up before 8 MiB are full.
import sys

sys.setrecursionlimit(10**6)


def deeper(n):
    return sorted([1], key=lambda x: deeper(n + 1))


deeper(0)
