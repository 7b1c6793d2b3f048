# The image that /Dockerfile makes, from a tree that images.ts has built already: no registry, no network.
ARG NODE_IMAGE
FROM ${NODE_IMAGE}
COPY weave-mesh /opt/weave-mesh
RUN chmod +x /opt/weave-mesh/dist/cli/main.js && \
    ln -s /opt/weave-mesh/dist/cli/main.js /usr/local/bin/weave-mesh
USER 1000:1000
EXPOSE 6783
ENTRYPOINT ["weave-mesh"]
