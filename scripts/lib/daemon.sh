# Starts and stops a daemon of our own. Sourced after common.sh.

# Waits until the address answers /healthz, at most 30 s, while the process lives: wait_healthy ADDRESS PID
wait_healthy() {
  for _ in $(seq 150); do
    curl -fsS "http://$1/healthz" >/dev/null 2>&1 && return
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.2
  done
  return 1
}

# A free port of the loopback interface.
free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'
}

# Starts $DAEMON for tests, with nothing of this machine's: no sound card, no music but FOLDER, no
# settings. Sets ADDRESS and DAEMON_PID: start_daemon DATA_DIR MUSIC_FOLDER
start_daemon() {
  ADDRESS=127.0.0.1:$(free_port)
  CANTINA_LISTEN=$ADDRESS CANTINA_DATA_DIR=$1 CANTINA_MUSIC_DIRS=$2 CANTINA_AUDIO_OUTPUT=null \
    "$DAEMON" >"$1/daemon.log" 2>&1 &
  DAEMON_PID=$!
  wait_healthy "$ADDRESS" $DAEMON_PID || { cat "$1/daemon.log" >&2; fail "The daemon did not start"; }
}

stop_daemon() {
  [ -z "${DAEMON_PID:-}" ] || { kill "$DAEMON_PID" 2>/dev/null; wait "$DAEMON_PID" 2>/dev/null || true; }
}
