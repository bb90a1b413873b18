import os


def leave():
    os.abort()


leave()
