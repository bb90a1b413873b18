package collect

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Summary is one line of `docker ps -a`.
type Summary struct {
	ID, Name, Image  string
	State            string // created, running, paused, restarting, removing, exited, dead
	Status           string // the engine's words: "Exited (137) 2 minutes ago"
	Project, Service string // of docker compose; "" = not started by it
	// where compose was told to start it: its project's folder, and those of its files
	Folders []string
}

// List returns all containers, dead ones too, newest first as the engine has
// them. Its errors are those of Container, and an engine that does not answer.
func List(ctx context.Context, opts Options) ([]Summary, error) {
	s, rows, err := listed(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer s.engine.Close()
	list := make([]Summary, 0, len(rows))
	for _, r := range rows {
		list = append(list, summary(r))
	}
	return list, nil
}

// maxInspects bounds how many containers are inspected for one answer.
const maxInspects = 64

// Containers returns all containers like List and, of those that inspect chooses,
// when they last ran and how they ended. One that cannot be inspected, and all
// beyond the first 64 chosen, keep what the list says.
func Containers(ctx context.Context, opts Options, inspect func(Summary) bool) ([]evidence.Neighbour, error) {
	s, rows, err := listed(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer s.engine.Close()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	var chosen []docker.Row
	var list []evidence.Neighbour
	for _, r := range rows {
		if len(chosen) < maxInspects && inspect(summary(r)) {
			chosen = append(chosen, r)
			continue
		}
		list = append(list, neighbourOf(r))
	}
	more, _ := s.neighbours(ctx, chosen)
	return append(list, more...), nil
}

// listed connects and asks for the list.
func listed(ctx context.Context, opts Options) (*session, []docker.Row, error) {
	s, err := connect(ctx, opts.withDefaults())
	if err != nil {
		return nil, nil, err
	}
	if s.mute {
		s.engine.Close()
		return nil, nil, &docker.UnreachableError{Endpoint: s.endpoint, Err: docker.ErrMute}
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	rows, err := s.rows(ctx, "")
	if err != nil {
		s.engine.Close()
		return nil, nil, fmt.Errorf("list containers at %s: %w", s.endpoint, err)
	}
	return s, rows, nil
}

// rows asks for the list. Entries without a proper id are dropped, odd fields ignored.
func (s *session) rows(ctx context.Context, label string) ([]docker.Row, error) {
	raw, err := s.engine.List(ctx, label)
	if err != nil {
		return nil, err
	}
	return docker.ReadList(raw)
}

// notFound makes the error for a reference that the engine does not know, with
// names that look alike where the list can be had.
func (s *session) notFound(ctx context.Context, ambiguous bool) error {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	e := &docker.NotFoundError{Ref: s.Ref, Ambiguous: ambiguous, Endpoint: s.endpoint,
		Others: s.where().Others(s.endpoint)}
	e.Endpoint.Podman = s.podman()
	s.withContainerd(ctx, e)
	rows, err := s.rows(ctx, "")
	if err != nil {
		return e
	}
	if ambiguous {
		e.Near = docker.WithPrefix(rows, s.Ref)
	} else {
		e.Near = docker.Near(s.Ref, rows)
	}
	return e
}

func summary(r docker.Row) Summary {
	return Summary{ID: r.ID, Name: r.Name(), Image: r.Image, State: r.State, Status: r.Status,
		Project: r.Labels[docker.LabelProject], Service: r.Labels[docker.LabelService], Folders: folders(r.Labels)}
}

// folders reads compose's labels, of version 1 and 2:
//
//	com.docker.compose.project.working_dir=/srv/shop
//	com.docker.compose.project.config_files=/srv/shop/compose.yaml,/srv/shop/compose.override.yaml
func folders(labels map[string]string) []string {
	var list []string
	if folder := labels[docker.LabelFolder]; folder != "" {
		list = append(list, folder)
	}
	for file := range strings.SplitSeq(labels[docker.LabelFiles], ",") {
		if filepath.IsAbs(file) && !slices.Contains(list, filepath.Dir(file)) { // version 1 gives them as they were typed
			list = append(list, filepath.Dir(file))
		}
	}
	return list
}

func neighbourOf(r docker.Row) evidence.Neighbour {
	return evidence.Neighbour{ID: r.ID, Name: r.Name(), Service: r.Labels[docker.LabelService], Image: r.Image,
		State: r.State}
}
