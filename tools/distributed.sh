#!/usr/bin/env bash
# The processes of docker-compose.yml on this machine, by hand: for looking at the distributed form, and for benchmarks,
# where no container engine is at hand. Needs PostgreSQL and Redis at DATABASE_URL and REDIS_URL, and nginx.
#   tools/distributed.sh start|stop|status
# PORT is the proxy's; the three behind it belong to the sandbox (SOURCE=sandbox, the default here), web and live.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${DATABASE_URL:?name the database, such as postgresql://postgres@127.0.0.1:5432/khalsi}"
: "${REDIS_URL:?name the Redis, such as redis://127.0.0.1:6379/1}"
export DATABASE_URL REDIS_URL DATA="${DATA:-$PWD/var/distributed}" SOURCE="${SOURCE:-sandbox}" PORT="${PORT:-8000}"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
BIN=.venv/bin
RUN="$DATA/run" SITE="http://127.0.0.1:$PORT"
WEB=$((PORT + 2)) LIVE=$((PORT + 3))
START_ORDER=(sandbox web live fetch forecast alert deliver hooks sync import train stream beat proxy)
STOP_ORDER=(beat proxy stream fetch forecast alert deliver hooks sync import train live web sandbox)
mkdir -p "$RUN/nginx"

# As in production: nothing is shown of an error, and no default is insecure.
production() {
  local key="$DATA/distributed.key"
  [ -e "$key" ] || (umask 077 && python3 -c 'import secrets; print(secrets.token_urlsafe(60))' >"$key")
  export DEBUG="${DEBUG:-false}" SECRET_KEY="${SECRET_KEY:-$(cat "$key")}"
  export CREDENTIALS_KEY="${CREDENTIALS_KEY:-$(cat "$key")}" ALLOWED_HOSTS="${ALLOWED_HOSTS:-127.0.0.1,localhost}"
  export SITE_URL="${SITE_URL:-$SITE}" TRUSTED_PROXIES="${TRUSTED_PROXIES:-127.0.0.1}" LOG_LEVEL="${LOG_LEVEL:-INFO}"
}

manage() { "$BIN/python" manage.py "$@"; }

spawn() { # NAME COMMAND… ; a group of its own, so that nothing of it is left behind
  local name=$1; shift
  setsid "$@" >>"$RUN/$name.log" 2>&1 </dev/null &
  echo $! >"$RUN/$name.pid"
}

worker() { # QUEUE CONCURRENCY
  local pool=prefork
  [ "$1" != sync ] || pool=threads # its tasks mostly wait for answers
  spawn "$1" "$BIN/celery" -A khalsi worker -n "$1@%h" -Q "$1" -c "$2" --pool "$pool" -l "$LOG_LEVEL" \
    --without-gossip --without-mingle
}

alive() { [ -e "$RUN/$1.pid" ] && kill -0 "$(cat "$RUN/$1.pid")" 2>/dev/null; }

proxy_config() {
  local temporary="" kind
  for kind in client_body proxy fastcgi uwsgi scgi; do temporary+="${kind}_temp_path $RUN/nginx/$kind; "; done
  sed -e "s/server web:8000/server 127.0.0.1:$WEB/" -e "s/server live:8000/server 127.0.0.1:$LIVE/" \
    -e "s/listen 80;/listen 127.0.0.1:$PORT;/" -e "s#pid /tmp/nginx.pid#pid $RUN/nginx/pid#" \
    -e "s#^http {#http { $temporary#" deploy/nginx.conf >"$RUN/nginx/nginx.conf"
}

start() {
  local name
  for name in "${START_ORDER[@]}"; do
    ! alive "$name" || { echo "It runs already ($name is up); stop it first." >&2; exit 1; }
  done
  production
  manage prepare
  manage collectstatic --noinput -v0
  if [ "$SOURCE" = sandbox ]; then
    spawn sandbox "$BIN/python" manage.py sandbox --port $((PORT + 1)) --seed 1 --epoch "$(manage market_day)"
  fi
  spawn web "$BIN/granian" --interface wsgi --host 127.0.0.1 --port "$WEB" --workers "${WEB_WORKERS:-2}" \
    --blocking-threads 1 --respawn-failed-workers --log-level warning khalsi.wsgi:application
  DB_POOL=true spawn live "$BIN/uvicorn" khalsi.asgi:application --host 127.0.0.1 --port "$LIVE" --ws core.live.wire:Wire \
    --ws-ping-interval "${WS_HEARTBEAT_INTERVAL:-30}" --ws-ping-timeout "${WS_HEARTBEAT_TIMEOUT:-20}" \
    --ws-max-size 65536 --ws-per-message-deflate false \
    --timeout-graceful-shutdown 5 --log-level warning --no-access-log --no-server-header
  worker fetch 3
  worker forecast 1
  worker alert 1
  worker deliver 2
  worker hooks 3
  worker sync 9
  worker import 1
  worker train 1
  spawn stream "$BIN/python" manage.py stream
  spawn beat "$BIN/celery" -A khalsi beat --pidfile= -l "$LOG_LEVEL"
  proxy_config
  spawn proxy nginx -e "$RUN/proxy.log" -c "$RUN/nginx/nginx.conf" -g "daemon off;"
  wait_until_ready
  echo "Khalsi, distributed, is at $SITE (logs in $RUN)"
}

wait_until_ready() {
  local second
  for second in $(seq 60); do
    "$BIN/python" tools/healthy.py "$SITE/health/ready" 2>/dev/null && return
    sleep 1
  done
  echo "Not ready after $second s; the end of the logs:" >&2
  tail -n 5 "$RUN"/web.log "$RUN"/proxy.log >&2
  exit 1
}

# Asked first, and left time to end what they are doing; whatever remains of a group after that is killed.
stop() {
  local name pid patience=30
  for name in "${STOP_ORDER[@]}"; do
    ! alive "$name" || kill -TERM "$(cat "$RUN/$name.pid")"
  done
  for name in "${STOP_ORDER[@]}"; do
    [ -e "$RUN/$name.pid" ] || continue
    pid=$(cat "$RUN/$name.pid")
    while alive "$name" && [ $patience -gt 0 ]; do sleep 0.5; patience=$((patience - 1)); done
    ! alive "$name" || echo "$name did not end by itself; killed."
    kill -KILL -- "-$pid" 2>/dev/null || true
    rm -f "$RUN/$name.pid"
  done
}

status() {
  local name code=0
  for name in "${START_ORDER[@]}"; do
    [ -e "$RUN/$name.pid" ] || continue
    if alive "$name"; then echo "$name up"; else echo "$name down (see $RUN/$name.log)"; code=1; fi
  done
  [ -e "$RUN/proxy.pid" ] || { echo "not started"; code=1; }
  return $code
}

case "${1:-}" in
  start | stop | status) "$1" ;;
  *) echo "tools/distributed.sh start|stop|status" >&2; exit 2 ;;
esac
