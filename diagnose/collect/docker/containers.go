package docker

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"sort"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/near"

	decode "github.com/gwdoctor/gwdoctor/diagnose/evidence/docker"
)

// Labels that docker compose puts on its containers.
const (
	LabelProject = "com.docker.compose.project"
	LabelService = "com.docker.compose.service"
	LabelFolder  = "com.docker.compose.project.working_dir"
	LabelFiles   = "com.docker.compose.project.config_files"
)

// Row is one entry of GET /containers/json.
type Row struct {
	ID      string
	Names   []string
	Image   string
	ImageID string
	State   string
	Status  string
	Labels  map[string]string
	Ports   []struct {
		IP, Type   string
		PublicPort int // 0 = it is not published
	}

	NetworkSettings struct {
		Networks map[string]struct{ IPAddress, GlobalIPv6Address string }
	}
}

// Addresses are the container's own, on all its networks.
func (r Row) Addresses() []netip.Addr {
	var list []netip.Addr
	for _, n := range r.NetworkSettings.Networks {
		for _, text := range []string{n.IPAddress, n.GlobalIPv6Address} {
			if a, err := netip.ParseAddr(text); err == nil {
				list = append(list, a)
			}
		}
	}
	return list
}

// OwnNetworks are those of its networks that somebody made, by their names: in those, containers find each other by
// name.
func (r Row) OwnNetworks() []string {
	var list []string
	for name := range r.NetworkSettings.Networks {
		if decode.OwnNetwork(name) {
			list = append(list, name)
		}
	}
	return list
}

// Publishes tells whether a port of the host leads into it.
func (r Row) Publishes(port int) bool {
	for _, p := range r.Ports {
		if p.PublicPort == port && port > 0 {
			return true
		}
	}
	return false
}

// Name is the container's own name: links add names such as "/web/db".
func (r Row) Name() string {
	for _, name := range r.Names {
		if name = strings.TrimPrefix(name, "/"); !strings.Contains(name, "/") {
			return name
		}
	}
	return ""
}

func (r Row) running() bool {
	return r.State == fact.StateRunning || r.State == fact.StatePaused || r.State == fact.StateRestarting
}

func (r Row) Container() Container {
	return Container{ID: r.ID, Name: r.Name(), Known: true, Running: r.running(),
		ImageID: r.ImageID, Project: r.Labels[LabelProject]}
}

// ReadList decodes GET /containers/json. Entries without a proper id are dropped, odd
// fields ignored.
func ReadList(raw []byte) ([]Row, error) {
	var all []Row
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &all); err != nil && !errors.As(err, &odd) {
		return nil, fmt.Errorf("decode list: %w", err)
	}
	kept := all[:0]
	for _, r := range all {
		if ValidID(r.ID) || chosenID(r.ID) {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// Match resolves a reference as the engine does: whole id, name, unique id prefix.
func Match(rows []Row, ref string) (Row, bool) {
	var byPrefix []Row
	for _, r := range rows {
		if r.ID == ref || r.Name() == ref {
			return r, true
		}
		if strings.HasPrefix(r.ID, ref) {
			byPrefix = append(byPrefix, r)
		}
	}
	if len(byPrefix) == 1 {
		return byPrefix[0], true
	}
	return Row{}, false
}

// maxNear is how many names an error proposes.
const maxNear = 5

func WithPrefix(rows []Row, prefix string) []string {
	var list []string
	for _, r := range rows {
		if strings.HasPrefix(r.ID, prefix) && len(list) < maxNear {
			list = append(list, r.Name())
		}
	}
	sort.Strings(list)
	return list
}

// Near returns the names most like ref, by themselves or by their compose service.
func Near(ref string, rows []Row) []string {
	var known []near.Name
	for _, r := range rows {
		known = append(known, near.Name{Text: r.Name(), Aliases: []string{r.Labels[LabelService]}})
	}
	return near.Named(ref, known)
}
