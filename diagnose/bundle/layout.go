package bundle

// FileNeighbourEvents has the form of FileEvents.
const FileNeighbourEvents = "project/neighbour-events.jsonl"

// What the Kubernetes API server said, each list one object a line.
const (
	FilePod        = "kubernetes/pod.json"
	FilePodEvents  = "kubernetes/events.jsonl"
	FileOwners     = "kubernetes/owners.jsonl"
	FileSiblings   = "kubernetes/siblings.jsonl"
	FileServices   = "kubernetes/services.jsonl"
	FileBackends   = "kubernetes/backends.jsonl"
	FileNodePods   = "kubernetes/nodepods.jsonl"
	FileNode       = "kubernetes/node.json"
	FileNodeEvents = "kubernetes/node-events.jsonl"
	FilePodMetrics = "kubernetes/metrics.json"
	FileProbes     = "node/probes.txt"
	FileCadvisor   = "node/cadvisor.txt"
	FileSummary    = "node/summary.json"
	FileKubeletLog = "node/kubelet.log"
)

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
		{FileAsked, "calls by which clients had Podman stop or restart the container, or tried to start it in vain, from " +
			"the journal of podman.service, one JSON object a line; there only of versions that note them nowhere else"},
		{FileLogs, "`GET /containers/ID/logs` in CRI form, one piece a line: time, `stdout` or `stderr`, `P` (goes on) " +
			"or `F` (line ends), text"},
		{FileChanges, "`GET /containers/ID/changes`: paths added, changed or deleted in the writable layer"},
		{FileStateFile, "fields of the engine's `containers/ID/config.v2.json` that the API does not give; needs root on " +
			"the engine's machine; of Podman what it keeps in their place"},
		{FileNeighbours, "the other containers of the same compose project: state, exit code, health, times"},
		{FileNeighbourEvents, "raw events of those containers, one JSON object a line, oldest first"},
		{DirNeighbourLogs, "the newest part of the logs of those containers that clients depend on (redis, RabbitMQ, " +
			"chroma, databases), each named by its container's id, in the form of `container/logs.cri`"},
		{FilePorts, "who has the ports that the container wants and did not get: containers of any project, programs of " +
			"the host; there only where a port was refused, or the container failed in a network that it shares"},
		{FileKmsg, "records of `/dev/kmsg`: `priority,sequence,microseconds,flags;text`"},
		{FileAround, "`journalctl -o json` of the time around the container's end, of whatever boot, where the rest " +
			"of the kernel log does not reach back to it; without " + "`" + FileAroundSpan + "` what daemons that kill for " +
			"lack of memory wrote then"},
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
		{FilePod, "the pod as the Kubernetes API server sent it, without managed fields and values of its environment"},
		{FilePodEvents, "the events of the pod and of its owners, one object a line"},
		{FileOwners, "what owns the pod: ReplicaSet and Deployment, StatefulSet, DaemonSet, Job, CronJob, one object a line"},
		{FileSiblings, "the other pods of the same owner: their status only, one a line"},
		{FileServices, "the Services that send the pod requests: names, selector, addresses, ports, one object a line"},
		{FileBackends, "the Services that the container names in its settings, its command or its log: `service`, " +
			"`namedBy` (variables of its environment), `pods` (the status of those behind it), one object a line"},
		{FileNodePods, "the other pods of its node, where a container of the pod was killed or lost: their status only, " +
			"one a line"},
		{FileNode, "the node of the pod: conditions, runtime, boot id"},
		{FileNodeEvents, "the events of that node, one object a line"},
		{FilePodMetrics, "what metrics-server says that the pod uses now"},
		{FileProbes, "the kubelet's own counters of this pod's probes (`/metrics/probes`)"},
		{FileCadvisor, "this pod's lines of the kubelet's `/metrics/cadvisor`, and the node's count of OOM kills"},
		{FileSummary, "this pod's part of the kubelet's `/stats/summary`, and the node's own"},
		{FileKubeletLog, "lines of the kubelet's log that name this pod or container"},
		{DirCgroup, "raw control group files of a running container, such as `memory.events` or `memory.oom_control`"},
	}
}
