package containerd

import (
	"encoding/binary"
	"errors"
	"time"
)

// message is a protobuf message, decoded as far as its form goes: fields by number. Of a field that comes several times
// all values are kept, in order.
type message map[int][]value

// value is a field's: a number, or bytes (a text, a message).
type value struct {
	number uint64
	bytes  []byte
}

var errWire = errors.New("the answer was not understood: it is no protobuf message")

// The wire types of protobuf.dev/programming-guides/encoding.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

// maxFields bounds the fields of one message: a stranger's answer could hold millions of empty ones.
const maxFields = 100_000

// decode reads a message.
func decode(data []byte) (message, error) {
	m := message{}
	for n := 0; len(data) > 0; n++ {
		key, used := binary.Uvarint(data)
		if used <= 0 || n == maxFields {
			return nil, errWire
		}
		v, rest, err := field(int(key&7), data[used:])
		if err != nil {
			return nil, err
		}
		number := int(key >> 3)
		m[number] = append(m[number], v)
		data = rest
	}
	return m, nil
}

// field reads one field's value of a wire type.
func field(kind int, data []byte) (v value, rest []byte, err error) {
	size, used := uint64(0), 0
	switch kind {
	case wireVarint:
		if v.number, used = binary.Uvarint(data); used <= 0 {
			return v, nil, errWire
		}
		return v, data[used:], nil
	case wire64:
		size = 8
	case wire32:
		size = 4
	case wireBytes:
		if size, used = binary.Uvarint(data); used <= 0 {
			return v, nil, errWire
		}
		data = data[used:]
	default:
		return v, nil, errWire
	}
	if size > uint64(len(data)) {
		return v, nil, errWire
	}
	v.bytes = data[:size]
	return v, data[size:], nil
}

// last is the newest value of a field, which is what counts; the zero value where there is none.
func (m message) last(number int) value {
	list := m[number]
	if len(list) == 0 {
		return value{}
	}
	return list[len(list)-1]
}

func (m message) text(number int) string { return string(m.last(number).bytes) }

func (m message) number(number int) uint64 { return m.last(number).number }

// inner is a message in a field; an empty one where there is none, or none that can be read.
func (m message) inner(number int) message {
	inner, err := decode(m.last(number).bytes)
	if err != nil {
		return message{}
	}
	return inner
}

// all are the messages in a field that repeats.
func (m message) all(number int) []message {
	var list []message
	for _, v := range m[number] {
		if inner, err := decode(v.bytes); err == nil {
			list = append(list, inner)
		}
	}
	return list
}

// texts is a map of texts: messages of a key and a value.
func (m message) texts(number int) map[string]string {
	found := map[string]string{}
	for _, pair := range m.all(number) {
		found[pair.text(1)] = pair.text(2)
	}
	return found
}

// time is a google.protobuf.Timestamp; zero where there is none.
func (m message) time(number int) time.Time {
	stamp := m.inner(number)
	seconds, nanos := stamp.number(1), stamp.number(2)
	if seconds == 0 && nanos == 0 || seconds > 1<<34 || nanos >= 1e9 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), int64(nanos)).UTC()
}

// request makes a message of texts, numbered from 1 on; an empty one is left out.
func request(texts ...string) []byte {
	var data []byte
	for i, text := range texts {
		if text != "" {
			data = binary.AppendUvarint(data, uint64(i+1)<<3|wireBytes)
			data = binary.AppendUvarint(data, uint64(len(text)))
			data = append(data, text...)
		}
	}
	return data
}
