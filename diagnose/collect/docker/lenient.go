package docker

import "encoding/json"

// Lenient is a JSON value that is nil when it is missing, null or of another
// type. A plain *T would become a pointer to zero on a wrong type, and zero is an
// exit code.
type Lenient[T any] struct{ Value *T }

// UnmarshalJSON never fails.
func (l *Lenient[T]) UnmarshalJSON(data []byte) error {
	var value *T
	if json.Unmarshal(data, &value) == nil {
		l.Value = value
	}
	return nil
}
