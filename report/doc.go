// Package report prints finished views: a diagnosis, the meaning of an exit code,
// a cause, the sources of a machine. One file per format.
//
// Its contract:
//
//   - A renderer takes the view and an io.Writer. It sorts nothing, decides
//     nothing, detects no terminal and knows no exit code of the program; how wide
//     and whether coloured is told by a [Style].
//   - Text that came from a container, its log, the kernel or the engine is
//     hostile. Everything that goes to a terminal passes through [Clean], at the
//     one place where lines are written (layout.go) and at table cells.
//   - Severity is always also a word, never only a colour, and the layout itself is
//     ASCII, so that it survives a serial console and a pasted ticket.
//
// The head of a text report:
//
//	gateway   5fe1a0c0ffee   shop/gateway:1.4
//	--------------------------------------------------------------------------
//	CAUSE      Killed for lack of memory (OOM): the kernel killed "python3" …
//	           almost certain, 98 %
package report
