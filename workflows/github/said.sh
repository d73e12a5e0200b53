# What both scripts say, and how they end. Sourced, never run.

# Text for a workflow command: one line, whatever is in it.
escaped() {
  local text=$1
  text=${text//%/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '%s' "$text"
}

# An annotation: LEVEL TEXT.
annotate() {
  printf '::%s title=boltseal::%s\n' "$1" "$(escaped "$2")"
}

# Ends the step with an exit code of boltseal's (docs/github.md) and the reason.
refuse() {
  local code=$1 text=$2
  annotate error "$text (exit code $code)"
  if [[ -n ${GITHUB_OUTPUT:-} ]]; then
    printf 'exit-code=%s\n' "$code" >> "$GITHUB_OUTPUT" || true
  fi
  exit "$code"
}

# Refuses a place that only steps of GitHub Actions have: without outputs no step after this one
# would know what happened.
demand_step() {
  if [[ -z ${GITHUB_OUTPUT:-} ]]; then
    refuse 20 "GITHUB_OUTPUT is not set: this is no step of GitHub Actions, or something unset it; without it no later step would learn what happened"
  fi
  if ! : 2> /dev/null >> "$GITHUB_OUTPUT"; then
    GITHUB_OUTPUT='' refuse 20 "the file in GITHUB_OUTPUT cannot be written"
  fi
}

# Refuses control characters in one-line inputs: NAME VALUE. They could end a line of the log and
# begin a workflow command.
demand_line() {
  if [[ $2 == *[[:cntrl:]]* ]]; then
    refuse 2 "the input $1 must be one line without control characters"
  fi
}
