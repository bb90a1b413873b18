package health

import "slices"

// kubelet is the orchestrator that acts on a pod's probes, as predictions name it.
const kubelet = "kubernetes"

// OfPod keeps of an examination what is true of a pod's probe: the kubelet alone acts on it, and its settings are not
// those of an image's check, so what is wrong with such a check, and how it would be written, does not apply.
func (e Examination) OfPod() Examination {
	e.Predictions = slices.DeleteFunc(slices.Clone(e.Predictions), func(p Prediction) bool {
		return p.Orchestrator != kubelet
	})
	e.Lint, e.Corrected = e.Lint[:0:0], nil
	return e
}
