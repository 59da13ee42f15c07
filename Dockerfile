# One image for every process of the distributed form; docker-compose.yml says which process each container runs.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /khalsi
RUN python -m venv /venv
COPY requirements/run.txt requirements/run.txt
RUN /venv/bin/pip install --require-hashes -r requirements/run.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
    DEBUG=false DATA=/data STATIC_ROOT=/khalsi/staticfiles
RUN useradd --system --uid 10001 --home-dir /khalsi --shell /usr/sbin/nologin khalsi \
    && mkdir -p /data/artifacts /khalsi && chown -R khalsi:khalsi /data /khalsi
WORKDIR /khalsi
COPY --from=build /venv /venv
COPY --chown=khalsi:khalsi . .
USER 10001
# Static files are hashed at build time; the key is only needed for settings to load, and is thrown away.
RUN key="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    && SECRET_KEY="$key" CREDENTIALS_KEY="$key" ALLOWED_HOSTS=build.invalid SOURCE=coingecko \
    python manage.py collectstatic --noinput -v0
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=4s --start-period=30s --retries=3 \
    CMD ["python", "tools/healthy.py", "http://127.0.0.1:8000/health/live"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "1", "--respawn-failed-workers", "--log-level", "warning", "khalsi.wsgi:application"]
