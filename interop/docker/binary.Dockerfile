# One static binary and nothing else.
FROM scratch
COPY program /program
ENTRYPOINT ["/program"]
