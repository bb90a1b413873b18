// Package servicelog reads what a service itself printed and reports the failure signatures in it.
//
// The input is a log in any form in which one reaches a person: package envelope takes its lines out of what stands
// around them, and gives each its service, stream and time. The collector writes it as the CRI does, one line a
// frame:
//
//	2026-11-23T19:14:00.123456789Z stderr F ERROR:    Application startup failed. Exiting.
//
// Where a log has the lines of several services, as that of `docker compose logs` does, each service is read apart,
// as if the log were its own. A JSON record of an application's logger is unescaped and read like a plain line; what
// is no JSON in a JSON log is read as it is. Lines that hold what only an emitter of failures prints, in a form that
// was not understood, are no findings: they are counted (Unread), so that nobody takes the log for clean.
//
// The reader is streaming and bounded: it keeps one logical line a stream, and of each of 64 services the open
// traceback, the last 20 lines, 64 workers and at most 256 findings a run, whatever the size of the log. A reader
// that pauses (ErrPause) has what is complete reported at once.
//
// What it looks for is data: one table of signatures (package signature), in the order of the design document
// docs/notes/PYTHON.md#1. An anchor is matched where its emitter prints it: at the start of a message once the known
// prefixes (time, level, pid, logger) are off, or as the type and text of a raised exception. An application that
// quotes an anchor inside its own INFO line does not match.
//
// Rules that need more than one line: a traceback belongs to the line that announced it; what follows a
// requested stop is noise; SIGKILL and SIGABRT after WORKER TIMEOUT of the same pid are that timeout. Nothing here
// is ever conclusive for an OOM kill: the victim prints nothing, and a log that speaks of memory proves nothing
// about the kernel.
//
// A finding says what the log shows, never what the cause of the death is: that is the ranking's work.
package servicelog
