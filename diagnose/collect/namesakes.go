package collect

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/containerd"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// namesakePatience is how long another engine may take to say whether it knows a name: a Podman that systemd has to
// start for it first takes half a second.
const namesakePatience = time.Second

// findNamesakes lists this machine's other engines that have a container of the name that the user typed. Only where
// nobody said which engine is meant, and not for an id, which one engine alone knows.
func (s *session) findNamesakes(ctx context.Context) []string {
	if !s.endpoint.Usual || s.Ref == "" || strings.HasPrefix(s.container.ID, s.Ref) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, min(namesakePatience, s.Timeout))
	defer cancel()
	where := s.where()
	hosts := where.Others(s.endpoint)
	for _, host := range where.Containerds() {
		if host != s.endpoint.Host {
			hosts = append(hosts, host)
		}
	}
	has := make([]bool, len(hosts))
	var group sync.WaitGroup
	for i, host := range hosts {
		group.Go(func() { has[i] = s.hasNamesake(ctx, docker.Endpoint{Host: host, Local: true}) })
	}
	group.Wait()
	var found []string
	for i, host := range hosts {
		if has[i] {
			found = append(found, host)
		}
	}
	return found
}

// hasNamesake asks one other engine; one that is shut or silent has none.
func (s *session) hasNamesake(ctx context.Context, e docker.Endpoint) bool {
	engine, err := s.engineAt(e)
	if err != nil {
		return false
	}
	defer engine.Close()
	raw, err := engine.Inspect(ctx, strings.TrimPrefix(s.Ref, "/"))
	if err != nil {
		return false
	}
	other, err := docker.ParseInspect(raw)
	return err == nil && other.ID != s.container.ID
}

func (s *session) engineAt(e docker.Endpoint) (docker.Engine, error) {
	if containerd.Speaks(e) {
		return s.Options.containerd(e), nil
	}
	where := s.where()
	where.Context, where.Host = "", e.Host
	t, err := docker.Resolve(where)
	if err != nil {
		return nil, err
	}
	return docker.New(t, "", s.Timeout)
}

// namesakes waits for what findNamesakes brings.
func (s *session) namesakes(ctx context.Context) []string {
	return source.Await(ctx, s.namesakesOnce, func(error) []string { return nil })
}

// tellNamesakes warns who may have meant the other one.
func (s *session) tellNamesakes(ctx context.Context) {
	if s.Tell == nil {
		return
	}
	if hosts := s.namesakes(ctx); len(hosts) > 0 {
		s.Tell("container " + source.ShellWord(s.Ref) + " is the one at " + s.endpoint.Host +
			"; another of this name is at --host " + strings.Join(hosts, ", --host "))
	}
}
