package collect

import (
	"context"
	"encoding/json"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/containerd"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// namesakePatience is how long another engine may take to say whether it knows a name. A Podman that systemd has to
// start for it first may need longer (5.4.2 on one busy CPU: up to 3 s); its store on disk tells in no time.
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
		group.Go(func() {
			has[i] = s.storeHasNamesake(host) || s.hasNamesake(ctx, docker.Endpoint{Host: host, Local: true})
		})
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

// storeHasNamesake looks for the name in the list that Podman keeps of its containers on disk, whether it runs or not:
//
//	[{"id":"28c6…","names":["web"],"image":"4b0e…",…},…]
//
// Those of `podman run --rm` are in a list beside it. Where it cannot be read, or is elsewhere (storage.conf), the
// engine itself has to tell.
func (s *session) storeHasNamesake(engine string) bool {
	lists, _ := filepath.Glob(filepath.Join(s.podmanStore(engine), "*-containers", "*containers.json"))
	for _, path := range lists {
		data, err := host.ReadCapped(path, maxStoreList)
		if err != nil {
			continue
		}
		var list []struct {
			ID    string
			Names []string
		}
		if json.Unmarshal(data, &list) != nil {
			continue
		}
		for _, c := range list {
			if c.ID != s.container.ID && slices.Contains(c.Names, strings.TrimPrefix(s.Ref, "/")) {
				return true
			}
		}
	}
	return false
}

// maxStoreList is the longest list that is read: about 20,000 containers.
const maxStoreList = 16 << 20

// podmanStore is where the Podman of a socket keeps its containers, unless its configuration moves them: root's the
// machine's own folder, a user's one below his home.
func (s *session) podmanStore(engine string) string {
	socket := strings.TrimPrefix(engine, "unix://")
	info, err := os.Stat(socket)
	if err != nil || filepath.Base(socket) != "podman.sock" {
		return ""
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return ""
	case owner.Uid == 0:
		return s.HostRoot + "/var/lib/containers/storage"
	}
	who, err := user.LookupId(strconv.Itoa(int(owner.Uid)))
	if err != nil || !filepath.IsAbs(who.HomeDir) {
		return ""
	}
	return filepath.Join(s.HostRoot+who.HomeDir, ".local", "share", "containers", "storage")
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
