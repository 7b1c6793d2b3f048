package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"time"
)

// malformedTypes are the types that fixtures/gob/malformed.json decodes into.
var malformedTypes = map[string]any{
	"int": 0, "int8": int8(0), "int16": int16(0), "int32": int32(0), "uint8": uint8(0), "uint16": uint16(0),
	"uint32": uint32(0), "float32": float32(0), "float64": 0.0, "complex128": 0i, "string": "", "bytes": []byte(nil),
	"[]int": []int(nil), "[]string": []string(nil), "[]any": []any(nil), "[3]int": [3]int{}, "map[string]int": map[string]int(nil),
	"Point": Point{}, "Scalars": Scalars{}, "Holder": Holder{}, "GobValue": GobValue{}, "time": time.Time{},
}

// checkMalformed reads the streams and reports those that Go's decoder takes.
func checkMalformed(r io.Reader) error {
	var cases []struct{ Name, Into, Hex string }
	if err := json.NewDecoder(r).Decode(&cases); err != nil {
		return err
	}
	taken := 0
	for _, c := range cases {
		data, err := hex.DecodeString(c.Hex)
		if err != nil {
			return err
		}
		into := reflect.New(reflect.TypeOf((*any)(nil)).Elem())
		if c.Into != "any" {
			into = reflect.New(reflect.TypeOf(malformedTypes[c.Into]))
		}
		if err := gob.NewDecoder(bytes.NewReader(data)).DecodeValue(into); err == nil {
			taken++
			fmt.Printf("%s: Go decodes it\n", c.Name)
		}
	}
	fmt.Printf("%d malformed streams, %d decoded by Go\n", len(cases), taken)
	if taken > 0 {
		return fmt.Errorf("%d are not malformed to Go", taken)
	}
	return nil
}
