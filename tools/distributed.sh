#!/usr/bin/env bash
# The processes of docker-compose.yml on this machine, by hand: for looking at the distributed form, and for benchmarks,
# where no container engine is at hand. Needs PostgreSQL and Redis at DATABASE_URL and REDIS_URL, and nginx.
#   tools/distributed.sh start|stop|status
set -euo pipefail
cd "$(dirname "$0")/.."
: "${DATABASE_URL:?name the database, such as postgresql://postgres@127.0.0.1:5432/khalsi}"
: "${REDIS_URL:?name the Redis, such as redis://127.0.0.1:6379/1}"
export DATABASE_URL REDIS_URL DATA="${DATA:-$PWD/var/distributed}" SOURCE="${SOURCE:-sandbox}" PORT="${PORT:-8000}"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
BIN=.venv/bin
RUN="$DATA/run"
WEB=$((PORT + 2)) LIVE=$((PORT + 3))
mkdir -p "$RUN"

spawn() { # NAME COMMAND…
  local name=$1; shift
  setsid "$@" >"$RUN/$name.log" 2>&1 </dev/null &
  echo $! >"$RUN/$name.pid"
}

worker() { spawn "$1" "$BIN/celery" -A khalsi worker -n "$1@%h" -Q "$2" -c "$3" --without-gossip --without-mingle; }

start() {
  "$BIN/python" manage.py prepare
  if [ "$SOURCE" = sandbox ]; then
    spawn sandbox "$BIN/python" manage.py sandbox --port $((PORT + 1)) --seed 1 --epoch "$("$BIN/python" manage.py market_day)"
  fi
  "$BIN/python" manage.py collectstatic --noinput -v0
  spawn web "$BIN/granian" --interface wsgi --host 127.0.0.1 --port "$WEB" --workers "${WEB_WORKERS:-2}" \
    --blocking-threads 1 --log-level warning khalsi.wsgi:application
  DB_POOL=true spawn live "$BIN/uvicorn" khalsi.asgi:application --host 127.0.0.1 --port "$LIVE" --no-access-log \
    --ws-ping-interval 30 --ws-ping-timeout 20 --no-server-header
  worker fetch fetch 3
  worker forecast forecast 1
  worker deliver deliver,sync 3
  worker train train 1
  spawn beat "$BIN/celery" -A khalsi beat --pidfile=
  sed -e "s/server web:8000/server 127.0.0.1:$WEB/" -e "s/server live:8000/server 127.0.0.1:$LIVE/" \
    -e "s/listen 80;/listen 127.0.0.1:$PORT;/" -e "s#/tmp/nginx.pid#$RUN/nginx.pid#" deploy/nginx.conf >"$RUN/nginx.conf"
  spawn proxy nginx -e "$RUN/nginx-error.log" -c "$RUN/nginx.conf" -g "daemon off;"
  echo "Khalsi, distributed, is at http://127.0.0.1:$PORT (logs in $RUN)"
}

stop() {
  local file pid
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
    rm -f "$file"
  done
}

status() {
  local file
  for file in "$RUN"/*.pid; do
    [ -e "$file" ] || continue
    printf '%-10s %s\n' "$(basename "$file" .pid)" "$(kill -0 "$(cat "$file")" 2>/dev/null && echo up || echo down)"
  done
}

"${1:?start, stop or status}"
