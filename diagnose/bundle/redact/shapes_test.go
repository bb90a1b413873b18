package redact

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// shape is a text of testdata/shapes.txt: what a person could meet in a log.
type testShape struct {
	section string
	text    string
	secrets []string
}

// readShapes parses testdata/shapes.txt, whose head says how it is written.
func readShapes(t testing.TB) []testShape {
	t.Helper()
	data, err := os.ReadFile("testdata/shapes.txt")
	if err != nil {
		t.Fatal(err)
	}
	return readShapesOf(t, data)
}

func readShapesOf(t testing.TB, data []byte) []testShape {
	var list []testShape
	var block []string
	section, inBlock := "", false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "{{{":
			block, inBlock = nil, true
		case line == "}}}":
			list = append(list, parseShape(t, section, strings.Join(block, "\n")))
			inBlock = false
		case inBlock:
			block = append(block, line)
		case strings.HasPrefix(line, "== "):
			section = line[3:]
		case line != "" && !strings.HasPrefix(line, "# "):
			list = append(list, parseShape(t, section, line))
		}
	}
	return list
}

func parseShape(t testing.TB, section, marked string) testShape {
	s := testShape{section: section}
	for {
		before, rest, found := strings.Cut(marked, "⟦")
		s.text += before
		if !found {
			break
		}
		secret, after, closed := strings.Cut(rest, "⟧")
		if !closed {
			t.Fatalf("%q: a secret is not closed", marked)
		}
		s.text += secret
		s.secrets = append(s.secrets, secret)
		marked = after
	}
	s.text = strings.ReplaceAll(s.text, `\x1b[`, "\x1b[") // colours
	if len(s.secrets) == 0 {
		t.Fatalf("%q holds no secret", marked)
	}
	return s
}

// left returns what of a secret still stands in a masked text: any of its words of
// four letters or digits and more that the text around the secret lacks.
func (s testShape) left(maskedText string) string {
	rest := s.text
	for _, secret := range s.secrets {
		rest = strings.Replace(rest, secret, " ", 1)
	}
	for _, secret := range s.secrets {
		words := strings.FieldsFunc(secret, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		for _, w := range append(words, secret) {
			if len(w) >= 4 && strings.Contains(maskedText, w) && !strings.Contains(rest, w) {
				return w
			}
		}
	}
	return ""
}

// inLog returns the text as lines of a container's log, and as the bundle masks it.
func (s testShape) inLog() string {
	const head = "2026-11-23T19:14:00.123456789Z stderr F "
	b := testBundle()
	b.Put(bundle.FileLogs, []byte(head+strings.ReplaceAll(s.text, "\n", "\n"+head)+"\n"))
	Bundle(b)
	data, _ := b.File(bundle.FileLogs)
	return string(bytes.ReplaceAll(data, []byte(head), nil))
}

// unmasked lists the shapes that are known to get through, one a line.
const unmasked = "testdata/unmasked.txt"

// TestShapes masks what a person could meet in logs and counts what is left. What is
// not masked stands in testdata/unmasked.txt, for readers of SECURITY.md: a shape that
// gets through, or no longer does, changes that file (UPDATE_UNMASKED=1 writes it).
func TestShapes(t *testing.T) {
	list := readShapes(t)
	if len(list) < 400 {
		t.Fatalf("only %d shapes", len(list))
	}
	open := []string{"# Shapes of testdata/shapes.txt that redaction does not mask whole; written by TestShapes."}
	for _, s := range list {
		asText, asLog := New().Text(s.text), s.inLog()
		if s.left(asText) == "" && s.left(asLog) == "" {
			continue
		}
		t.Logf("open: %q became %q, in a log %q", s.text, asText, asLog)
		open = append(open, s.section+": "+strings.ReplaceAll(s.text, "\n", "⏎"))
	}
	hidden := len(list) - len(open) + 1
	t.Logf("%d of %d shapes are masked, %.1f %%", hidden, len(list), 100*float64(hidden)/float64(len(list)))
	if hidden*100 < len(list)*95 {
		t.Errorf("%d of %d shapes are masked, want 95 %%", hidden, len(list))
	}
	security, err := os.ReadFile("../../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, figure := range []string{fmt.Sprintf("%d shapes", len(list)),
		fmt.Sprintf("%.1f %% are", 100*float64(hidden)/float64(len(list)))} {
		if !strings.Contains(string(security), figure) {
			t.Errorf("SECURITY.md does not say %q", figure)
		}
	}
	got := strings.Join(open, "\n") + "\n"
	if os.Getenv("UPDATE_UNMASKED") != "" {
		if err := os.WriteFile(unmasked, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(unmasked)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what gets through is not what %s says (-file +now):\n%s", unmasked, diff)
	}
}

// TestShapesAreStable: a masked text stays as it is when it is masked again.
func TestShapesAreStable(t *testing.T) {
	for _, s := range readShapes(t) {
		once := New().Text(s.text)
		if again := New().Text(once); again != once {
			t.Errorf("%q\n became %q\n and then %q", s.text, once, again)
		}
	}
}

// TestLeftSeesSecrets proves that the corpus can fail.
func TestLeftSeesSecrets(t *testing.T) {
	s := parseShape(t, "", "password=⟦cnrya;cnryb⟧ user=⟦app1⟧")
	for _, text := range []string{s.text, "password=<masked>;cnryb user=<masked>", "password=<masked> user=app1"} {
		if s.left(text) == "" {
			t.Errorf("nothing is left in %q", text)
		}
	}
	if w := s.left("password=<masked> user=<masked>"); w != "" {
		t.Errorf("%q is left where all is masked", w)
	}
}
