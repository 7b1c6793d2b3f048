package main

import (
	"encoding/gob"
	"reflect"
)

var registered = map[reflect.Type]string{}

// register files a type under a name of ours; an empty name stands for gob's own.
func register(name string, value any) {
	if name == "" {
		gob.Register(value)
		t := reflect.TypeOf(value)
		switch {
		case t.Name() != "" && t.PkgPath() != "":
			name = t.PkgPath() + "." + t.Name()
		default:
			name = t.String()
		}
	} else {
		gob.RegisterName(name, value)
	}
	registered[base(reflect.TypeOf(value))] = name
}

// registeredName is the name that an interface value of this type is sent under.
func registeredName(t reflect.Type) string {
	if name, ok := registered[base(t)]; ok {
		return name
	}
	return base(t).String()
}
