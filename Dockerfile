# Build the web application: only what runs in browsers leaves this stage.
FROM node:22-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web ./
RUN npm run build

# Build what runs: a virtual environment with the locked packages and Farshore itself.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1
RUN python -m venv /opt/farshore
WORKDIR /build
COPY requirements.txt ./
RUN /opt/farshore/bin/pip install --requirement requirements.txt
COPY LICENSE README.md pyproject.toml ./
COPY domain ./domain
COPY journal ./journal
COPY projections ./projections
COPY api ./api
COPY --from=web /build/api/page ./api/page
COPY cli ./cli
COPY migrations ./migrations
COPY examples ./examples
RUN /opt/farshore/bin/pip install --no-deps --no-build-isolation .

# Run it: no compiler, no source tree, no root. The account needs a name: PostgreSQL looks it up.
FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin farshore \
    && install --directory --owner farshore --group farshore --mode 0750 /data
COPY --from=build /opt/farshore /opt/farshore
ENV PATH=/opt/farshore/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FARSHORE_DATA=/data \
    FARSHORE_HOST=0.0.0.0
USER farshore
WORKDIR /data
# The only place that is written to; the root file system can be read-only.
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('FARSHORE_PORT', '8000') + '/readyz', timeout=4)"]
ENTRYPOINT ["farshore"]
CMD ["serve"]
