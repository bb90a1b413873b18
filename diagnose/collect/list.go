package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// Labels that docker compose puts on its containers.
const (
	labelProject = "com.docker.compose.project"
	labelService = "com.docker.compose.service"
)

// Summary is one line of `docker ps -a`.
type Summary struct {
	ID, Name, Image  string
	State            string // created, running, paused, restarting, removing, exited, dead
	Status           string // the engine's words: "Exited (137) 2 minutes ago"
	Project, Service string // of docker compose; "" = not started by it
}

// List returns all containers, dead ones too, newest first as the engine has
// them. Its errors are those of Container, and an engine that does not answer.
func List(ctx context.Context, opts Options) ([]Summary, error) {
	s, rows, err := listed(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer s.engine.close()
	list := make([]Summary, 0, len(rows))
	for _, r := range rows {
		list = append(list, r.summary())
	}
	return list, nil
}

// maxInspects bounds how many containers are inspected for one answer.
const maxInspects = 64

// Containers returns all containers like List and, of those that inspect chooses,
// when they last ran and how they ended. One that cannot be inspected, and all
// beyond the first 64 chosen, keep what the list says.
func Containers(ctx context.Context, opts Options, inspect func(Summary) bool) ([]bundle.Neighbour, error) {
	s, rows, err := listed(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer s.engine.close()
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	var chosen []row
	var list []bundle.Neighbour
	for _, r := range rows {
		if len(chosen) < maxInspects && inspect(r.summary()) {
			chosen = append(chosen, r)
			continue
		}
		list = append(list, r.neighbour())
	}
	more, _ := s.neighbours(ctx, chosen)
	return append(list, more...), nil
}

// listed connects and asks for the list.
func listed(ctx context.Context, opts Options) (*session, []row, error) {
	s, err := connect(ctx, opts.withDefaults())
	if err != nil {
		return nil, nil, err
	}
	if s.mute {
		s.engine.close()
		return nil, nil, &UnreachableError{Endpoint: s.endpoint, Err: errMute}
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	rows, err := s.rows(ctx, "")
	if err != nil {
		s.engine.close()
		return nil, nil, fmt.Errorf("list containers at %s: %w", s.endpoint, err)
	}
	return s, rows, nil
}

// row is one entry of GET /containers/json.
type row struct {
	ID      string
	Names   []string
	Image   string
	ImageID string
	State   string
	Status  string
	Labels  map[string]string
}

// name is the container's own name: links add names such as "/web/db".
func (r row) name() string {
	for _, name := range r.Names {
		if name = strings.TrimPrefix(name, "/"); !strings.Contains(name, "/") {
			return name
		}
	}
	return ""
}

func (r row) summary() Summary {
	return Summary{ID: r.ID, Name: r.name(), Image: r.Image, State: r.State, Status: r.Status,
		Project: r.Labels[labelProject], Service: r.Labels[labelService]}
}

func (r row) neighbour() bundle.Neighbour {
	return bundle.Neighbour{ID: r.ID, Name: r.name(), Service: r.Labels[labelService], Image: r.Image, State: r.State}
}

func (r row) running() bool {
	return r.State == fact.StateRunning || r.State == fact.StatePaused || r.State == fact.StateRestarting
}

func (r row) subject() subject {
	return subject{ID: r.ID, Name: r.name(), Known: true, Running: r.running(),
		ImageID: r.ImageID, Project: r.Labels[labelProject]}
}

// rows asks for the list. Entries without a proper id are dropped, odd fields ignored.
func (s *session) rows(ctx context.Context, label string) ([]row, error) {
	raw, err := s.engine.list(ctx, label)
	if err != nil {
		return nil, err
	}
	var all []row
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &all); err != nil && !errors.As(err, &odd) {
		return nil, fmt.Errorf("decode list: %w", err)
	}
	kept := all[:0]
	for _, r := range all {
		if validID(r.ID) {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// notFound makes the error for a reference that the engine does not know, with
// names that look alike where the list can be had.
func (s *session) notFound(ctx context.Context, ambiguous bool) error {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	e := &NotFoundError{Ref: s.Ref, Ambiguous: ambiguous, Endpoint: s.endpoint}
	rows, err := s.rows(ctx, "")
	if err != nil {
		return e
	}
	if ambiguous {
		e.Near = withPrefix(rows, s.Ref)
	} else {
		e.Near = near(s.Ref, rows)
	}
	return e
}

// maxNear is how many names an error proposes.
const maxNear = 5

func withPrefix(rows []row, prefix string) []string {
	var list []string
	for _, r := range rows {
		if strings.HasPrefix(r.ID, prefix) && len(list) < maxNear {
			list = append(list, r.name())
		}
	}
	sort.Strings(list)
	return list
}

// near returns the names most like ref: its compose service, a common prefix, one
// inside the other, or few edits away.
func near(ref string, rows []row) []string {
	type candidate struct {
		name  string
		score int
	}
	var list []candidate
	for _, r := range rows {
		if score, ok := likeness(strings.ToLower(ref), r); ok && r.name() != "" {
			list = append(list, candidate{r.name(), score})
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].score != list[j].score {
			return list[i].score < list[j].score
		}
		return list[i].name < list[j].name
	})
	var names []string
	for _, c := range list[:min(len(list), maxNear)] {
		names = append(names, c.name)
	}
	return names
}

// likeness scores how far a container's name is from ref; 0 is nearest.
func likeness(ref string, r row) (int, bool) {
	name := strings.ToLower(r.name())
	if ref == "" || len(ref) > 512 {
		return 0, false
	}
	edits := distance(ref, name)
	switch {
	case ref == strings.ToLower(r.Labels[labelService]):
		return 0, true
	case edits <= 1:
		return edits, true
	case strings.HasPrefix(name, ref) || (name != "" && strings.HasPrefix(ref, name)):
		return 2, true
	case strings.Contains(name, ref):
		return 3, true
	case len(ref) > 2 && edits <= max(2, max(len(ref), len(name))/3): // two edits swap two letters
		return 3 + edits, true
	}
	return 0, false
}

// distance is the number of single-byte edits between two short strings.
func distance(a, b string) int {
	previous := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := range len(a) {
		current := make([]int, len(b)+1)
		current[0] = i + 1
		for j := range len(b) {
			change := previous[j]
			if a[i] != b[j] {
				change++
			}
			current[j+1] = min(change, previous[j+1]+1, current[j]+1)
		}
		previous = current
	}
	return previous[len(b)]
}
