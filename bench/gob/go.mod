module weavemesh/bench/gob

go 1.19
