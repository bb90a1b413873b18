package kubernetes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
	"github.com/gwdoctor/gwdoctor/diagnose/evidence/kubernetes"
)

// services are those that send the pod requests: the names by which others know it, and of which they complain.
func (l *look) services(ctx context.Context) source.Outcome {
	if l.pod == nil {
		return source.Absent("the pod is gone", "")
	}
	data, err := l.shared(ctx, path("services", l.Found.Namespace), nil)
	if err != nil {
		return l.refused(err, viewHere)
	}
	var list struct{ Items []json.RawMessage }
	if json.Unmarshal(data, &list) != nil {
		return source.Failed(errors.New("the list of services cannot be read"))
	}
	var out bytes.Buffer
	for _, raw := range list.Items {
		if s, ok := kubernetes.Parse[kubernetes.Service](raw); ok && s.Chooses(l.pod) {
			out.Write(slim(raw, l.NoRedact))
			out.WriteByte('\n')
		}
	}
	return source.Collected("").With(bundle.FileServices, out.Bytes())
}
