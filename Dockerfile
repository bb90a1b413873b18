# The released image: a static binary and nothing else. goreleaser.yaml builds it; by hand:
#
#   CGO_ENABLED=0 go build -trimpath -o gwdoctor ./cmd/gwdoctor && docker build -t gwdoctor .
#   docker run --rm -v /var/run/docker.sock:/var/run/docker.sock gwdoctor diagnose gateway
FROM scratch
COPY gwdoctor /usr/bin/gwdoctor
LABEL org.opencontainers.image.title="gwdoctor" \
      org.opencontainers.image.description="Tells why a container died, or went silent, with nothing in its logs" \
      org.opencontainers.image.source="https://github.com/gwdoctor/gwdoctor" \
      org.opencontainers.image.licenses="Apache-2.0"
ENTRYPOINT ["/usr/bin/gwdoctor"]
