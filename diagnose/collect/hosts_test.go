package collect

import (
	"errors"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

func TestHostsThatAreNotSpokenTo(t *testing.T) {
	for host, want := range map[string]string{
		"ssh://ops:x@staging": "a password in an ssh address is not used",
		"nonsense":            "unable to parse",
	} {
		_, err := List(t.Context(), options(t, host))
		var refused *docker.UnreachableError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", host, err)
		}
	}
}
