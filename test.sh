#!/usr/bin/env bash
# Sets up what is missing, builds, runs every test, and ends in 'N passed, N failed[, N skipped]'.
# Arguments go to dotnet test:  ./test.sh --filter FullyQualifiedName~Archive
# KALEIDOFS_NO_SKIPS=1: what is skipped fails, for machines that are meant to have everything; but for what needs programs
# of other releases of Debian, which may be gone any day.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 MSBUILDDISABLENODEREUSE=1

. eng/setup.sh
setup # What it could not install, it said; the tests that need it say so too.
eng/s3-server.sh
eng/smb-server.sh

results=$PWD/artifacts/test-results
rm -rf "$results"
if ! dotnet build Drivers.sln -c Release -v quiet --nologo -clp:NoSummary; then
  echo 'the build failed'
  echo '0 passed, 1 failed'
  exit 1
fi

passed=0 failed=0 skipped=0 absent=0

# count OUTCOME FILE: how many results of a file had it.
count() { grep -c "<UnitTestResult [^>]*outcome=\"$1\"" "$2"; }

for project in $(grep -l Microsoft.NET.Test.Sdk tests/*/*.csproj); do
  name=$(basename "$(dirname "$project")")
  echo "== tests/$name"
  dotnet test "$project" -c Release --no-build --nologo -v quiet \
    --blame-hang-timeout 8m --blame-hang-dump-type none \
    --logger 'console;verbosity=minimal' --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    "$@" </dev/null 2>&1
  status=$?
  ran=0 broke=0 omitted=0
  trx=$results/$name.trx
  if [ -f "$trx" ]; then
    ran=$(count Passed "$trx") broke=$(count Failed "$trx") omitted=$(count NotExecuted "$trx")
    # Why something was skipped stands in the result file alone.
    grep -A4 '<UnitTestResult [^>]*outcome="NotExecuted"' "$trx" |
      sed -n 's/.* testName="\([^"]*\)".*/skipped \1/p; s/.*<Message>\(.*\)<\/Message>.*/  because \1/p'
    absent=$((absent + $(grep -c '<Message>cannot be had here: ' "$trx")))
  fi
  # A test host that died, or never started, is a failure even where no test says so.
  [ "$status" = 0 ] || [ "$broke" -gt 0 ] || broke=1
  passed=$((passed + ran)) failed=$((failed + broke)) skipped=$((skipped + omitted))
done

summary="$passed passed, $failed failed"
[ "$skipped" = 0 ] || summary+=", $skipped skipped"
[ $((passed + failed)) -gt 0 ] || echo 'no test ran'
echo "$summary"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ] && [ -z "${KALEIDOFS_NO_SKIPS:-}" -o "$skipped" = "$absent" ]
