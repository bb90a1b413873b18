package evidence

import (
	"path"
	"slices"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/coredump"
)

// maxLogFiles bounds how many are kept: a reader looks into one or two.
const maxLogFiles = 8

// gone is the kind of a change that took a file away (moby pkg/archive ChangeDelete).
const gone = 2

// folders are what the folders of logs are called.
var folders = []string{"log", fact.SourceLogs}

// ofSystem are logs that packages and logins leave, in the folder of the system's own.
var ofSystem = []string{"/var/log/apt", "/var/log/dpkg.log", "/var/log/alternatives.log", "/var/log/lastlog",
	"/var/log/wtmp", "/var/log/btmp", "/var/log/faillog", "/var/log/tallylog", "/var/log/fontconfig.log",
	"/var/log/bootstrap.log"}

// logFiles picks what a service wrote for itself and did not print: files called *.log, *.err or *.out, with a
// rotation's number or not, that its writable layer has and the image had not, or had otherwise. Those in a folder for
// logs come first.
func logFiles(changes []coredump.Changed) []string {
	var inFolder, others []string
	for _, c := range changes {
		name := strings.TrimRight(path.Base(c.Path), ".-0123456789")
		named := slices.Contains([]string{".log", ".err", ".out"}, path.Ext(name))
		system := slices.ContainsFunc(ofSystem, func(p string) bool { return strings.HasPrefix(c.Path+"/", p+"/") })
		switch folder := path.Base(path.Dir(c.Path)); {
		case c.Kind == gone || !named || system:
		case slices.Contains(folders, folder):
			inFolder = append(inFolder, c.Path)
		default:
			others = append(others, c.Path)
		}
	}
	slices.Sort(inFolder)
	slices.Sort(others)
	list := slices.Concat(inFolder, others)
	return list[:min(len(list), maxLogFiles)]
}
