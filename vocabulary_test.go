package gwdoctor

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"testing"
)

// homonyms are literals that look like a word of the vocabulary and mean something else, by room, with what they mean.
// An entry that nothing needs any more fails.
var homonyms = map[string]map[string]string{
	"cmd/gwdoctor":     {"replay": "the name of a flag"},
	"report/oomreport": {"trouble": "a key of a document"},
	"report": {
		"finished": "the head of a column, and a word of a report", "cause": "the head of a column",
		"process": "a word of a report", "failed": "a word of a report", "none": "a word of a report",
		"unknown": "the state of a server in its log"},
	"diagnose/collect": {"none": "a logging driver", "unknown": "a logging driver that inspect does not name"},
	"diagnose/collect/enginetest": {"changes": "an endpoint", "events": "an endpoint", "image": "an endpoint",
		"inspect": "an endpoint", "logs": "an endpoint"},
	"diagnose/collect/host": {"root": "a file of /proc"},
	"diagnose/cause": {"engine-could-not-start": "the ID of a finding",
		"stopped-on-request": "the ID of a finding", "paused": "the ID of a finding"},
	"diagnose/evidence/docker": {"none": "a network"},
	"diagnose/health/check": {"ok": "a word of a response", "healthy": "a word of a response",
		"unhealthy": "a word of a response", "failed": "a word of a response, and an outcome",
		"health": "a key of a response"},
	"diagnose/health/replay": {"process-stopped": "the ID of a picture", "engine": "where a check ran",
		"healthy": "the kind of an examination's verdict", "unknown": "the kind of an examination's verdict"},
	"diagnose/advice/guard":    {"health": "the name of a part"},
	"diagnose/answer/oom":      {"unknown": "what the log tells of a main process and of a rhythm"},
	"diagnose/read/compressed": {"none": "a format"},
	"diagnose/read/coredump": {"other": "a kind of crash", "none": "a handler of cores", "root": "a user",
		"unknown": "a reason that cannot be decided"},
	"diagnose/read/kernellog": {"other": "a kind of trouble", "cgroup": "a key of Talos's line",
		"failed": "a word of a kernel's line", "unknown": "the scope of a kill"},
	"diagnose/read/servicelog": {"finished": "the state of a server, and of a worker", "health": "a word of a path",
		"starting": "the state of a server", "unknown": "the state of a server"},
	"diagnose/read/servicelog/prefix": {"root": "the name of a logger"},
	"fixtures/lab": {"stopped-on-request": "the ID of a finding",
		"recovered": "a moment of the matrix", "ok": "how a scenario went", "inspect": "a command of docker",
		"logs": "a command of docker", "image": "a command", "none": "a network",
		"ports": "a field of a pod", "never-started": "the name of a scenario"},
}

// TestVocabularyIsSaidOnce reads the code: a word of the vocabulary as a literal, outside the room that declares it,
// is a second declaration that nobody keeps in step with the first.
func TestVocabularyIsSaidOnce(t *testing.T) {
	all := sources(t)
	words := vocabularyOf(all)
	if len(words) < 50 {
		t.Fatalf("the vocabulary has only %d words: %v", len(words), words)
	}
	needed := map[string]bool{}
	for _, s := range all {
		if s.room == vocabulary {
			continue
		}
		room, _ := roomOf(s.room)
		for _, word := range literalsIn(s.file, words) {
			if homonyms[room.Folder][word] == "" {
				t.Errorf("%s says %q; the vocabulary has fact.%s", s.path, word, words[word])
			}
			needed[room.Folder+" "+word] = true
		}
	}
	for room, list := range homonyms {
		for word := range list {
			if !needed[room+" "+word] {
				t.Errorf("homonyms: %s does not say %q any more", room, word)
			}
		}
	}
}

// vocabularyOf returns the string constants that diagnose/fact declares, by their text.
func vocabularyOf(all []source) map[string]string {
	words := map[string]string{}
	for _, s := range all {
		if s.room != vocabulary {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				if text, ok := text(value); ok {
					words[text] = spec.Names[i].Name
				}
			}
			return true
		})
	}
	return words
}

// literalsIn returns the words that a file says as string literals: whole literals only, so that prose which holds a
// word is none, and neither tags nor import paths.
func literalsIn(file *ast.File, words map[string]string) []string {
	said := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil
		case *ast.BasicLit:
			if text, ok := text(n); ok && words[text] != "" {
				said[text] = true
			}
		}
		return true
	})
	return slices.Sorted(maps.Keys(said))
}

func text(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// TestLiteralsAreSeen proves that the check can fail, wherever a literal may stand, and that it lets prose pass.
func TestLiteralsAreSeen(t *testing.T) {
	words := map[string]string{"running": "StateRunning"}
	for code, want := range map[string]bool{
		`var _ = x == "running"`:                    true,
		`var _ = T{State: "running"}`:               true,
		`var _ = map[string]int{"running": 1}`:      true,
		`var _ = f("running")`:                      true,
		"const own = `running`":                     true,
		`func g() { switch x { case "running": } }`: true,
		`var _ = "it is running"`:                   false,
		"type T struct { A int `running` }":         false,
		`import _ "running"`:                        false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "code.go", "package p\n"+code, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(literalsIn(file, words)) > 0; got != want {
			t.Errorf("%s: seen %v, want %v", code, got, want)
		}
	}
}
