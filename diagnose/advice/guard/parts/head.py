# What must not raise catches everything; attributes of what is patched are set in the way that type checkers accept.
# ruff: noqa: B010, BLE001, S110, UP031
from __future__ import annotations

import atexit
import faulthandler
import gc
import logging
import os
import re
import select
import signal
import sys
import threading
import time
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import %s

    _Frames = List[Tuple[Any, int]]  # a stack, innermost first: code objects and lines

VERSION = "%s"
