package docker

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// connections are those of `podman system connection`, by name.
type connections struct {
	standard    string // the default one's name; "" = none
	connections map[string]connection
}

// connection is one of them.
type connection struct {
	URI      string
	Identity string // a key file for ssh
}

// podmanConnections are where `podman system connection` keeps them: Podman 5 in podman-connections.json, Podman 4 in
// containers.conf, which 5 still reads; root's is the machine's own.
func podmanConnections(w Where) connections {
	folder := cmp.Or(w.Getenv("XDG_CONFIG_HOME"), filepath.Join(w.Getenv("HOME"), ".config"))
	if !filepath.IsAbs(folder) {
		return connections{}
	}
	folder = filepath.Join(folder, "containers")
	list := []connections{connectionsOfJSON(cmp.Or(w.Getenv("PODMAN_CONNECTIONS_CONF"),
		filepath.Join(folder, "podman-connections.json")))}
	files := []string{filepath.Join(folder, "containers.conf"), "/etc/containers/containers.conf"}
	if only := w.Getenv("CONTAINERS_CONF"); only != "" {
		files = []string{only}
	}
	for _, path := range files {
		list = append(list, connectionsOfTOML(path))
	}
	all := connections{connections: map[string]connection{}}
	for _, c := range slices.Backward(list) { // the first has the last word
		all.standard = cmp.Or(c.standard, all.standard)
		maps.Copy(all.connections, c.connections)
	}
	return all
}

// connectionsOfJSON reads Podman 5's file:
//
//	{"Connection":{"Default":"vm","Connections":{"vm":{"URI":"ssh://core@localhost:53298/run/user/501/podman/podman.sock",
//	  "Identity":"/home/ops/.ssh/vm"}}}}
func connectionsOfJSON(path string) connections {
	data, err := host.ReadCapped(path, 1<<20)
	if err != nil {
		return connections{}
	}
	var file struct {
		Connection struct {
			Default     string
			Connections map[string]connection
		}
	}
	if json.Unmarshal(data, &file) != nil {
		return connections{}
	}
	return connections{file.Connection.Default, file.Connection.Connections}
}

var (
	tomlTable = regexp.MustCompile(`^\s*\[\s*([^\]]+?)\s*\]`)
	tomlText  = regexp.MustCompile(`^\s*(\w+)\s*=\s*(?:"([^"\\]*)"|'([^']*)')`)
)

// connectionsOfTOML reads containers.conf as Podman 4 itself writes it, one key a line:
//
//	[engine]
//	  active_service = "vm"
//	  [engine.service_destinations]
//	    [engine.service_destinations.vm]
//	      uri = "ssh://core@localhost:53298/run/user/501/podman/podman.sock"
//	      identity = "/home/ops/.ssh/vm"
func connectionsOfTOML(path string) connections {
	data, err := host.ReadCapped(path, 1<<20)
	if err != nil {
		return connections{}
	}
	found := connections{connections: map[string]connection{}}
	table := ""
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if m := tomlTable.FindStringSubmatch(lines.Text()); m != nil {
			table = m[1]
			continue
		}
		m := tomlText.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		value := m[2] + m[3]
		name, ofOne := strings.CutPrefix(table, "engine.service_destinations.")
		name = strings.Trim(name, `"'`)
		c := found.connections[name]
		switch {
		case m[1] == "active_service":
			found.standard = value
		case ofOne && m[1] == "uri":
			c.URI = value
		case ofOne && m[1] == "identity":
			c.Identity = value
		}
		if ofOne {
			found.connections[name] = c
		}
	}
	return found
}

// connectionAddress is the connection that CONTAINER_CONNECTION names.
func connectionAddress(w Where, name string) (address, error) {
	how := fmt.Sprintf("podman system connection %q (CONTAINER_CONNECTION)", name)
	known := podmanConnections(w).connections
	if c := known[name]; c.URI != "" {
		return podmanAddress(w, c.URI, how, c.Identity), nil
	}
	err := fmt.Errorf("no such connection; known are %s", quoted(slices.Sorted(maps.Keys(known))))
	if len(known) == 0 {
		err = errors.New("no such connection; podman system connection add makes one")
	}
	return address{}, &UnreachableError{Endpoint: Endpoint{How: how}, Err: err}
}
