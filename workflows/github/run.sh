#!/usr/bin/env bash
# Runs boltseal with the inputs as its flags. Its exit code is that of the step.
set -euo pipefail
# One stream, so that what is said below about the log's commands stays in order.
exec 2>&1

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=said.sh
source "$here/said.sh"

# Inputs that are flags of the same name, by what they take; and which modes take them.
readonly ONE_LINE='image binary rootfs platform to source target promotion-key scan-timeout
  max-critical max-high max-medium max-low max-informational max-unknown max-scan-age baseline
  waivers posture role region audience policy trusted-root config evidence-file'
readonly LISTS='tag moving-tag key scan sbom allowed-account require evidence report'
readonly OF_RELEASE='image binary rootfs platform to tag moving-tag key scan scan-timeout sbom
  max-critical max-high max-medium max-low max-informational max-unknown max-scan-age baseline
  waivers posture role region audience allowed-account config evidence evidence-file report'
readonly OF_VERIFY='target key require policy trusted-root role region audience allowed-account report'
readonly OF_PROMOTE='source to tag moving-tag key promotion-key require policy trusted-root role
  region audience allowed-account evidence evidence-file report'

# The value of an input, without space around it.
input() {
  local name=IN_${1//-/_} value
  name=$(printf '%s' "$name" | tr '[:lower:]' '[:upper:]')
  value=${!name-}
  value=${value#"${value%%[![:space:]]*}"}
  printf '%s' "${value%"${value##*[![:space:]]}"}"
}

# Whether one word is among others: WORD WORDS.
among() {
  local word
  for word in $2; do
    if [[ $word == "$1" ]]; then return 0; fi
  done
  return 1
}

# Refuses a missing input: NEEDED WORDS-OF-THE-MODE.
missing() {
  local all
  # The lists above are written over several lines.
  all=$(printf '%s ' $2)
  refuse 2 "mode $mode needs the input $1, and it is empty. The inputs of this mode are: ${all% }. GitHub only warns of a name that is no input: look for \"Unexpected input(s)\" above"
}

# Adds an input to the words of the command: NAME.
add() {
  local name=$1 value line
  value=$(input "$name")
  if [[ -z $value ]]; then return; fi
  if among "$name" "$LISTS"; then
    while IFS= read -r line; do
      line=${line%$'\r'}
      line=${line#"${line%%[![:space:]]*}"}
      line=${line%"${line##*[![:space:]]}"}
      if [[ -z $line ]]; then continue; fi
      demand_line "$name" "$line"
      words+=("--$name=$line")
    done <<< "$value"
  else
    demand_line "$name" "$value"
    words+=("--$name=$value")
  fi
}

# Refuses what the mode does not take, and adds the rest but the POSITIONAL: INPUTS POSITIONAL.
take() {
  local name
  for name in $ONE_LINE $LISTS; do
    if among "$name" "$1"; then
      if ! among "$name" "$2"; then add "$name"; fi
    elif [[ -n $(input "$name") ]]; then
      refuse 2 "mode $mode does not take the input $name, which would do nothing: leave it out"
    fi
  done
}

# What a pull request may have, whose code and configuration are those of its author.
on_pull_request() {
  local text
  case $mode in
    release | dry-run)
      mode=dry-run
      words=(release --dry-run --offline)
      text="This is a pull request: a dry run that asks neither the registry, nor keys, nor AWS, and releases nothing. The thresholds and waivers are those of the pull request."
      annotate notice "$text"
      if [[ $summary == true ]]; then
        printf '> **Dry run.** %s\n\n' "$text" >> "$GITHUB_STEP_SUMMARY"
      fi
      ;;
    promote) refuse 2 "mode promote on a pull request, whose author would decide what is promoted: run it on a push, a tag or by hand" ;;
  esac
}

# The reports that were written, for later steps.
put_out_reports() {
  local line kind file written=()
  while IFS= read -r line; do
    line=${line%$'\r'}
    line=${line#"${line%%[![:space:]]*}"}
    line=${line%"${line##*[![:space:]]}"}
    kind=${line%%=*}
    file=${line#*=}
    if [[ ! -f $file ]]; then continue; fi
    written+=("$line")
    case $kind in
      sarif | html | json | comment) printf '%s-file=%s\n' "$kind" "$file" >> "$GITHUB_OUTPUT" ;;
    esac
  done <<< "$(input report)"
  if [[ ${#written[@]} -gt 0 ]]; then
    {
      printf 'reports<<%s\n' "$token"
      printf '%s\n' "${written[@]}"
      printf '%s\n' "$token"
    } >> "$GITHUB_OUTPUT"
  fi
}

demand_step
mode=$(input mode)
summary=$(input summary)
case $summary in
  true | false) ;;
  *) refuse 2 "expected true or false in the input summary, found: $summary" ;;
esac
if [[ $summary == true && -z ${GITHUB_STEP_SUMMARY:-} ]]; then
  refuse 20 "GITHUB_STEP_SUMMARY is not set, so that the result cannot stand on the page of the job: give summary: false"
fi

words=()
positional=()
case $mode in
  release | dry-run)
    words=(release)
    if [[ $mode == dry-run ]]; then words+=(--dry-run); fi
    image=$(input image)
    given=0
    for name in image binary rootfs; do
      if [[ -n $(input $name) ]]; then given=$((given + 1)); fi
    done
    if [[ $given -eq 0 ]]; then missing "image (or binary, or rootfs)" "$OF_RELEASE"; fi
    if [[ $given -gt 1 ]]; then
      refuse 2 "expected one of the inputs image, binary and rootfs, found $given of them: leave out all but one"
    fi
    demand_line image "$image"
    if [[ -n $image ]]; then positional=("$image"); fi
    takes=$OF_RELEASE
    apart=image
    ;;
  verify)
    words=(verify)
    if [[ -z $(input target) ]]; then missing target "$OF_VERIFY"; fi
    demand_line target "$(input target)"
    positional=("$(input target)")
    takes=$OF_VERIFY
    apart=target
    ;;
  promote)
    words=(promote)
    for name in source to promotion-key; do
      if [[ -z $(input $name) ]]; then missing $name "$OF_PROMOTE"; fi
      demand_line $name "$(input $name)"
    done
    positional=("$(input source)" "$(input to)")
    takes=$OF_PROMOTE
    apart='source to'
    ;;
  '') refuse 2 "the input mode is empty: give release, dry-run, verify or promote, or leave it out for release" ;;
  *)
    demand_line mode "$mode"
    refuse 2 "expected release, dry-run, verify or promote in the input mode, found: $mode"
    ;;
esac
case ${GITHUB_EVENT_NAME:-} in
  pull_request*) on_pull_request ;;
esac
take "$takes" "$apart"
printf 'mode=%s\n' "$mode" >> "$GITHUB_OUTPUT"

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/boltseal.XXXXXXXX")
trap 'rm -rf "$folder"' EXIT
words+=("--report=github-outputs=$GITHUB_OUTPUT" "--report=annotations=$folder/annotations")
if [[ $summary == true ]]; then words+=("--report=markdown=$GITHUB_STEP_SUMMARY"); fi

# Nothing that boltseal prints, such as names from an image, is taken for a command of the log.
token=$(od -An -N 24 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
code=0
"$BOLTSEAL" "${words[@]}" -- ${positional[@]+"${positional[@]}"} 2>&1 | tee -i "$folder/log" ||
  code=${PIPESTATUS[0]}
printf '\n::%s::\n' "$token"

printf 'exit-code=%s\n' "$code" >> "$GITHUB_OUTPUT"
# At these two nothing is written, and what is there is of an earlier run.
if [[ $code -ne 2 && $code -ne 130 ]]; then put_out_reports; fi
if [[ -s $folder/annotations ]]; then
  cat "$folder/annotations"
elif [[ $code -ne 0 ]]; then
  # What it cannot even begin with is no result, and has no annotations.
  told=$(sed $'s/\x1b\\[[0-9;]*m//g' "$folder/log" | tr -s '[:space:][:cntrl:]' ' ')
  annotate error "${told:0:1000} (exit code $code)"
fi
exit "$code"
