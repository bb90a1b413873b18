package docker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// An answer counts only where it was understood: a body that is cut, of another kind
// (null, 42, a proxy's HTML page) or of another container is a failure and no empty fact,
// because the absence of a fact counts as evidence later on.

// object holds a body against being a JSON object that has one of the keys that the
// endpoint's answers always have.
func object(path string, raw []byte, keys ...string) (map[string]json.RawMessage, error) {
	var body map[string]json.RawMessage
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, notUnderstood(path, raw)
	}
	for _, key := range keys {
		if value, ok := body[key]; ok && !bytes.Equal(value, []byte("null")) {
			return body, nil
		}
	}
	return nil, notUnderstood(path, raw)
}

// array holds a body against being a JSON array of objects. Docker answers null for an empty
// one of GET /containers/ID/changes (a nil slice of Go).
func array(path string, raw []byte, orNull bool) error {
	var body []map[string]json.RawMessage
	if json.Unmarshal(raw, &body) != nil || body == nil && !orNull || slices.ContainsFunc(body, isNull) {
		return notUnderstood(path, raw)
	}
	return nil
}

// isNull tells of a null that stands where an object belongs.
func isNull(object map[string]json.RawMessage) bool { return object == nil }

// notUnderstood quotes the beginning of a body.
func notUnderstood(path string, raw []byte) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return fmt.Errorf("get %s: %w: it is empty", path, errNotUnderstood)
	}
	return fmt.Errorf("get %s: %w: %q", path, errNotUnderstood, beginning(raw))
}

// errNotUnderstood is an answer that came whole and is not of its endpoint's kind.
var errNotUnderstood = errors.New("the answer was not understood")

// beginning is what an error quotes of a body.
func beginning(raw []byte) string {
	const quoted = 40
	raw = bytes.TrimSpace(raw)
	return string(raw[:min(len(raw), quoted)])
}

// isOf tells whether an inspect body is of the container that was asked for: by its whole
// id, a prefix of that, or its name.
func isOf(body map[string]json.RawMessage, ref string) bool {
	var id, name string
	_ = json.Unmarshal(body["Id"], &id)     // "" where it is no text
	_ = json.Unmarshal(body["Name"], &name) // likewise
	return id != "" && strings.HasPrefix(id, ref) || strings.TrimPrefix(name, "/") == ref
}
