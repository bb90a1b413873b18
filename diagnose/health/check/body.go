package check

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// maxBody is the largest body that is looked into for a word of ill health.
const maxBody = 64 << 10

// Where health endpoints say how they are, and below what (Spring, ASP.NET,
// MicroProfile and the usual hand-made forms; docs/notes/HEALTH.md#unhealthy-body).
var (
	statusKeys = []string{"status", "state", "health", "healthy", "ok", "result"}
	groupKeys  = []string{"checks", "components", "dependencies"}
	badWords   = []string{"unhealthy", "down", "fail", "failed", "error", "degraded", "not ok", "critical", "false"}
)

// UnhealthyBody returns what a JSON body says against the service's health, such as
// `status: unhealthy` or `checks.redis: down`; "" where it says nothing of the kind
// or is no JSON. curl -f, Docker and the kubelet look at the status alone.
func UnhealthyBody(body string) string {
	var document map[string]any
	if len(body) > maxBody || json.Unmarshal([]byte(body), &document) != nil {
		return ""
	}
	if said := badValue(document); said != "" {
		return said
	}
	for _, group := range sortedKeys(document) {
		if !slices.Contains(groupKeys, strings.ToLower(group)) {
			continue
		}
		if said := badMember(document[group]); said != "" {
			return group + "." + said
		}
	}
	return ""
}

// badMember looks one level below checks, components or dependencies, an object by
// name or a list.
func badMember(group any) string {
	switch members := group.(type) {
	case map[string]any:
		for _, name := range sortedKeys(members) {
			if isBad(members[name]) {
				return fmt.Sprintf("%s: %v", name, members[name])
			}
			if inner, ok := members[name].(map[string]any); ok {
				if said := badValue(inner); said != "" {
					return name + "." + said
				}
			}
		}
	case []any:
		for i, member := range members {
			if inner, ok := member.(map[string]any); ok {
				if said := badValue(inner); said != "" {
					return fmt.Sprintf("%d.%s", i, said)
				}
			}
		}
	}
	return ""
}

func badValue(object map[string]any) string {
	for _, key := range sortedKeys(object) {
		if slices.Contains(statusKeys, strings.ToLower(key)) && isBad(object[key]) {
			return fmt.Sprintf("%s: %v", key, object[key])
		}
	}
	return ""
}

func isBad(value any) bool {
	switch v := value.(type) {
	case bool:
		return !v
	case string:
		return slices.Contains(badWords, strings.ToLower(strings.TrimSpace(v)))
	}
	return false
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
