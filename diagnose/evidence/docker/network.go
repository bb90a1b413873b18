package docker

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// NetworkSettings mirrors NetworkSettings.Networks of GET /containers/ID/json:
//
//	{"shop_default": {"Aliases": ["redis", "5fe1a0c0ffee"], "IPAddress": "172.18.0.3"}}
//
// Addresses are empty once the container has ended; the aliases stay.
type NetworkSettings struct {
	Networks map[string]struct {
		Aliases                      []string
		IPAddress, GlobalIPv6Address string
	}
	Ports map[string][]struct{ HostIP, HostPort string }
}

// otherModes are the words of NetworkMode that name no network: they ask for none, or for the one of something else.
var otherModes = append([]string{"", "none", "host", "private"}, userModes...)

// noNetwork names the network that a container was made for, where it stands in none any more: `docker network
// disconnect` takes it off the list of its networks, alive or dead, while the container's end leaves the list as it is
// (measured on Engine 20.10).
func (raw *Body) noNetwork() string {
	mode, _, others := strings.Cut(raw.HostConfig.NetworkMode, ":") // container:ID, ns:PATH, slirp4netns:OPTIONS
	if others || slices.Contains(otherModes, mode) || raw.NetworkSettings.Networks == nil ||
		len(raw.NetworkSettings.Networks) > 0 {
		return ""
	}
	if mode == "default" {
		return "bridge"
	}
	return mode
}

// userModes are networks without root: their forwarders connect from within, so that a port that is open on the
// container's own loopback may be reached (pasta splices loopback to loopback).
var userModes = []string{"slirp4netns", "pasta"}

// forwards lists what leads to the container from outside, while it runs, in order.
func (raw *Body) forwards() []evidence.Forward {
	if mode, _, _ := strings.Cut(raw.HostConfig.NetworkMode, ":"); slices.Contains(userModes, mode) {
		return nil
	}
	var list []evidence.Forward
	for name, bindings := range raw.NetworkSettings.Ports {
		port, tcp := strings.CutSuffix(name, "/tcp")
		inner, err := strconv.Atoi(port)
		if !tcp || err != nil || inner <= 0 {
			continue
		}
		for _, b := range bindings { // none: EXPOSE alone
			if outer, err := strconv.Atoi(b.HostPort); err == nil && outer > 0 {
				list = append(list, evidence.Forward{HostPort: outer, Port: inner})
			}
		}
	}
	slices.SortFunc(list, func(a, b evidence.Forward) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.HostPort, b.HostPort))
	})
	list = slices.Compact(list)
	return list[:min(len(list), maxPorts)]
}

// PublishedPorts lists the ports of the host that lead into the container, in order.
func (n NetworkSettings) PublishedPorts() []int {
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

// WantedPorts lists the ports of the host that the container is to have, in order; ranges are left out.
func (raw *Body) WantedPorts() []int {
	var list []int
	for _, bindings := range raw.HostConfig.PortBindings {
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

// Own returns the container's networks that somebody made, sorted; they stay once it has ended. "bridge", "host" and
// "none" are everybody's and tie nobody together. nil = not told.
func (n NetworkSettings) Own() []string {
	if n.Networks == nil {
		return nil
	}
	list := []string{}
	for name := range n.Networks {
		if OwnNetwork(name) {
			list = append(list, name)
		}
	}
	return distinct(list, maxNetworks)
}

// aliases returns what the container is called on its networks, sorted.
func (n NetworkSettings) aliases() []string {
	var list []string
	for _, network := range n.Networks {
		for _, alias := range append(network.Aliases, network.IPAddress, network.GlobalIPv6Address) {
			if alias != "" {
				list = append(list, alias)
			}
		}
	}
	return distinct(list, maxAliases)
}

// OwnNetwork tells whether somebody made a network, by its name: in such a one, containers find each other by name. Of
// rootless Podman's own modes each container has one for itself, though all go by the mode's name.
func OwnNetwork(name string) bool {
	return !slices.Contains(userModes, name) && name != "bridge" && name != "host" && name != "none" && name != "podman"
}

// Names returns the names that others on its networks may know the container with the given id by, sorted; they stay
// once it has ended.
func (n NetworkSettings) Names(id string) []string {
	var list []string
	for _, network := range n.Networks {
		for _, alias := range network.Aliases {
			if alias != "" && !strings.HasPrefix(id, alias) {
				list = append(list, alias)
			}
		}
	}
	return distinct(list, maxAliases)
}

// Addresses returns the container's addresses on its networks, sorted; none once it has ended.
func (n NetworkSettings) Addresses() []string {
	var list []string
	for _, network := range n.Networks {
		for _, address := range []string{network.IPAddress, network.GlobalIPv6Address} {
			if address != "" {
				list = append(list, address)
			}
		}
	}
	return distinct(list, maxAliases)
}

// knownAs adds a container's own names to its aliases.
func knownAs(aliases []string, names ...string) []string {
	for _, name := range names {
		if name != "" {
			aliases = append(aliases, name)
		}
	}
	return distinct(aliases, maxAliases)
}

func distinct(list []string, limit int) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), limit)]
}
