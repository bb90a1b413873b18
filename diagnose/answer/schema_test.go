package answer_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/answer/oom"
	"github.com/gwdoctor/gwdoctor/diagnose/health"
)

// documents are the types of all documents, by the names of their schemas.
var documents = map[string]any{
	"capture": answer.Capture{}, "cores": answer.Cores{}, "demo-list": answer.Demos{}, "diagnose": answer.Report{},
	"exit": answer.Exit{}, "explain": answer.Explanation{}, "guard": answer.Guard{}, "health": health.Examination{},
	"logs": answer.Logs{}, "inside": answer.Inside{},
	"oom": oom.Answer{}, "sources": answer.Sources{}, "version": answer.Version{},
}

const schemas = "../../docs/schema/"

// node is a part of a JSON schema, as far as the schemas of docs/schema go.
type node struct {
	Ref        string          `json:"$ref"`
	Properties map[string]node `json:"properties"`
	Required   []string        `json:"required"`
	Items      *node           `json:"items"`
	AnyOf      []node          `json:"anyOf"`
	OneOf      []node          `json:"oneOf"`
	Defs       map[string]node `json:"$defs"`
}

// TestEveryFieldStandsInItsSchema holds the types against the schemas, both ways: a
// field that users are not told of, and one that the schema promises and no type has.
func TestEveryFieldStandsInItsSchema(t *testing.T) {
	files, err := filepath.Glob(schemas + "*.schema.json")
	if err != nil || len(files) != len(documents) {
		t.Fatalf("%d schemas for %d documents (%v)", len(files), len(documents), err)
	}
	for name, document := range documents {
		for _, fault := range faults(document, schemaOf(t, name)) {
			t.Errorf("%s: %s", name, fault)
		}
	}
}

// TestFaultsAreSeen proves that the check can fail, each way.
func TestFaultsAreSeen(t *testing.T) {
	type inner struct {
		Told  int `json:"told"`
		Maybe int `json:"maybe,omitempty"`
	}
	type document struct {
		List []inner `json:"list"`
	}
	for want, schema := range map[string]string{
		"list[].maybe is in no schema":                  `{"required":["list"],"properties":{"list":{"items":{"required":["told"],"properties":{"told":{}}}}}}`,
		"list[].gone is in no type":                     `{"required":["list"],"properties":{"list":{"items":{"required":["told"],"properties":{"told":{},"maybe":{},"gone":{}}}}}}`,
		"list[].told is always there, and not required": `{"required":["list"],"properties":{"list":{"items":{"properties":{"told":{},"maybe":{}}}}}}`,
		"list[].maybe may be absent, and is required":   `{"required":["list"],"properties":{"list":{"items":{"required":["told","maybe"],"properties":{"told":{},"maybe":{}}}}}}`,
	} {
		var n node
		if err := json.Unmarshal([]byte(schema), &n); err != nil {
			t.Fatal(err)
		}
		if got := faults(document{}, n); !slices.Equal(got, []string{want}) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func schemaOf(t *testing.T, name string) node {
	t.Helper()
	data, err := os.ReadFile(schemas + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var n node
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// faults lists where a document's type and its schema differ.
func faults(document any, root node) []string {
	var list []string
	compare(reflect.TypeOf(document), root, root, "", func(format string, args ...any) {
		list = append(list, fmt.Sprintf(format, args...))
	})
	return list
}

func compare(t reflect.Type, n, root node, path string, fault func(string, ...any)) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		if t.Kind() == reflect.Slice {
			path += "[]"
			if items := resolved(n, root).Items; items != nil {
				n = *items
			}
		}
		t = t.Elem()
	}
	n = resolved(n, root)
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return
	}
	fields := fieldsOf(t)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		f, at := fields[name], strings.TrimPrefix(path+"."+name, ".")
		property, told := n.Properties[name]
		switch required := slices.Contains(n.Required, name); {
		case !told:
			fault("%s is in no schema", at)
			continue
		case f.optional && required:
			fault("%s may be absent, and is required", at)
		case !f.optional && !required:
			fault("%s is always there, and not required", at)
		}
		compare(f.Type, property, root, at, fault)
	}
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		if _, known := fields[name]; !known {
			fault("%s is in no type", strings.TrimPrefix(path+"."+name, "."))
		}
	}
}

// resolved follows references, and "this or null".
func resolved(n, root node) node {
	for {
		switch {
		case n.Ref != "":
			n = root.Defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
		case len(n.AnyOf) > 0 && len(n.Properties) == 0:
			n = shape(n.AnyOf, root)
		case len(n.OneOf) > 0 && len(n.Properties) == 0:
			n = shape(n.OneOf, root)
		default:
			return n
		}
	}
}

// shape is the one of several that has properties or items.
func shape(list []node, root node) node {
	for _, n := range list {
		if n = resolved(n, root); len(n.Properties) > 0 || n.Items != nil {
			return n
		}
	}
	return node{}
}

type field struct {
	reflect.Type
	optional bool
}

// fieldsOf lists what encoding/json makes of a struct; embedded structs are part of it.
func fieldsOf(t reflect.Type) map[string]field {
	fields := map[string]field{}
	for f := range t.Fields() {
		tag, hasTag := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous && !hasTag:
			maps.Copy(fields, fieldsOf(f.Type))
		case f.IsExported() && name != "-":
			fields[name] = field{f.Type, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")}
		}
	}
	return fields
}
