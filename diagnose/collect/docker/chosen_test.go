package docker

import (
	"strings"
	"testing"
)

// TestChosenIDs: `ctr run IMAGE ID` has people choose ids; none of them may lead out of a folder.
func TestChosenIDs(t *testing.T) {
	for id, kept := range map[string]bool{
		"web-1": true, "shop_batch": true, "a.b": true, strings.Repeat("a", 76): true, strings.Repeat("ab", 32): true,
		"": false, "..": false, "a..b": false, "a/b": false, "-a": false, "a\n": false, strings.Repeat("a", 77): false,
	} {
		list, err := ReadList([]byte(`[{"Id":` + quoted([]string{id}) + `}]`))
		if err != nil && id != "a\n" {
			t.Fatal(err)
		}
		if got := len(list) == 1; got != kept {
			t.Errorf("%q: listed %v, want %v", id, got, kept)
		}
		if _, err := ParseInspect([]byte(`{"Id":` + quoted([]string{id}) + `}`)); (err == nil) != kept {
			t.Errorf("%q: inspect: %v", id, err)
		}
	}
}
