# smartreg and Git, for pipelines and for computers without Python (docs/install.md):
#   docker build -t smartreg .
#   docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/registry" smartreg validate
FROM python:3.13.15-slim-trixie AS build
RUN python -m venv /opt/smartreg
COPY requirements.lock requirements-release.lock /source/
# Libraries by the hashes of the lock; so is what builds the wheel.
RUN /opt/smartreg/bin/pip install --no-cache-dir --require-hashes -r /source/requirements.lock \
    && pip install --no-cache-dir --require-hashes -r /source/requirements-release.lock
COPY . /source
RUN python -m build --no-isolation --wheel --outdir /wheel /source \
    && /opt/smartreg/bin/pip install --no-cache-dir --no-deps /wheel/*.whl

FROM python:3.13.15-slim-trixie
# Debian keeps one version of Git, with its security fixes: a pinned one would be gone at the next of them.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 smartreg
COPY --from=build /opt/smartreg /opt/smartreg
ENV PATH="/opt/smartreg/bin:$PATH"
USER 1000:1000
WORKDIR /registry
# Which repositories of other users are trusted is for whoever starts the container to say: no safe.directory here.
ENTRYPOINT ["smartreg"]
CMD ["-h"]
