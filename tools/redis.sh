# shellcheck shell=bash
# A private Redis for one stack: append-only file on, nothing evicted, one user
# who may touch only Seawall's keys, on a free port of 127.0.0.1.
#
#   STATE/redis/                redis.conf, users.acl, password (0600), the data
#   STATE/run/redis.pid|.port
# The system's own redis-server is never touched.

REDIS_USER=seawall

redis_secret() {
  [[ -s $1/password ]] || (umask 077 && openssl rand -hex 32 >"$1/password")
}

# The file of users holds a hash, not the password. Commands: those of the
# counters, and PING to see that it is there.
redis_users() {
  local hash
  hash=$(tr -d '\n' <"$1/password" | sha256sum | cut -d' ' -f1)
  (umask 077 && cat >"$1/users.acl") <<EOF
user default off
user $REDIS_USER on #$hash ~sw:* resetchannels -@all +ping +script|load +evalsha +hget +hmget +hset +hgetall +unlink
EOF
}

redis_settings() {
  local dir=$1 port=$2
  (umask 077 && cat >"$dir/redis.conf") <<EOF
bind 127.0.0.1
port $port
protected-mode yes
dir "$dir"
logfile "$SEAWALL_STATE/logs/redis.log"
aclfile "$dir/users.acl"
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
daemonize no
# The command line must keep the path of this file: it is how ./seawall knows
# that a process is its own.
set-proc-title no
EOF
}

# A tail torn by a crash is cut off. The counters' fence goes back with it, so
# the projector counts again from there.
redis_mend() {
  local manifest="$1/appendonlydir/appendonly.aof.manifest"
  [[ -s $manifest ]] || return 0
  echo y | redis-check-aof --fix "$manifest" >>"$SEAWALL_STATE/logs/redis.log" 2>&1 ||
    die "Redis's append-only file cannot be mended; remove $1/appendonlydir, the counters are rebuilt from the journal"
}

redis_pid() { running "$SEAWALL_STATE/run/redis.pid" "$(command -v redis-server)" "$SEAWALL_STATE/redis/redis.conf"; }

redis_answers() {
  [[ $(REDISCLI_AUTH=$(<"$SEAWALL_STATE/redis/password") \
    redis-cli -p "$1" --user "$REDIS_USER" --no-auth-warning ping 2>/dev/null) == PONG ]]
}

redis_try() {
  local dir="$SEAWALL_STATE/redis" port=$1
  redis_settings "$dir" "$port"
  setsid redis-server "$dir/redis.conf" >>"$SEAWALL_STATE/logs/redis.log" 2>&1 </dev/null 9>&- &
  echo $! >"$SEAWALL_STATE/run/redis.pid"
  disown
  wait_until 15 redis_ready_or_gone "$port" && redis_answers "$port"
}

redis_ready_or_gone() { redis_answers "$1" || gone "$(<"$SEAWALL_STATE/run/redis.pid")"; }

redis_up() {
  local dir="$SEAWALL_STATE/redis" port
  redis_pid >/dev/null && return
  mkdir -p "$dir" && chmod 700 "$dir"
  redis_secret "$dir"
  redis_users "$dir"
  redis_mend "$dir"
  for _ in 1 2 3; do
    port=$(free_port)
    if redis_try "$port"; then
      echo "$port" >"$SEAWALL_STATE/run/redis.port"
      return
    fi
  done
  die "redis-server did not start; see $SEAWALL_STATE/logs/redis.log"
}

redis_down() {
  stop_process "$SEAWALL_STATE/run/redis.pid" "$(command -v redis-server || echo /nowhere)" \
    "$SEAWALL_STATE/redis/redis.conf" 10
}
