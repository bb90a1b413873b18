package kubernetes

import "slices"

// Service is a name for the pods that its selector chooses.
type Service struct {
	Metadata Meta
	Spec     struct {
		Selector   map[string]string
		ClusterIP  string
		ClusterIPs []string
	}
}

// Chooses tells whether it sends the pod requests.
func (s *Service) Chooses(p *Pod) bool {
	for key, value := range s.Spec.Selector {
		if p.Metadata.Labels[key] != value {
			return false
		}
	}
	return len(s.Spec.Selector) > 0
}

// names are those by which others reach it, in its own namespace and in others.
func (s *Service) names() []string {
	name, space := s.Metadata.Name, s.Metadata.Namespace
	list := []string{name, name + "." + space, name + "." + space + ".svc", name + "." + space + ".svc.cluster.local"}
	for _, ip := range append(slices.Clone(s.Spec.ClusterIPs), s.Spec.ClusterIP) {
		if ip != "" && ip != "None" {
			list = append(list, ip)
		}
	}
	return list
}
