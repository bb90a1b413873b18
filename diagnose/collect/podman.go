package collect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// collectPodmanRecord stands in for the state file, which Podman has not: its own inspect says whether a client had the
// container stopped or killed, and of versions that do not say it the journal of its API service may.
func collectPodmanRecord(ctx context.Context, s *session) source.Outcome {
	type answer struct {
		calls []byte
		err   error
	}
	asked := make(chan answer, 1) // beside the engine's own answer: either may take its time
	go func() {
		calls, err := s.asked(ctx)
		asked <- answer{calls, err}
	}()
	o := readPodmanRecord(ctx, s)
	a := <-asked
	return withAsked(o, a.calls, a.err)
}

func readPodmanRecord(ctx context.Context, s *session) source.Outcome {
	const none = "Podman has no state file; its own record"
	if s.container.Removed {
		return source.Absent(none+" was removed with the container", "")
	}
	raw, err := s.engine.PodmanRecord(ctx, s.container.ID)
	if err != nil {
		o := s.engineFailure(fmt.Errorf("%s could not be read: %w", none, err))
		o.Source.Command = "podman inspect --format '{{.State.StoppedByUser}}' " +
			source.ShellWord(s.container.Name)
		return o
	}
	record := docker.ReadPodmanRecord(raw)
	if record.StoppedByUser == nil && decode.KeepsStops(s.engine.Podman()) {
		record.StoppedByUser = new(bool) // left out where it is false
	}
	if o, ok := s.refusedStart(ctx, record); ok {
		return o
	}
	if record.StoppedByUser == nil {
		return source.Absent("Podman has no state file, and this version does not note who stopped a container", "")
	}
	return stateOutcome(none+" says whether somebody stopped it", decode.StateFile{
		HasBeenManuallyStopped: record.StoppedByUser, RestartCount: record.RestartCount})
}

// refusedStart reads why the OCI runtime refused to start what has never run: up to 4.3 Podman says it to nobody but
// whoever had it try, but what the runtime wrote stays until the next boot. ok is false where there is no such word.
func (s *session) refusedStart(ctx context.Context, record docker.PodmanRecord) (o source.Outcome, ok bool) {
	if s.container.Running || s.container.Refused || !s.container.StartedAt.IsZero() || record.RunDir == "" ||
		!s.host(ctx).here {
		return source.Outcome{}, false
	}
	refusal, err := source.Await2(ctx, record.ReadRefusal)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return source.Denied("read why a start was refused, in "+record.RunDir+": permission denied", s.sudo()), true
	case err != nil || refusal == "":
		return source.Outcome{}, false
	}
	return stateOutcome("Podman has no state file; in "+record.RunDir+" stands why a start was refused",
		decode.StateFile{HasBeenManuallyStopped: record.StoppedByUser, RestartCount: record.RestartCount,
			StartError: refusal}), true
}

// asked reads the calls by which a client had Podman stop or restart the container around the last end, or, of what
// has never run, tried to start it. A version that keeps them nowhere else has them in the journal of its API service,
// where systemd runs that. err tells that they could not be read; nil calls = there are none.
func (s *session) asked(ctx context.Context) (calls []byte, err error) {
	around := s.container.FinishedAt
	if around.IsZero() && s.container.StartedAt.IsZero() {
		around = s.container.Created
	}
	if around.IsZero() || decode.KeepsStops(s.engine.Podman()) || !s.host(ctx).here {
		return nil, nil
	}
	journal, cancel := withReserve(ctx)
	defer cancel()
	text := s.JournalOf(journal, podmanUnit(s.endpoint.Host), around)
	if err := journal.Err(); err != nil {
		return nil, errors.New("the journal of podman.service, which may tell, gave no answer in time")
	}
	return docker.ReadAsked(text, s.container.ID, s.container.Name), nil
}

// withAsked adds those calls to what stands for the state file.
func withAsked(o source.Outcome, calls []byte, err error) source.Outcome {
	const has = "the journal of podman.service has who asked for its start or end"
	switch {
	case err != nil:
		o.Source.Detail += "; " + err.Error()
	case calls != nil && o.Source.Status == fact.StatusAbsent:
		return source.Collected("Podman has no state file; "+has).With(bundle.FileAsked, calls)
	case calls != nil:
		o.Source.Detail += "; " + has
		o = o.With(bundle.FileAsked, calls)
	}
	return o
}

// podmanUnit matches the journal's records of Podman's API service: of the user's own at a user's socket.
func podmanUnit(socket string) []string {
	_, rest, ok := strings.Cut(socket, "/run/user/")
	if uid, _, below := strings.Cut(rest, "/"); ok && below {
		return []string{"_SYSTEMD_USER_UNIT=podman.service", "_UID=" + uid}
	}
	return []string{"_SYSTEMD_UNIT=podman.service"}
}

// runtime is whose containers these are.
func (s *session) runtime() string {
	switch {
	case s.podman():
		return bundle.RuntimePodman
	case s.containerd():
		return bundle.RuntimeContainerd
	}
	return bundle.RuntimeDocker
}

// podman tells whether the engine is Podman.
func (s *session) podman() bool { return s.engine != nil && s.engine.Podman() != "" }
