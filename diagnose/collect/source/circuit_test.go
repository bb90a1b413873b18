package source

import (
	"errors"
	"strings"
	"testing"
)

// TestCircuit: s is a silence, a an answer.
func TestCircuit(t *testing.T) {
	for talk, wantOpen := range map[string]bool{
		"":         false,
		"ss":       false,
		"sss":      true,
		"sas":      false,
		"sasas":    true,  // what others get in between does not close it
		"aaaasss":  false, // it answers for most
		"aaaassss": false,
		"aasss":    true,
	} {
		var c Circuit
		for _, one := range talk {
			if one == 's' {
				c.Silent("GET /x")
			} else {
				c.Answered("GET /x")
			}
		}
		err := c.Open("GET /x")
		if (err != nil) != wantOpen {
			t.Errorf("after %q: %v", talk, err)
		}
		var silent *SilentError
		if err != nil && !errors.As(err, &silent) {
			t.Errorf("%T", err)
		}
		if other := c.Open("GET /y"); other != nil {
			t.Errorf("another endpoint is closed, too: %v", other)
		}
		if err != nil && !strings.Contains(err.Error(), "GET /x") {
			t.Errorf("%q names no endpoint", err)
		}
	}
}
