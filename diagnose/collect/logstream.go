package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// LogStream is a container's log of all its runs, oldest line first, as the engine sends it: frames with a header, or
// the raw text of a terminal, each line or piece with its time.
type LogStream struct {
	io.ReadCloser
	Facts    *bundle.Bundle   // inspect and events, redacted: whose log it is, and when its runs began
	Redactor *redact.Redactor // knows the secrets of the container's environment
	Detail   string           // the log driver, and what it may have lost
}

// NoLogError says that the engine cannot give the log back: the service's words are somewhere else, or gone.
type NoLogError struct{ Name, Detail, Command string }

func (e *NoLogError) Error() string {
	return fmt.Sprintf("read log of container %q: %s", e.Name, e.Detail)
}

// Logs opens a container's whole log, and with follow also what will be written to it. It fails as [Container] does,
// and with *NoLogError. Without follow, an engine that sends nothing for Options.Timeout ends the stream with an error.
func Logs(ctx context.Context, opts Options, follow bool) (*LogStream, error) {
	s, err := connect(ctx, opts.withDefaults())
	if err != nil {
		return nil, err
	}
	stream, err := s.logStream(ctx, follow)
	if err != nil {
		s.engine.Close()
		return nil, err
	}
	return stream, nil
}

func (s *session) logStream(ctx context.Context, follow bool) (*LogStream, error) {
	s.startInfo(ctx)
	found, err := s.identify(ctx)
	if err != nil {
		return nil, err
	}
	s.container = found.container
	b := bundle.New(s.ToolVersion, bundle.Target{ID: s.container.ID, Name: cmp.Or(s.container.Name, s.Ref)}, s.Now())
	found.outcome.Store(b)
	runAll(ctx, s, b, []collector{{fact.SourceEvents, collectEvents}})
	if o, ok := s.unanswered(); ok {
		return nil, fmt.Errorf("read log of container %q: %s", b.Manifest().Target.Name, o.Source.Detail)
	}
	ctx, cancel := context.WithCancel(ctx)
	body, err := s.engine.Logs(ctx, s.container.ID, docker.LogQuery{Follow: follow})
	if err != nil {
		cancel()
		return nil, s.noLog(b, err)
	}
	stream := &LogStream{Facts: b, Redactor: redact.Knowing(b), Detail: s.driver()}
	stream.ReadCloser = &watched{body: body, cancel: cancel, engine: s.engine, idle: s.Timeout, follow: follow}
	redact.Bundle(b)
	return stream, nil
}

// noLog explains a refusal.
func (s *session) noLog(b *bundle.Bundle, err error) error {
	o := s.unreadableLogs(err)
	if o.Source.Status == fact.StatusAbsent {
		return &NoLogError{b.Manifest().Target.Name, o.Source.Detail, o.Source.Command}
	}
	return fmt.Errorf("read log of container %q: %w", b.Manifest().Target.Name, err)
}

// watched is a body that must not fall silent, unless it is followed.
type watched struct {
	body   io.ReadCloser
	cancel context.CancelFunc
	engine docker.Engine
	idle   time.Duration
	follow bool
}

func (w *watched) Read(p []byte) (int, error) {
	if w.follow {
		return w.body.Read(p)
	}
	late := time.AfterFunc(w.idle, w.cancel)
	n, err := w.body.Read(p)
	if !late.Stop() && err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("the engine sent nothing for %s: %w", w.idle, context.DeadlineExceeded)
	}
	return n, err
}

func (w *watched) Close() error {
	w.cancel()
	err := w.body.Close()
	w.engine.Close()
	return err
}
