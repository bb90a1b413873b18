package redact

import "bytes"

// manifestLiterals begin an object of Kubernetes' kind Secret in YAML.
func manifestLiterals() []literal { return []literal{{"kind: secret", manifestRule}} }

// maxManifest is how many lines above and below "kind: Secret" its data may begin: kubectl sorts the members by name.
const maxManifest = 24

// manifestRule masks the data of a Secret: all of its values are secrets, whatever their names.
//
//	apiVersion: v1
//	data:
//	  smtp: aHVudGVyMg==
//	kind: Secret
func manifestRule(p *pass, at, n int) int {
	own := p.textOf(p.start, p.end)
	if string(p.text[at:at+n]) != "kind: Secret" || len(bytes.TrimSpace(p.text[at+n:own.to])) > 0 {
		return at
	}
	head, margin := p.head(at)
	for _, step := range []func(int) (span, bool){p.after, p.preceding} {
		from := at
		for range maxManifest {
			line, ok := step(from)
			if !ok {
				break
			}
			from = line.from
			rest, ok := p.behind(line, head)
			text := p.text[rest.from:rest.to]
			if !ok || bytes.HasPrefix(bytes.TrimSpace(text), []byte("---")) {
				break
			}
			if indent(text) == margin && string(bytes.TrimSpace(text)) == "data:" {
				p.blockBelow(from, head, margin, &found{class: classStrong})
				break
			}
		}
	}
	return at
}
