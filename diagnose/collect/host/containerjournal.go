package host

import (
	"bufio"
	"context"
	"os/exec"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

const entryFields = "MESSAGE,PRIORITY,CONTAINER_PARTIAL_MESSAGE"

// maxEntry bounds one entry of the journal.
const maxEntry = 4 << 20

// ContainerJournal gives what the journal keeps of a container's output, one entry after the other as `journalctl -o
// json` prints them. Only what the engine's daemon or monitor wrote counts. It tells whether those were all.
func (m Machine) ContainerJournal(ctx context.Context, id string, take func(entry []byte)) (whole bool) {
	cmd := exec.CommandContext(ctx, m.Journalctl, "-o", "json", "--all", "--no-pager", "--quiet",
		"--output-fields="+entryFields, "CONTAINER_ID_FULL="+id, "_COMM=conmon", "_COMM=dockerd")
	cmd.WaitDelay = source.Grace
	pipe, err := cmd.StdoutPipe()
	if err != nil || cmd.Start() != nil {
		return false
	}
	lines := bufio.NewScanner(pipe)
	lines.Buffer(make([]byte, 0, 64<<10), maxEntry)
	for lines.Scan() {
		take(lines.Bytes())
	}
	if lines.Err() != nil { // one that is too long, or our time is up
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return false
	}
	return cmd.Wait() == nil
}
