#!/usr/bin/env bash
# Finds or fetches boltseal, and puts out its path. What is fetched is not executed before its
# SHA-256 is the one that is pinned, and not used before its bundle verifies.
set -euo pipefail
exec 2>&1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=said.sh
source "$here/said.sh"

# The longest and largest download.
readonly SECONDS_AT_MOST=300 KIBIBYTES_AT_MOST=262144

# The value of a line `NAME VALUE` in the table of what is pinned; nothing where there is none.
pinned() {
  awk -v name="$1" '$1 == name { print $2; exit }' "$here/pinned.txt"
}

platform() {
  local system machine
  system=$(uname -s)
  machine=$(uname -m)
  case $system in
    Linux) system=linux ;;
    Darwin) system=macos ;;
  esac
  case $machine in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
  esac
  printf '%s-%s' "$system" "$machine"
}

sha256() {
  if command -v sha256sum > /dev/null; then
    sha256sum < "$1" | cut -d ' ' -f 1
  else
    shasum -a 256 < "$1" | cut -d ' ' -f 1
  fi
}

# fetch URL FILE
fetch() {
  local url=$1 file=$2 schemes='=https' problem
  case $url in
    http://127.0.0.1:* | http://localhost:*) schemes='=http' ;;
  esac
  if ! problem=$(
    ulimit -f "$KIBIBYTES_AT_MOST"
    curl --disable --fail --silent --show-error --location --globoff \
      --proto "$schemes" --proto-redir "$schemes" --max-redirs 5 --retry 2 \
      --connect-timeout 20 --max-time "$SECONDS_AT_MOST" --output "$file" --url "$url" 2>&1
  ); then
    refuse 21 "expected a file at $url, found: ${problem:-more than $KIBIBYTES_AT_MOST KiB}. Nothing was executed. Look at download-base-url, or give boltseal-path"
  fi
}

use() {
  printf 'path=%s\n' "$1" >> "$GITHUB_OUTPUT"
  exit 0
}

demand_step
for name in boltseal-path download-base-url download-sha256 download-key; do
  variable=IN_${name//-/_}
  variable=$(printf '%s' "$variable" | tr '[:lower:]' '[:upper:]')
  demand_line "$name" "${!variable}"
done

if [[ -n $IN_BOLTSEAL_PATH ]]; then
  if [[ -n $IN_DOWNLOAD_BASE_URL$IN_DOWNLOAD_SHA256$IN_DOWNLOAD_KEY ]]; then
    refuse 2 "the input boltseal-path says that nothing is fetched; leave it out, or all download-... inputs"
  fi
  case $IN_BOLTSEAL_PATH in
    /*) path=$IN_BOLTSEAL_PATH ;;
    *) path=$PWD/$IN_BOLTSEAL_PATH ;;
  esac
  if [[ ! -f $path || ! -x $path ]]; then
    refuse 2 "expected a program at boltseal-path, found none that can be executed: $path"
  fi
  use "$path"
fi

platform=$(platform)
expected=${IN_DOWNLOAD_SHA256:-$(pinned "$platform")}
if [[ -z $expected ]]; then
  refuse 2 "this version of the action pins no boltseal for $platform: no release has been made for it yet. Build boltseal and give its path with boltseal-path; or give download-base-url, download-sha256 and download-key"
fi
if [[ ! $expected =~ ^[0-9a-f]{64}$ ]]; then
  refuse 2 "expected 64 digits in 0-9a-f in download-sha256, found: $expected"
fi
key=${IN_DOWNLOAD_KEY:-$here/boltseal.pub}
if [[ ! -f $key ]]; then
  refuse 2 "expected a PEM file with the public key that boltseal is signed with, found none: $key. Give download-key"
fi
base=${IN_DOWNLOAD_BASE_URL%/}
if [[ -z $base && -n $ACTION_REPOSITORY ]]; then
  base=$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$(pinned version)
fi
case $base in
  *://*@*) refuse 2 "download-base-url holds a name or a password, which would stand in logs: give one without" ;;
  https://?* | http://127.0.0.1:?* | http://localhost:?*) ;;
  *) refuse 2 "expected https://... in download-base-url, found: ${base:-nothing, and the action was not taken from a repository that has releases}" ;;
esac

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/boltseal.XXXXXXXX")
binary=$folder/boltseal
fetch "$base/boltseal-$platform" "$binary"
fetch "$base/boltseal-$platform.sigstore.json" "$binary.sigstore.json"
found=$(sha256 "$binary")
if [[ $found != "$expected" ]]; then
  rm -rf "$folder"
  refuse 30 "expected a boltseal with the SHA-256 $expected, found $found at $base/boltseal-$platform. It was removed; nothing was executed. Do not retry before you know why"
fi
chmod 0755 "$binary"
if ! env -i "$binary" verify-blob "$binary" --bundle "$binary.sigstore.json" --key "$key" --offline; then
  rm -rf "$folder"
  refuse 11 "expected a bundle that proves that boltseal was signed by its release, found one that does not verify with $key: $base/boltseal-$platform.sigstore.json. It was removed; nothing was released"
fi
use "$binary"
