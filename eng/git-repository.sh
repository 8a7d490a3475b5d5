#!/usr/bin/env bash
# Makes $KALEIDOFS_CACHE/git/linux.git once, which the git benchmark reads: a kernel's sources as a commit, and a second
# commit that changes some hundred of its files, packed as gc does it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
"$eng/linux-source.sh"

folder=$KALEIDOFS_CACHE/git
exec 7>"$KALEIDOFS_CACHE/git.lock"
flock 7
[ ! -d "$folder" ] || exit 0
new=$folder.new
rm -rf "$new"
mkdir -p "$new"
say "making the repository that is measured (once; some minutes)"
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=bench GIT_AUTHOR_EMAIL=bench@example.com GIT_COMMITTER_NAME=bench GIT_COMMITTER_EMAIL=bench@example.com
export GIT_DIR=$new/linux.git
git init -q --bare --initial-branch=main "$GIT_DIR"
tree=$(echo "$KALEIDOFS_CACHE"/linux/tree/*/)
# With this threshold files go into a pack at once, not into one file each.
git -C "$tree" --work-tree="$tree" -c core.bigFileThreshold=1 add -f -A .
first=$(git commit-tree -m 'The sources' "$(git write-tree)")
git ls-files -s | awk 'NR % 200 == 0 && $1 == "100644"' | while IFS=$' \t' read -r mode id _ path; do
  printf '%s %s\t%s\n' "$mode" "$({ git cat-file blob "$id"; echo '/* changed */'; } | git hash-object -w --stdin)" "$path"
done | git update-index --index-info
git update-ref refs/heads/main "$(git commit-tree -m 'Some changes' -p "$first" "$(git write-tree)")"
git repack -qadf --window=5
mv "$new" "$folder"
