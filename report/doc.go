// Package report prints finished views: a diagnosis, the meaning of an exit code,
// a cause, the sources of a machine. One file per format.
//
// Its contract:
//
//   - A renderer takes the view and an io.Writer. It sorts nothing, decides
//     nothing, detects no terminal and knows no exit code of the program; how wide
//     and whether coloured is told by a [layout.Style].
//   - Text that came from a container, its log, the kernel or the engine is
//     hostile. Everything that goes to a terminal passes through [sanitize.Clean], at
//     the one place where lines are written (package layout) and at table cells.
//   - Severity is always also a word, never only a colour, and the layout itself is
//     ASCII, so that it survives a serial console and a pasted ticket.
//
// A text report of one container fits on a screen; what was seen beside it is behind -v:
//
//	gateway killed by the kernel's OOM killer (exit code 137)
//	2026-11-23 20:43:02 UTC, image shop/gateway:1.4, compose shop/gateway, id 5fe1a0c0ffee
//
//	CAUSE  Killed for lack of memory (OOM)                     almost certain, 98 %
//	NOW    docker update --memory 256m …
//	THEN   Raise the limit where it is written, or find what grows
//	WHEN   20:43:02     0 s  the kernel killed "uvicorn" for lack of memory
//	WHY    kernel-log  | Memory cgroup out of memory: Killed process 21496 (uvicorn) …
//	NOT    broken logging, full pool: checked, the evidence is against it (-v)
//	UNSEEN process: absent; the container is not running
package report
