package bundle

// FileNeighbourEvents has the form of FileEvents.
const FileNeighbourEvents = "project/neighbour-events.jsonl"

// DirNeighbourLogs holds the newest part of each of those containers' logs, named by the container's whole id and
// ".cri", in the form of FileLogs.
const DirNeighbourLogs = "project/logs/"

// NeighbourLog is the name of the file with the log of the neighbour with this id.
func NeighbourLog(id string) string { return DirNeighbourLogs + id + ".cri" }

// Entry is one file of a bundle; a name that ends in a slash is a folder.
type Entry struct {
	Name string
	What string // what it holds and where it comes from
}

// Layout lists every file that a bundle of this schema version may have, in the
// order in which a reader should look at them.
func Layout() []Entry {
	return []Entry{
		{FileManifest, "schema version, target, what became of every source, what was masked; always there, and first in " +
			"an archive"},
		{FileVersion, "`GET /version` as the engine sent it"},
		{FileInfo, "`GET /info` as the engine sent it"},
		{FileInspect, "`GET /containers/ID/json` as the engine sent it, secrets masked"},
		{FileImage, "`GET /images/ID/json` as the engine sent it, secrets masked"},
		{FileEvents, "`GET /events`: the raw events of this container's whole id, one JSON object a line, oldest first"},
		{FileRing, "how far the engine's memory of events reaches: times of the oldest and newest event of any " +
			"container, and their number (256 = full)"},
		{FileLogs, "`GET /containers/ID/logs` in CRI form, one piece a line: time, `stdout` or `stderr`, `P` (goes on) " +
			"or `F` (line ends), text"},
		{FileChanges, "`GET /containers/ID/changes`: paths added, changed or deleted in the writable layer"},
		{FileStateFile, "fields of the engine's `containers/ID/config.v2.json` that the API does not give; needs root on " +
			"the engine's machine"},
		{FileNeighbours, "the other containers of the same compose project: state, exit code, health, times"},
		{FileNeighbourEvents, "raw events of those containers, one JSON object a line, oldest first"},
		{DirNeighbourLogs, "the newest part of the logs of those containers that clients depend on (redis, RabbitMQ, " +
			"chroma, databases), each named by its container's id, in the form of `container/logs.cri`"},
		{FileKmsg, "records of `/dev/kmsg`: `priority,sequence,microseconds,flags;text`"},
		{FileAround, "`journalctl -o json` of the time around the container's end, of whatever boot, where the rest " +
			"of the kernel log does not reach back to it"},
		{FileAroundSpan, "`from`, `to`: the time that " + "`" + FileAround + "` holds"},
		{FileJournal, "`journalctl -k -o json`: the kernel log where `/dev/kmsg` was shut or too short, one JSON object " +
			"a line"},
		{FileClock, "wall clock at monotonic zero, which turns kernel stamps into times, and the boot's id"},
		{FileCorePolicy, "`/proc/sys/kernel/core_pattern` and `core_uses_pid`: where this kernel would write a core file"},
		{FileCores, "what was read from the container's core files, and where they were looked for; never a core itself, " +
			"and of the environment nothing but HOSTNAME"},
		{FileProcess, "`/proc` of a running container: tasks with state and wait channel, signal masks, open files, " +
			"listeners, peers"},
		{FileInside, "what the processes of a running container were doing, from their memory: stacks of threads and " +
			"tasks, what they wait for, pools, log handlers; no values, no messages"},
		{FileReplay, "probes that gwdoctor itself ran (`gwdoctor health`, `diagnose --replay`), one record each; there " +
			"only when asked for"},
		{DirCgroup, "raw control group files of a running container, such as `memory.events` or `memory.oom_control`"},
	}
}
