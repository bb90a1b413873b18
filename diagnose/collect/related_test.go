package collect

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// beside is another container of the engine.
func beside(t *testing.T, text string) docker.Row {
	t.Helper()
	rows, err := docker.ReadList([]byte(`[{"Id":"` + strings.Repeat("b", 64) + `",` + text + "]"))
	if err != nil || len(rows) != 1 {
		t.Fatal(err, rows)
	}
	return rows[0]
}

const (
	inNetwork = `"Names":["/cache"],"NetworkSettings":{"Networks":{"shop":{"IPAddress":"172.19.0.2"}}}}`
	onBridge  = `"Names":["/cache"],"Ports":[{"PublicPort":16379}],"NetworkSettings":{"Networks":{"bridge":` +
		`{"IPAddress":"172.17.0.3"}}}}`
	ofShop = `"Names":["/shop_cache_1"],"Labels":{"com.docker.compose.project":"shop"}}`
)

func TestRelation(t *testing.T) {
	machine := []netip.Addr{netip.MustParseAddr("172.17.0.1")}
	for name, tt := range map[string]struct {
		row      string
		project  string
		env      string
		networks []string
		remote   evidence.Remote
		want     relation
	}{
		"its network is ours": {row: inNetwork, networks: []string{"shop"},
			want: relationNetwork},
		"and a setting names it": {row: inNetwork, networks: []string{"shop"}, env: "REDIS_URL=redis://cache:6379",
			want: relationNamed},
		"a setting names it, and no network is shared": {row: onBridge, env: "REDIS_URL=redis://cache:6379"},
		"a connection to its address": {row: onBridge, remote: evidence.Remote{Address: "172.17.0.3", Port: 6379},
			want: relationConnected},
		"a connection to its port": {row: onBridge, remote: evidence.Remote{Address: "172.17.0.1", Port: 16379},
			want: relationConnected},
		"the same port of another machine": {row: onBridge, remote: evidence.Remote{Address: "10.9.8.7", Port: 16379}},
		"another port of this machine":     {row: onBridge, remote: evidence.Remote{Address: "172.17.0.1", Port: 5432}},
		"a setting names its port": {row: onBridge, env: "CACHE=host.docker.internal:16379",
			want: relationNamed},
		"a setting names another's port": {row: onBridge, env: "CACHE=host.docker.internal:6379"},
		"of the same project":            {row: ofShop, project: "shop", want: relationProject},
		"of another project":             {row: ofShop, project: "till"},
		"both are on the default bridge": {row: onBridge, networks: nil},
	} {
		s := &session{}
		s.container.Known, s.container.Project, s.container.Env = true, tt.project, []string{tt.env}
		found := related{machine: machine}
		if tt.remote.Address != "" {
			found.remotes = []evidence.Remote{tt.remote}
		}
		if got := s.relation(beside(t, tt.row), tt.networks, found); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

// TestReachedByPort: the far end of a connection to this machine is the container's that publishes the port.
func TestReachedByPort(t *testing.T) {
	found := related{machine: []netip.Addr{netip.MustParseAddr("172.17.0.1")}, remotes: []evidence.Remote{
		{Address: "172.17.0.1", Port: 16379}, {Address: "172.17.0.1", Port: 1}, {Address: "10.9.8.7", Port: 16379}}}
	if got := found.reachedAt(beside(t, onBridge)); !slices.Equal(got, []string{"172.17.0.1:16379"}) {
		t.Errorf("reached at %v", got)
	}
}
