package layout

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// TestWrappedCommandsAreTheSame: what a shell makes of the lines is what it made of the one.
func TestWrappedCommandsAreTheSame(t *testing.T) {
	for command, want := range map[string][]string{
		"docker start gateway": {"docker start gateway"},
		"docker update --memory 256m shop-gateway-1 && docker start shop-gateway-1": {
			`docker update --memory 256m shop-gateway-1 \`, "&& docker start shop-gateway-1"},
		`sh -c 'a quoted text that is wider than a line and stays in one piece' x`: {`sh -c \`,
			`'a quoted text that is wider than a line and stays in one piece' \`, "x"},
		"docker exec shop-gateway-1 du -xh # what fills it, and how much of it": {
			`docker exec shop-gateway-1 du -xh \`, "# what fills it, and how much of it"},
	} {
		if diff := cmp.Diff(want, wrapCommand(command, 45)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", command, diff)
		}
	}
}

// TestFittedSnippetsMeanTheSame: a list that is broken, and a comment above its line, are the same YAML.
func TestFittedSnippetsMeanTheSame(t *testing.T) {
	snippet := `healthcheck:
  test: ["CMD", "curl", "-fsS", "-o", "/dev/null", "--max-time", "0.60", "http://127.0.0.1:8080/health"]
  timeout: 1s  # shorter than the interval, or two checks run at a time
`
	fitted := FitSnippet(snippet, 50)
	for line := range strings.SplitSeq(fitted, "\n") {
		if Cells(line) > 50 {
			t.Errorf("%d columns: %s", Cells(line), line)
		}
	}
	var is, was any
	if err := yaml.Unmarshal([]byte(fitted), &is); err != nil {
		t.Fatalf("%v:\n%s", err, fitted)
	}
	if err := yaml.Unmarshal([]byte(snippet), &was); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(was, is); diff != "" {
		t.Error(diff)
	}
}
