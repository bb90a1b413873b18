// Package containerd asks containerd itself, where no Docker stands above it: containers of nerdctl, of ctr and of the
// CRI. It answers in the form of Docker's API, as `nerdctl inspect` does, so that one decoder and one set of collectors
// serve:
//
//	containerd.services.containers.v1.Containers/Get  id, labels, OCI spec, snapshot
//	containerd.services.tasks.v1.Tasks/Get            pid, status, exit code and time, where its output goes
//	containerd.services.snapshots.v1.Snapshots/Mounts the folders of the root
//
// containerd speaks gRPC only. Four unary calls need HTTP/2, which net/http has, and a dozen fields of protobuf, read
// here by their numbers; its client would bring forty modules.
//
// What it does not keep, nobody can ask for: events go to who listens at the time, a task that was deleted takes its
// exit code along, and neither the moment of a start nor who asked for an end is written down. The start is the time of
// init.pid in the task's folder; that a cgroup counted an OOM kill stands in its files until the task is deleted
// (containerd 1.6.20 and runc 1.1.5, seen on cgroup v1).
package containerd
