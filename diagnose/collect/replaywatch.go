package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

// settledCount counts the processes once the engine has reaped the probes' own,
// which takes a moment on a busy machine; what is still there then was left behind.
func (s *session) settledCount(ctx context.Context, before *int) *int {
	const patience = 2 * time.Second
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		n := s.processes().ProcessCount()
		if n == nil || before == nil || *n <= *before || ctx.Err() != nil || time.Now().After(deadline) {
			return n
		}
	}
}

// whileAlive returns a context that ends with the container's run. Its cause says
// what happened.
func (s *session) whileAlive(ctx context.Context) (context.Context, func()) {
	living, cancel := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		started, silent := s.container.StartedAt, 0 // of the run that was inspected; zero = not known
		for {
			select {
			case <-time.After(watchInterval):
			case <-living.Done():
				return
			}
			switch now, why, err := s.alive(living); {
			case err != nil:
				if silent++; silent == 3 {
					cancel(errors.New("the engine gives no answer any more"))
				}
			case why != "":
				cancel(errors.New(why))
			case !started.IsZero() && !now.Equal(started):
				cancel(errors.New("the container was restarted during the replay"))
			default:
				started, silent = now, 0
			}
		}
	}()
	return living, func() {
		cancel(nil)
		<-ended
	}
}

// alive returns when the present run began, or why there is none.
func (s *session) alive(ctx context.Context) (started time.Time, why string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	raw, err := s.engine.Inspect(ctx, s.container.ID)
	if docker.StatusCode(err) == 404 {
		return started, "the container was removed during the replay", nil
	}
	var body decode.Body
	if err == nil {
		body, err = decode.ParseBody(raw)
	}
	switch {
	case err != nil:
		return started, "", err
	case !body.State.Running:
		return started, "the container ended during the replay" + withCode(body.State.ExitCode), nil
	}
	return decode.Time(body.State.StartedAt), "", nil
}

func withCode(code *int) string {
	if code == nil {
		return ""
	}
	return fmt.Sprintf(", with exit code %d", *code)
}
