# Short music for tests, made by ffmpeg, and what a library holds. Sourced after daemon.sh.

# Three tones of 20 s with tags, in three formats: short_music FOLDER
short_music() {
  packages ffmpeg
  mkdir -p "$1"
  local title number=0
  for title in Alpha.flac Bravo.mp3 Charlie.ogg; do
    number=$((number + 1))
    ffmpeg -v error -f lavfi -i "sine=frequency=$((number * 220)):duration=20:sample_rate=44100" -ac 2 -af volume=-12dB \
      -metadata title="${title%.*}" -metadata artist="Test Tones" -metadata track=$number "$1/$title"
  done
}

# Waits at most 20 s until the daemon at $ADDRESS lists so many tracks: wait_tracks COUNT
wait_tracks() {
  for _ in $(seq 100); do
    curl -fs -d "{}" "http://$ADDRESS/cantina.music.v1.MusicService/ListTracks" |
      grep -q "\"totalSize\": *$1\b" && return
    sleep 0.2
  done
  fail "The library did not find $1 tracks"
}

# The id of a track at the address, as soon as the library has one, at most 10 s: some_track ADDRESS
some_track() {
  local id
  for _ in $(seq 50); do
    id=$(curl -fs -d '{"pageSize": 1}' "http://$1/cantina.music.v1.MusicService/ListTracks" |
      sed -n 's/.*"tracks":\[{"id":"\([0-9a-f]*\)".*/\1/p') || true
    [ -z "$id" ] || break
    sleep 0.2
  done
  echo "$id"
}
