package evidence

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// networkSettings mirrors NetworkSettings.Networks of GET /containers/ID/json:
//
//	{"shop_default": {"Aliases": ["redis", "5fe1a0c0ffee"], "IPAddress": "172.18.0.3"}}
//
// Addresses are empty once the container has ended; the aliases stay.
type networkSettings struct {
	Networks map[string]struct {
		Aliases                      []string
		IPAddress, GlobalIPv6Address string
	}
	Ports map[string][]struct{ HostPort string }
}

// published lists the ports of the host that lead into the container, in order.
func (n networkSettings) published() []int {
	var list []int
	for _, bindings := range n.Ports {
		for _, b := range bindings {
			if port, err := strconv.Atoi(b.HostPort); err == nil && port > 0 {
				list = append(list, port)
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), maxPorts)]
}

// Caps on what a hostile inspect body can make us keep.
const (
	maxNetworks = 32
	maxAliases  = 64
	maxPorts    = 1024
)

// names returns the container's networks and what it is called on them, sorted.
// "bridge", "host" and "none" are everybody's and tie nobody together.
func (s networkSettings) names() (networks, aliases []string) {
	for name, n := range s.Networks {
		if name != "bridge" && name != "host" && name != "none" {
			networks = append(networks, name)
		}
		for _, alias := range append(n.Aliases, n.IPAddress, n.GlobalIPv6Address) {
			if alias != "" {
				aliases = append(aliases, alias)
			}
		}
	}
	return distinct(networks, maxNetworks), distinct(aliases, maxAliases)
}

func distinct(list []string, limit int) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), limit)]
}

// Known returns the names by which others may call the container: its own, its
// service's, its host name, its aliases and addresses.
func (c *Container) Known() []string {
	list := slices.Clone(c.Aliases)
	for _, name := range []string{c.Name, c.Service(), c.Hostname} {
		if name != "" {
			list = append(list, name)
		}
	}
	return distinct(list, maxAliases)
}

// DependsOn lists the services that the compose file says this one needs. Compose
// writes them as "redis:service_healthy:false,db:service_started:true".
func (c *Container) DependsOn() []string {
	var list []string
	for item := range strings.SplitSeq(c.Labels["com.docker.compose.depends_on"], ",") {
		if name, _, _ := strings.Cut(item, ":"); name != "" {
			list = append(list, name)
		}
	}
	return distinct(list, maxAliases)
}

// ComposeFile is the path of the compose file, relative to the project's folder
// where it lies in it; "" = not started by compose.
func (c *Container) ComposeFile() string {
	file, _, _ := strings.Cut(c.Labels["com.docker.compose.project.config_files"], ",")
	folder := c.Labels["com.docker.compose.project.working_dir"]
	if rest, ok := strings.CutPrefix(file, strings.TrimSuffix(folder, "/")+"/"); ok && folder != "" {
		return path.Clean(rest)
	}
	return file
}
