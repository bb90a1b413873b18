package collect

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

// collectPodmanRecord stands in for the state file, which Podman has not: its own inspect says whether a client had the
// container stopped or killed.
func collectPodmanRecord(ctx context.Context, s *session) source.Outcome {
	const none = "Podman has no state file; its own record"
	raw, err := s.engine.PodmanRecord(ctx, s.container.ID)
	if err != nil {
		o := s.engineFailure(fmt.Errorf("%s could not be read: %w", none, err))
		o.Source.Command = "podman inspect --format '{{.State.StoppedByUser}}' " +
			source.ShellWord(s.container.Name)
		return o
	}
	record := docker.ReadPodmanRecord(raw)
	if record.StoppedByUser == nil && notesStops(s.engine.Podman()) {
		record.StoppedByUser = new(bool) // left out where it is false
	}
	if record.StoppedByUser == nil {
		return source.Absent("Podman has no state file, and this version does not note who stopped a container", "")
	}
	return stateOutcome(none+" says whether somebody stopped it", decode.StateFile{
		HasBeenManuallyStopped: record.StoppedByUser, RestartCount: record.RestartCount})
}

// notesStops tells whether a version of Podman has StoppedByUser in its inspect: seen in 5.4; 4.3 has it not.
func notesStops(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	m, err := strconv.Atoi(major)
	n, nErr := strconv.Atoi(minor)
	return err == nil && nErr == nil && (m > 5 || m == 5 && n >= 4)
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
