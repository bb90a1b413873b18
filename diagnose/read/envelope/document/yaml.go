package document

import (
	"bytes"
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// yamlDocuments reads records that are a document of YAML each, as `gcloud logging read` prints them:
//
//	---
//	resource:
//	  labels:
//	    container_name: gateway
//	textPayload: 'Worker (pid:7) was sent SIGKILL!'
//	timestamp: '2026-11-23T09:06:15.123Z'
type yamlDocuments struct {
	document []byte
	rest     []byte // a line that has no end yet
	cut      bool
}

// isYAML tells whether a head is documents of YAML with a text.
func isYAML(head []byte) bool {
	if !bytes.HasPrefix(head, []byte("---")) {
		return false
	}
	first, rest, _ := bytes.Cut(head, []byte("\n"))
	if len(bytes.TrimRight(first, "\r")) != len("---") {
		return false
	}
	for _, key := range []string{"\ntextPayload:", "\njsonPayload:", "\nmessage:", "\nMESSAGE:", "\nlog:"} {
		if bytes.Contains(append([]byte("\n"), rest...), []byte(key)) {
			return true
		}
	}
	return false
}

// Cut tells whether a record was longer than is kept.
func (y *yamlDocuments) Cut() bool { return y.cut }

func (y *yamlDocuments) Feed(out, in []byte) []byte {
	for len(in) > 0 {
		end := bytes.IndexByte(in, '\n') + 1
		if end == 0 {
			y.keep(in, &y.rest)
			return out
		}
		y.keep(in[:end], &y.rest)
		if string(bytes.TrimRight(y.rest, "\r\n")) == "---" {
			out = y.flush(out)
		} else {
			y.keep(y.rest, &y.document)
		}
		y.rest = y.rest[:0]
		in = in[end:]
	}
	return out
}

// keep appends to a buffer as long as that is not too long for a record.
func (y *yamlDocuments) keep(b []byte, to *[]byte) {
	if len(*to)+len(b) > maxUnit {
		y.cut = true
		return
	}
	*to = append(*to, b...)
}

// flush gives out the document as one object, or as it stands where it is none.
func (y *yamlDocuments) flush(out []byte) []byte {
	if len(bytes.TrimSpace(y.document)) == 0 {
		return out
	}
	var fields map[string]any
	var line []byte
	err := yaml.Unmarshal(y.document, &fields)
	if err == nil {
		line, err = json.Marshal(fields)
	}
	if err != nil || fields == nil {
		line = bytes.TrimRight(y.document, "\n")
	}
	y.document = y.document[:0]
	return append(append(out, line...), '\n')
}

func (y *yamlDocuments) End(out []byte) []byte {
	y.keep(y.rest, &y.document)
	y.rest = nil
	return y.flush(out)
}
