package redact

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/glyph"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
)

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
	own := p.TextOf(p.Start, p.End)
	if string(p.Text[at:at+n]) != "kind: Secret" || len(bytes.TrimSpace(p.Text[at+n:own.To])) > 0 {
		return at
	}
	head, margin := p.head(at)
	for _, step := range []func(int) (glyph.Span, bool){p.After, p.Preceding} {
		from := at
		for range maxManifest {
			line, ok := step(from)
			if !ok {
				break
			}
			from = line.From
			rest, ok := p.behind(line, head)
			text := p.Text[rest.From:rest.To]
			if !ok || bytes.HasPrefix(bytes.TrimSpace(text), []byte("---")) {
				break
			}
			if glyph.Indent(text) == margin && string(bytes.TrimSpace(text)) == "data:" {
				p.blockBelow(from, head, margin, &found{class: keyname.Strong})
				break
			}
		}
	}
	return at
}
