// Package python reads the Python stack of every thread out of a crashed
// interpreter's memory: file, line and function, without gdb, without the
// interpreter's binary and without running anything.
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
// Its contract:
//
//   - The memory is a stranger's and may be smashed, cut off or made up. Every loop
//     is bounded, every size capped; what cannot be read ends the stack with a note.
//   - A version whose layout is not known is said so, never guessed.
//   - No values are read: no locals, no arguments, no objects but the names of code.
//
// The package is pure: it reads through [Memory] alone.
package python
