package collect

import "encoding/json"

// lenient is a JSON value that is nil when it is missing, null or of another
// type. A plain *T would become a pointer to zero on a wrong type, and zero is an
// exit code.
type lenient[T any] struct{ value *T }

// UnmarshalJSON never fails.
func (l *lenient[T]) UnmarshalJSON(data []byte) error {
	var value *T
	if json.Unmarshal(data, &value) == nil {
		l.value = value
	}
	return nil
}
