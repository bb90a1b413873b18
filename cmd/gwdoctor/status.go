package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/interruptible"
	"github.com/gwdoctor/gwdoctor/diagnose/words"
)

// status is one line on a terminal's standard error that says what takes so long, from a second on. The first word of
// a result or an error wipes it away; in a pipe there is none.
type status struct {
	mu      sync.Mutex
	w       io.Writer
	what    string
	shown   bool
	stopped bool
	stop    chan struct{}
}

// statusEvery is how long nothing is said, and then how often.
const statusEvery = time.Second

// watch begins to tell of work that goes on.
func watch(w io.Writer, what string) *status {
	s := &status{w: w, what: what, stop: make(chan struct{})}
	go func() {
		ticks := time.NewTicker(statusEvery)
		defer ticks.Stop()
		for n := 1; ; n++ {
			select {
			case <-s.stop:
				return
			case <-ticks.C:
				s.tell(n)
			}
		}
	}()
	return s
}

// tell writes the line anew.
func (s *status) tell(ticks int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.shown = true
		fmt.Fprintf(s.w, "\r%s, %s\033[K", s.what, words.Duration(time.Duration(ticks)*statusEvery))
	}
}

// end wipes the line away, for good. A nil status has none.
func (s *status) end() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	s.stopped = true
	close(s.stop)
	if s.shown {
		fmt.Fprint(s.w, "\r\033[K")
	}
}

// statusWords say what a command is at while nothing has come of it.
var statusWords = map[string]string{
	"diagnose": "asking the engine, reading logs and the kernel log", "capture": "recording", "exit": "asking the engine",
	"oom": "reading the kernel log", fact.SourceLogs: "reading the log",
	fact.SourceCores: "reading core files", fact.SourceHealth: "running the health check",
	"report": "reading what was recorded", "sources": "trying each source",
}

// endingStatus is a stream whose first write ends the status line.
type endingStatus struct {
	io.Writer           // ends with a signal
	file      io.Writer // what is behind it
	app       *app
}

func (e *endingStatus) Write(p []byte) (int, error) {
	e.app.status.end()
	return e.Writer.Write(p)
}

// watchable makes an app whose streams end its status line, and themselves end with a signal: standard input at once,
// what is written a moment later. Whether they are terminals, and how wide, is asked of what is behind them.
func watchable(ctx context.Context, e env) *app {
	a := &app{env: e}
	a.telling = interruptible.Soon(ctx, tellingTime)
	complaining := interruptible.Soon(ctx, complainingTime)
	a.Stdin = interruptible.Reader(ctx, e.Stdin)
	behind := func(w io.Writer) io.Writer {
		if s, ok := w.(*endingStatus); ok {
			return s.file
		}
		return w
	}
	ending := func(until context.Context, w io.Writer) *endingStatus {
		return &endingStatus{interruptible.Writer(until, w), w, a}
	}
	a.Stdout, a.Stderr = ending(a.telling, e.Stdout), ending(complaining, e.Stderr)
	a.IsTerminal = func(w io.Writer) bool { return e.IsTerminal(behind(w)) }
	a.Width = func(w io.Writer) int { return e.Width(behind(w)) }
	return a
}

// startStatus begins the status line of a command, on a terminal.
func (a *app) startStatus(command string) {
	what, known := statusWords[command]
	if stream, ok := a.Stderr.(*endingStatus); ok && known && a.IsTerminal(stream) {
		a.status = watch(stream.Writer, what)
	}
}
