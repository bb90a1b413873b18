// Package servicelog reads what a service itself printed and reports the failure signatures in it.
//
// The input is the log as the collector writes it, one CRI line a frame
// (https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md):
//
//	2026-11-23T19:14:00.123456789Z stderr F ERROR:    Application startup failed. Exiting.
//
// P in place of F marks a part: parts are joined per stream until an F and cut at 64 KiB a logical line, the rest
// is dropped and counted. Read likewise are the lines of Docker's json-file driver, the frames of the engine's API,
// and what `docker logs -t` and `kubectl logs --timestamps` print:
//
//	{"log":"ERROR:    Application startup failed. Exiting.\n","stream":"stderr","time":"2026-11-23T19:14:00.123456789Z"}
//	02 00 00 00 00 00 00 2e ERROR:    Application startup failed. Exiting.
//	2026-11-23T19:14:00.123456789Z ERROR:    Application startup failed. Exiting.
//
// Every other line is taken as it is, with no time and no stream. Terminal escapes, NUL bytes and carriage returns are
// removed before anything is matched; invalid UTF-8 is harmless. A JSON record is unescaped and read like a plain line;
// what is no JSON in a JSON log is read as it is.
//
// The reader is streaming and bounded: it keeps one logical line a stream, the open traceback, the last 20 lines, 64
// workers and at most 256 findings a run, whatever the size of the log. A reader that pauses (ErrPause) has what is
// complete reported at once.
//
// What it looks for is data: one table of signatures (Signatures), in the order of the design document
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
