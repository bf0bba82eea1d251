#!/usr/bin/env bash
# Builds and starts Cantina on this machine, installing what is missing (Debian, Ubuntu).
# Arguments go to the daemon: scripts/run.sh --listen 127.0.0.1:9000
source "$(dirname "$0")/lib/common.sh"
for part in tools build daemon music; do source "scripts/lib/$part.sh"; done

need_build_tools
build_dashboard
build_daemon release

# Music of the user's own comes first; without any, the daemon makes some.
music=${XDG_MUSIC_DIR:-$HOME/Music}
has_music() {
  [ -d "$music" ] && [ -n "$(find -L "$music" -type f -iregex '.*\.\(mp3\|flac\|ogg\|m4a\|wav\)' -print -quit)" ]
}
if [ -z "${CANTINA_MUSIC_DIRS:-}" ] && ! has_music; then
  export CANTINA_MUSIC_DIRS=${CANTINA_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/cantina}/demo-music
  say "No music in $music: making demo music in $CANTINA_MUSIC_DIRS"
  "$DAEMON" make-demo-music "$CANTINA_MUSIC_DIRS"
fi

address=$(sed -n 's/.*--listen[ =]\([^ ]*\).*/\1/p' <<<"$*")
address=${address:-${CANTINA_LISTEN:-127.0.0.1:8080}}
"$DAEMON" "$@" &
daemon=$!
trap 'kill -TERM $daemon 2>/dev/null; wait $daemon' INT TERM
wait_healthy "$address" $daemon || { wait $daemon || true; fail "The daemon ended; \`$DAEMON doctor\` says what is wrong"; }
method=$address/cantina.music.v1.MusicService/Play
play="{\"track_id\": \"$(some_track "$address")\"}"
cat <<END

  Dashboard  http://$address
  Try        grpcurl -plaintext -d '$play' ${method/\// }
  Or         curl -d '$play' http://$method
  Stop       Ctrl-C

END
wait $daemon
