package main

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
)

// verify decodes streams that TypeScript made into fresh variables of the case's own types, and compares them
// with the original values, through the JSON of both: gob does not tell nil from empty.
func verify(r io.Reader) error {
	cases := map[string]testCase{}
	for _, c := range allCases() {
		cases[c.name] = c
	}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<28)
	count, failed := 0, 0
	for in.Scan() {
		var e entry
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			return err
		}
		count++
		if err := verifyCase(cases[e.Name], e); err != nil {
			failed++
			fmt.Printf("%s: %v\n", e.Name, err)
		}
	}
	fmt.Printf("%d streams from TypeScript, %d failed\n", count, failed)
	if failed > 0 {
		return fmt.Errorf("%d of %d failed", failed, count)
	}
	return in.Err()
}

func verifyCase(c testCase, e entry) error {
	data, err := hex.DecodeString(e.Hex)
	if err != nil {
		return err
	}
	dec := gob.NewDecoder(bytes.NewReader(data))
	for i, want := range c.values {
		t := base(reflect.TypeOf(want))
		got := reflect.New(t)
		if err := dec.DecodeValue(got); err != nil {
			return fmt.Errorf("value %d: %v", i, err)
		}
		gotLine := newWireNames().line(got.Elem().Interface())
		wanted := reflect.ValueOf(want)
		for wanted.Kind() == reflect.Pointer {
			wanted = wanted.Elem()
		}
		if wantLine := newWireNames().line(wanted.Interface()); gotLine != wantLine {
			return fmt.Errorf("value %d:\n got %s\nwant %s", i, gotLine, wantLine)
		}
	}
	if err := dec.DecodeValue(reflect.Value{}); err != io.EOF {
		return fmt.Errorf("after the last value: %v", err)
	}
	return nil
}
