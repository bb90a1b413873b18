package fact

// Names of the sources of a container of Kubernetes, beside those that all runtimes have.
const (
	SourceOwners     = "pod-owners"       // ReplicaSet and Deployment, Job and CronJob …
	SourceSiblings   = "pod-siblings"     // other pods of the same owner
	SourceServices   = "pod-services"     // by which names others reach it
	SourceNodePods   = "node-pods"        // the other pods of its node
	SourceNode       = "node-record"      // conditions and versions of the pod's node
	SourceNodeEvents = "node-events"      // what was told of the node
	SourcePodMetrics = "pod-metrics"      // what metrics-server says
	SourceProbeCount = "probe-counters"   // the kubelet's own counters of probes
	SourceCadvisor   = "kubelet-cadvisor" // the kubelet's memory figures and counts of OOM kills
	SourceSummary    = "kubelet-summary"  // the kubelet's figures of memory and disk
	SourceKubeletLog = "kubelet-log"      // the kubelet's log, of this pod
)
