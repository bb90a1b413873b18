package servicelog

import (
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
)

// wayThere is what each layer of a runtime puts ahead of an error that it passes on (Docker 20.10 to 29, containerd,
// runc 1.0 to 1.3, crun): which it went through, not what was wrong.
var wayThere = lazyregexp.New(`^(?:(?:failed to create (?:shim task|shim|task for container)|OCI runtime create failed|` +
	`(?:runc|crun) create failed|unable to start container process|error during container init|failed to start shim|` +
	`container_linux\.go:\d+: starting container process caused|process_linux\.go:\d+: [\w -]+? caused|` +
	`rootfs_linux\.go:\d+|runc|crun|failed to create endpoint \S+ on network \S+|` +
	`driver failed programming external connectivity on endpoint \S+ \([0-9a-f]+\)): )+`)

// Refused is what a runtime says of why it could not start a container, without the layers that passed it on.
func Refused(said string) string {
	said = strings.ReplaceAll(strings.TrimSuffix(said, ": unknown"), ": unknown: ", ": ")
	return strings.TrimPrefix(said, wayThere().FindString(said))
}
