# One image for the sidecar, the steps and the generator: the programs and the migrations' launcher on Node.js 24.
#
#   docker build -t argocd-lifecycle-plugin:v0.1.0 .                     from the sources
#   docker build --build-arg DIST=prebuilt -t … .                        from dist/ as `make dist` left it
ARG BASE=node:24-bookworm-slim
ARG BUILDER=node:24-bookworm
ARG DIST=build

FROM ${BUILDER} AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN ["npm", "install", "--no-save", "--no-audit", "--no-fund"]
COPY . .
RUN ["node", "scripts/bundle.ts"]
RUN ["gcc", "-static", "-Os", "-o", "dist/run-unless", "plugin/steps/migrate/launcher/run-unless.c"]

FROM scratch AS prebuilt
COPY dist /src/dist

FROM ${DIST} AS dist

FROM ${BASE}
# The generator runs git, and ssh where a repository is reached by it; ssh wants to know the user. A base that has them is left as it is.
RUN ["sh", "-c", "if command -v git && command -v ssh; then exit 0; fi; apt-get update && apt-get install -y --no-install-recommends ca-certificates git openssh-client && rm -rf /var/lib/apt/lists/*"]
RUN ["sh", "-c", "getent passwd 999 || echo 'lifecycle:x:999:999::/nonexistent:/usr/sbin/nologin' >> /etc/passwd"]
COPY --from=dist --chmod=755 /src/dist/lifecycle.cjs /usr/local/bin/lifecycle
COPY --from=dist --chmod=755 /src/dist/lifecycle-step.mjs /usr/local/bin/lifecycle-step
COPY --from=dist --chmod=755 /src/dist/lifecycle-generator.mjs /usr/local/bin/lifecycle-generator
COPY --from=dist --chmod=755 /src/dist/run-unless /usr/local/lib/lifecycle/run-unless
# The compiled code is for the Node.js that built it; with another one in BASE, V8 compiles at each start.
COPY --from=dist --chmod=644 /src/dist/lifecycle-program.cjs /usr/local/lib/lifecycle/lifecycle-program.cjs
COPY --from=dist --chmod=644 /src/dist/lifecycle-program.cache /usr/local/lib/lifecycle/lifecycle-program.cache
COPY --from=dist --chmod=644 /src/dist/lifecycle-cluster.cjs /usr/local/lib/lifecycle/lifecycle-cluster.cjs
COPY --from=dist --chmod=644 /src/dist/lifecycle-git.cjs /usr/local/lib/lifecycle/lifecycle-git.cjs
USER 999:999
ENTRYPOINT ["lifecycle"]
