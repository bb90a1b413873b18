// Package python reads the Python stack of every thread, and the tasks of asyncio, out
// of a crashed or running interpreter's memory: file, line and function, without gdb,
// without the interpreter's binary and without running anything.
//
// It follows CPython's own structures: the list of interpreters, their threads,
// each thread's newest frame, and from frame to frame its caller. Where they lie:
//
//	3.13 and later  the interpreter carries a table of its own offsets, marked
//	                "xdebugpy" (Include/internal/pycore_debug_offsets.h)
//	3.9 to 3.12     offsets from each version's headers; the list of interpreters
//	                is the word w of the interpreter's data for which
//	                w->threads->interp is w again
//
// What it gives equals what faulthandler prints:
//
//	File "/app/pool.py", line 41 in fetch
//
// Tasks are found by the name of the module that lists them (sys.modules,
// asyncio.tasks._all_tasks and its successors; from 3.14 on linked lists), and each
// leads from its coroutine to what that awaits, by the types of the objects alone:
//
//	order-consumer consume [finished] KeyError at /app/app.py:17 handle
//	Task-37        cart    [pending]  asyncio/queues.py:158 Queue.get <- /app/app.py:38 cart
//
// A running process changes while it is read; [Interpreter.Settle] tells only what two
// readings agree in.
//
// Its contract:
//
//   - The memory is a stranger's and may be smashed, cut off or made up. Every loop
//     is bounded, every size capped; what cannot be read ends the stack with a note.
//   - A version whose layout is not known is said so, never guessed.
//   - No values are read: no locals, no arguments, no messages; of objects only what
//     leads to stacks, names and types.
//
// The package is pure: it reads through [Memory] alone.
package python
