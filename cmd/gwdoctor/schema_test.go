package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gwdoctor/gwdoctor/fixtures"
)

func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	return schemaAt(t, name, "")
}

// schemaAt is a part of a schema, such as "#/$defs/line".
func schemaAt(t *testing.T, name, part string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	s, err := compiler.Compile(filepath.Join("..", "..", "docs", "schema", name+".schema.json") + part)
	if err != nil {
		t.Fatalf("compile schema: %v", err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, doc string) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatalf("output is not one JSON document: %v\n%s", err, doc)
	}
	return s.Validate(v)
}

// documents are what every command prints as JSON, by the name of its schema.
func documents(t *testing.T) map[string][]string {
	t.Helper()
	docs := map[string][]string{}
	print := func(schema string, args ...string) {
		w := healthShop(t)
		w.engine.kernel = kernelSample
		code := w.gwdoctor(append(args, "--format", "json")...)
		if code != exitOK && schema != "inside" { // that fake machine has no process
			t.Errorf("gwdoctor %q: exit code %d: %s", args, code, w.err.String())
		}
		docs[schema] = append(docs[schema], w.out.String())
	}
	print("diagnose", "diagnose", "gateway", "batch", "running")
	for _, name := range fixtures.Names() {
		print("diagnose", "demo", name)
	}
	for _, code := range []string{"0", "1", "137", "139", "255", "256", "3221225477"} {
		print("exit", "exit", code)
	}
	print("exit", "exit", "gateway")
	print("exit", "exit", "running")
	print("logs", "logs", "gateway")
	print("logs", "logs", "running")
	for _, name := range []string{"startup", "workers", "empty"} {
		print("logs", "logs", "--file", filepath.Join("testdata", "logs", name+".log"))
	}
	print("health", "health", "hanging")
	print("health", "health", "http://127.0.0.1:8000/")
	print("oom", "oom")
	print("oom", "oom", "--file", filepath.Join(kernelLogs, "6.12-v2", "ratelimit-v2.kmsg"))
	print("oom", "oom", "--file", filepath.Join(kernelLogs, "5.10-v2", "sig-default.dmesg"))
	print("oom", "oom", "--file", os.DevNull)
	for _, name := range []string{"segv", "overflow", "threads"} {
		print("cores", "cores", filepath.Join("..", "..", "diagnose", "read", "coredump", "testdata", "cores",
			name+".core.zst"))
	}
	print("inside", "inside", "--bundle", insideBundle(t))
	print("inside", "inside", "--pid", "7")
	print("sources", "sources")
	print("explain", "explain")
	print("explain", "explain", "8")
	print("explain", "explain", "not-a-failure")
	print("guard", "guard")
	print("guard", "guard", "--list", "--only", "tasks")
	print("version", "version")
	print("demo-list", "demo", "--list")
	print("capture", "capture", "gateway", "-o", filepath.Join(t.TempDir(), "incident.tar.gz"))
	return docs
}

func TestEveryDocumentFitsItsSchema(t *testing.T) {
	docs := documents(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "schema", "*.schema.json"))
	must(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".schema.json")
		if len(docs[name]) == 0 {
			t.Errorf("no command prints a document for %s", file)
		}
	}
	for name, list := range docs {
		s := schema(t, name)
		for _, doc := range list {
			if err := validate(t, s, doc); err != nil {
				t.Errorf("%s: %v\n%.2000s", name, err, doc)
			}
			if !strings.HasPrefix(doc, "{\n  \"schemaVersion\": 1") {
				t.Errorf("%s does not begin with its schemaVersion: %.60q", name, doc)
			}
		}
	}
}

// TestSchemasRefuse proves that the check can fail: each change breaks a document
// that was good.
func TestSchemasRefuse(t *testing.T) {
	docs := documents(t)
	for _, test := range []struct{ schema, from, to string }{
		{"diagnose", `"schemaVersion": 1`, `"schemaVersion": 2`},
		{"diagnose", `"kind": "cause"`, `"kind": "guess"`},
		{"diagnose", `"cause": "oom-kill"`, `"cause": "bad-luck"`},
		{"diagnose", `"endedBy": "`, `"endedBy": "not `},
		{"diagnose", `"status": "denied"`, `"status": "refused"`},
		{"diagnose", `"exitCode": 137`, `"exitCode": "137"`},
		{"diagnose", `"says": "for"`, `"says": "maybe"`},
		{"diagnose", `"timeline": [`, `"timelin": [`},
		{"diagnose", `"generatedAt": "2026-11-23T20:00:00Z"`, `"generatedAt": "yesterday"`},
		{"diagnose", `"id": "interpreter-crash"`, `"id": "eleventh"`},
		{"exit", `"code": 0`, `"code": 256`},
		{"exit", `"code": 0`, `"code": null`},
		{"exit", `"meanings": [`, `"meaning": [`},
		{"exit", `"likelihood": "usual"`, `"likelihood": "often"`},
		{"logs", `"kind": "docker"`, `"kind": "dock"`},
		{"logs", `"findings": [`, `"finding": [`},
		{"logs", `"state": "`, `"state": "not `},
		{"health", `"outcome": "timeout"`, `"outcome": "slow"`},
		{"health", `"orchestrator": "docker"`, `"orchestrator": "nomad"`},
		{"health", `"p50Ms": null`, `"p50Ms": "fast"`},
		{"health", `"kind": "hanging"`, `"kind": "dead"`},
		{"health", `"lint": [`, `"lints": [`},
		{"oom", `"kills": [`, `"kill": [`},
		{"oom", `"scope":"own-limit"`, `"scope":"mine"`},
		{"oom", `"attribution":"exact"`, `"attribution":"sure"`},
		{"oom", `"pid":158`, `"pid":0`},
		{"oom", `"mainProcess":"victim"`, `"mainProcess":true`},
		{"oom", `"rhythm":{`, `"rythm":{`},
		{"inside", `"looks": 1`, `"looks": "1"`},
		{"cores", `"kind": "null-pointer"`, `"kind": "bad-luck"`},
		{"cores", `"address": "0x0"`, `"address": 0`},
		{"cores", `"line": 3`, `"line": "3"`},
		{"cores", `"threads": [`, `"thread": [`},
		{"sources", `"name": "engine"`, `"nam": "engine"`},
		{"explain", `"weight": 32`, `"weight": "32"`},
		{"guard", `"parts": [`, `"part": [`},
		{"guard", `"fileName": "gateway_guard.py"`, `"fileName": 1`},
		{"version", `"name": "gwdoctor"`, `"name": "other"`},
		{"demo-list", `"incidents": [`, `"incident": [`},
		{"capture", `"redacted":`, `"redact":`},
	} {
		good := docs[test.schema][0]
		bad := strings.Replace(good, test.from, test.to, 1)
		if bad == good {
			t.Errorf("%s: nothing to break: no %s in\n%.1500s", test.schema, test.from, good)
			continue
		}
		if err := validate(t, schema(t, test.schema), bad); err == nil {
			t.Errorf("%s accepts %s", test.schema, test.to)
		}
	}
}

// TestProbabilitiesSumToOne is what a schema cannot say.
func TestProbabilitiesSumToOne(t *testing.T) {
	for _, doc := range documents(t)["diagnose"] {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(doc)))
		must(t, err)
		for _, d := range v.(map[string]any)["diagnoses"].([]any) {
			sum := 0.0
			for _, list := range []string{"causes", "alternatives"} {
				for _, c := range d.(map[string]any)[list].([]any) {
					p, err := c.(map[string]any)["confidence"].(interface{ Float64() (float64, error) }).Float64()
					must(t, err)
					sum += p
				}
			}
			if sum < 0.9999 || sum > 1.0001 {
				t.Errorf("the confidences sum to %v", sum)
			}
		}
	}
}
