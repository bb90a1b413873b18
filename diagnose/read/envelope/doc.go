// Package envelope takes lines of a log out of what stands around them: the time, host, unit or service, pod,
// container, stream and severity that journals, runtimes, shippers, platforms and people's copies put there. It knows
// nothing of what the messages mean.
//
//	gateway-1  | 2026-11-23T09:06:15.123456789Z [2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)
//	Nov 23 09:06:15 host gateway[812]: Worker (pid:7) was sent SIGKILL! Perhaps out of memory?
//	[pod/gateway-7d9f-abcde/gateway] Traceback (most recent call last):
//	{"log":"Worker (pid:7) was sent SIGKILL!\n","stream":"stderr","time":"2026-11-23T09:06:15.123456789Z"}
//	> | 2026-11-23 09:06:15 host/web >>> {"message":"[2026-11-23 09:06:15 +0000] [1] [ERROR] Worker …"}
//
// Three parts can be used apart:
//
//   - [Unfold] turns what is no line a record into lines: UTF-16, whole documents (package document), lines folded at
//     the width of a terminal, logs with the newest record first.
//   - [Opener] opens one line. What shows by its own shape is taken off whatever the log is; what could as well be the
//     message's (a bare time, a first word, a quotation mark, white space) only where the log's head showed that most
//     lines have it. Envelopes in envelopes are opened one after the other.
//     A short text that is no log, but a person's, has its lines' marks taken off one by one (paste.go).
//   - [Reader] does both, joins the parts of a line that a runtime cut, and deals out lines with their record.
//
// What it promises:
//
//   - No line is lost: what is not understood is message.
//   - A logger's own prefix ("[2026-11-23 09:06:15 +0000] [1] [ERROR] ") stays part of the message, for it tells an
//     emitter from a quotation; only its time is read, where nothing around it has one.
//   - Of two envelopes around a line the outer one is believed: what a program prints may look like any header.
//   - One pass and bounded memory, whatever the size of a line, a record or the log. Learning looks at a bounded head,
//     and again where the shape changes.
//   - What was guessed (a year, a zone), turned round, joined or cut is told.
package envelope
