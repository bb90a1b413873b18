package evidence

import (
	"regexp"
	"slices"
	"strings"
)

// hostIn finds the host that a setting's value names: redis://:•••@redis:6379/0 and redis:6379. A bare word is one only
// in a variable whose name ends in HOST: elsewhere it is a kind of backend, or a mode.
var hostIn = regexp.MustCompile(`(?://|@)([A-Za-z0-9][A-Za-z0-9._-]*)|(?:^|,)([A-Za-z0-9][A-Za-z0-9._-]*):[0-9]{2,5}`)

const (
	maxHosts     = 16 // of one setting: a cluster's nodes
	maxVariables = 8  // that are told of one neighbour
)

// NamedIn lists the variables of a container's environment, NAME=VALUE, that name the neighbour as a host. Collectors
// work it out, because a bundle holds most values masked.
func (n Neighbour) NamedIn(env []string) []string {
	var list []string
	for _, line := range env {
		name, value, _ := strings.Cut(line, "=")
		named := strings.HasSuffix(name, "HOST") && n.Is(value)
		for _, m := range hostIn.FindAllStringSubmatch(value, maxHosts) {
			named = named || n.Is(m[1]) || n.Is(m[2])
		}
		if named && len(list) < maxVariables {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
