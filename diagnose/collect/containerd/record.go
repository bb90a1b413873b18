package containerd

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// container is a record of containers.v1.Containers.
type container struct {
	namespace, id, image string
	snapshotter, key     string // where its root is
	labels               map[string]string
	spec                 spec
	created              time.Time
}

// spec is what is read of the OCI spec:
//
//	{"process":{"args":["redis-server"],"env":[…],"cwd":"/data"},"linux":{"cgroupsPath":"/default/6f1c…",
//	 "resources":{"memory":{"limit":67108864}}}}
type spec struct {
	Hostname string
	Process  struct {
		Terminal  bool
		Args, Env []string
		Cwd       string
		User      struct{ UID, GID uint32 }
		Rlimits   []struct {
			Type string
			Soft uint64
		}
	}
	Mounts []struct{ Destination, Type, Source string }
	Linux  struct {
		CgroupsPath string
		Namespaces  []struct{ Type, Path string }
		Resources   struct {
			Memory struct{ Limit, Swap int64 }
			Pids   struct{ Limit int64 }
		}
	}
}

// The fields of a Container (api/services/containers/v1/containers.proto).
const (
	containerID          = 1
	containerLabels      = 2
	containerImage       = 3
	containerSpec        = 5
	containerSnapshotter = 6
	containerKey         = 7
	containerCreated     = 8
)

func readContainer(namespace string, m message) container {
	c := container{namespace: namespace, id: m.text(containerID), image: m.text(containerImage),
		snapshotter: m.text(containerSnapshotter), key: m.text(containerKey), labels: m.texts(containerLabels),
		created: m.time(containerCreated)}
	_ = json.Unmarshal(m.inner(containerSpec).last(2).bytes, &c.spec) // an Any; what does not decode is left out
	return c
}

// Labels that nerdctl, the CRI and containerd's restart monitor write.
const (
	labelName    = "nerdctl/name"
	labelState   = "nerdctl/state-dir" // holds the log
	labelError   = "nerdctl/error"     // why it could not be started (nerdctl 2)
	labelPod     = "io.kubernetes.container.name"
	labelPolicy  = "containerd.io/restart.policy" // "always", "on-failure:3"
	labelRestart = "containerd.io/restart.count"
)

// name is what people call the container.
func (c container) name() string { return cmp.Or(c.labels[labelName], c.labels[labelPod], c.id) }

// row is the container as a list of Docker's form has it.
func (c container) row() docker.Row {
	return docker.Row{ID: c.id, Names: []string{"/" + c.name()}, Image: c.image, Labels: c.labels}
}

// task is a record of tasks.v1.Tasks: the container's main process.
type task struct {
	pid        int
	state      string // as Docker says it; "" = there is no task
	output     string // where its standard output goes
	exitStatus int
	exited     time.Time
}

// created is Docker's word for what was never started.
const created = "created"

// The fields of a Process (api/types/task/task.proto) and what its status means.
const (
	taskPID    = 3
	taskStatus = 4
	taskOutput = 6
	taskCode   = 9
	taskExited = 10
)

var taskStates = map[uint64]string{1: created, 2: fact.StateRunning, 3: fact.StateExited,
	4: fact.StatePaused, 5: fact.StatePaused}

// task asks for a container's task. None is no error: it was never started, or its end was cleared away.
func (e *Engine) task(ctx context.Context, c container) (task, error) {
	m, err := e.call(ctx, c.namespace, "tasks.v1.Tasks/Get", request(c.id))
	if docker.StatusCode(err) == http.StatusNotFound {
		return task{}, nil
	}
	if err != nil {
		return task{}, err
	}
	p := m.inner(1)
	return task{pid: int(p.number(taskPID)), state: taskStates[p.number(taskStatus)], output: p.text(taskOutput),
		exitStatus: int(p.number(taskCode)), exited: p.time(taskExited)}, nil
}

// layers are the folders of the container's root: the writable one, and those of its image.
func (e *Engine) layers(ctx context.Context, c container) (upper, lower string) {
	m, err := e.call(ctx, c.namespace, "snapshots.v1.Snapshots/Mounts", request(c.snapshotter, c.key))
	if err != nil {
		return "", ""
	}
	for _, mount := range m.all(1) {
		if mount.text(1) == "bind" {
			upper = mount.text(2) // the only layer
		}
		for _, option := range mount[4] {
			name, folder, _ := strings.Cut(string(option.bytes), "=")
			switch name {
			case "upperdir":
				upper = folder
			case "lowerdir":
				lower = folder
			}
		}
	}
	return upper, lower
}
