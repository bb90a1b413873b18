import mmap
import os

fd = os.open("short.bin", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
os.ftruncate(fd, 4 * 4096)
data = mmap.mmap(fd, 4 * 4096)
os.ftruncate(fd, 0)


def touch():
    return data[2 * 4096]


touch()
