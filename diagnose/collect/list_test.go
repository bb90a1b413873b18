package collect

import (
	"slices"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
)

func TestFoldersOfAProject(t *testing.T) {
	for _, test := range []struct {
		folder, files string
		want          []string
	}{
		{"", "", nil},
		{"/srv/shop", "/srv/shop/compose.yaml", []string{"/srv/shop"}},
		{"/srv/shop", "/srv/shop/compose.yaml,/etc/shop/prod.yaml", []string{"/srv/shop", "/etc/shop"}},
		{"/srv/shop", "docker-compose.yml", []string{"/srv/shop"}}, // version 1
		{"", "/srv/shop/compose.yaml", []string{"/srv/shop"}},
	} {
		got := folders(map[string]string{docker.LabelFolder: test.folder, docker.LabelFiles: test.files})
		if !slices.Equal(got, test.want) {
			t.Errorf("%q, %q: %q, want %q", test.folder, test.files, got, test.want)
		}
	}
}
