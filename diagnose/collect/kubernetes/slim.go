package kubernetes

import (
	"bytes"
	"encoding/json"
)

// maxAnnotation is the longest annotation that is kept: kubectl's last-applied-configuration repeats the manifest with
// the values of its environment, and may have a megabyte.
const maxAnnotation = 1 << 10

// lastApplied is where kubectl apply keeps the manifest.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// slim takes out of an object what no diagnosis needs and others must not see: managed fields, long annotations, and
// the values of the environment. What cannot be read is not kept at all.
func slim(raw []byte, values bool) []byte {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return []byte("{}")
	}
	slimMeta(object)
	if spec, ok := object["spec"].(map[string]any); ok && !values {
		slimSpec(spec)
	}
	data, err := json.Marshal(object)
	if err != nil {
		return []byte("{}")
	}
	return data
}

func slimMeta(object map[string]any) {
	meta, ok := object["metadata"].(map[string]any)
	if !ok {
		return
	}
	delete(meta, "managedFields")
	annotations, ok := meta["annotations"].(map[string]any)
	if !ok {
		return
	}
	for key, value := range annotations {
		if text, _ := value.(string); key == lastApplied || len(text) > maxAnnotation {
			annotations[key] = "<left out>"
		}
	}
}

// maskValues masks what a list of names and values holds.
func maskValues(list []any) {
	for _, v := range list {
		if pair, ok := v.(map[string]any); ok && pair["value"] != nil {
			pair["value"] = "<masked>"
		}
	}
}

// slimSpec masks the environment of a pod, or of the template in an owner, and the headers of its probes.
func slimSpec(spec map[string]any) {
	for _, list := range []string{"containers", "initContainers", "ephemeralContainers"} {
		containers, _ := spec[list].([]any)
		for _, one := range containers {
			container, _ := one.(map[string]any)
			variables, _ := container["env"].([]any)
			maskValues(variables)
			for _, name := range []string{"livenessProbe", "readinessProbe", "startupProbe"} {
				probe, _ := container[name].(map[string]any)
				asks, _ := probe["httpGet"].(map[string]any)
				headers, _ := asks["httpHeaders"].([]any)
				maskValues(headers)
			}
		}
	}
	for _, inner := range []string{"template", "jobTemplate"} {
		if template, ok := spec[inner].(map[string]any); ok {
			slimMeta(template)
			if deeper, ok := template["spec"].(map[string]any); ok {
				slimSpec(deeper)
			}
		}
	}
}
