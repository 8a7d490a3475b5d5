#!/usr/bin/env bash
# Puts a real inference server, llama.cpp's, into the cache, and prints its path.
# Debian has it in sid: the packages are unpacked, not installed, with the libraries that they were built for, and run
# through their own loader, so any older Debian will do.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

if installed=$(command -v llama-server); then
  echo "$installed"
  exit 0
fi
folder=$KALEIDOFS_CACHE/llm-server
server=$folder/bin/llama-server
mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if [ ! -x "$server" ]; then
  name=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
  mirror=$(apt-get --print-uris update 2>/dev/null | sed -n "s|^'\(.*\)/dists/$name/InRelease'.*|\1|p" | head -1)
  [ -n "$mirror" ] || { say "no Debian mirror in this machine's apt configuration"; exit 1; }
  apt=$folder/apt
  rm -rf "$folder/debs" "$folder/root"
  mkdir -p "$apt/lists/partial" "$folder/debs" "$folder/bin"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$apt/sources.list"
  say "downloading llama.cpp from sid"
  # Its dependencies are sid's, whatever is installed here.
  private_apt apt-get -qq -o Dir::State::status=/dev/null update >&2
  mapfile -t needed < <(private_apt apt-get -qq -o Dir::State::status=/dev/null -o APT::Install-Recommends=0 -s install llama.cpp-tools | awk '$1 == "Inst" { print $2 }')
  (cd "$folder/debs" && private_apt apt-get -qq -o Dir::State::status=/dev/null download "${needed[@]}" >&2)
  for deb in "$folder"/debs/*.deb; do
    dpkg-deb -x "$deb" "$folder/root"
  done
  rm -rf "$folder/debs"
  # Which backend suits the processor is found out by looking into /usr: this one suits every one.
  cat >"$server.new" <<SH
#!/bin/sh
lib="$folder/root/usr/lib/x86_64-linux-gnu"
export GGML_BACKEND_PATH="\$lib/ggml/backends0/libggml-cpu-sse42.so"
exec "\$lib/../../lib64/ld-linux-x86-64.so.2" --library-path "\$lib:\$lib/llama" "$folder/root/usr/bin/llama-server" "\$@"
SH
  chmod +x "$server.new"
  "$server.new" --version >&2
  mv "$server.new" "$server"
fi
echo "$server"
