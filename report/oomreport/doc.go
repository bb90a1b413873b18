// Package oomreport prints the answer of `gwdoctor oom`, as a text and as JSON: what was read, a block for each time
// that memory ran out, crashes and other trouble, what it comes to per container, and what the log cannot tell.
//
//	OOM KILL    7.709 s after the boot, group /docker/x2
//	  killed    "helper", pid 181, held 19.9 MiB anonymous, 584 KiB shared
//	  limit     the group's own, 20 MiB used of 20 MiB; it was reached 25 times
//	  memory    19.9 MiB anonymous, 124 KiB kernel, no swap allowed
//	  known     exact: the kernel names the victim and its group (line 97)
//
// Its contract:
//
//   - What casts doubt on the answer stands before it, and what the log cannot tell is a section of its own.
//   - "no OOM kill" is said only of what the log covers; a log that was not understood is told as such.
//   - Events that are alike are one block, with how often and how regularly they came, unless verbose.
//   - Names are anybody's: every text passes package layout, and JSON is written record by record, so that no log is
//     too large for it.
package oomreport
