// Package kubernetes asks a Kubernetes API server, and through it a kubelet, what they still know of pods, and puts it
// word for word into bundles: one for each run of a container that is to be explained.
//
//	GET /api/v1/namespaces/shop/pods/gateway-7d8c5949ff-v9wfl                    kubernetes/pod.json
//	GET /api/v1/namespaces/shop/events?fieldSelector=involvedObject.name=…        kubernetes/events.jsonl
//	GET …/pods/gateway-7d8c5949ff-v9wfl/log?container=app&previous=true            container/logs.cri
//	GET /api/v1/nodes/node1/proxy/metrics/probes                                    node/probes.txt
//
// It speaks plain HTTP and decodes into the tolerant structs of evidence/kubernetes. client-go is not used: see
// docs/dependencies.md. Contract: it only reads, never a Secret, with the rights that its user has; what a role does
// not allow is a source of status denied that names the smallest role which opens it. Each source has its own deadline,
// the number of requests in a second is bounded, and a server that says "too many" is obeyed.
package kubernetes
