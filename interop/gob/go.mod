module weavemesh/interop/gob

go 1.19
