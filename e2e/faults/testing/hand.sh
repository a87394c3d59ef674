#!/bin/sh
# The agent of the fault harness. Its prompt, on standard input, says what it does: CASE-… waits SECONDS lines COUNT strays 0|1. It tells
# every secret it knows. It starts itself again with its orders in its arguments, where the harness finds it.
if [ $# = 0 ]; then
  prompt=$(cat)
  case $prompt in *Mend*) mode=mend ;; *) mode=plan ;; esac
  order=$(printf %s "$prompt" | grep -o 'CASE-[0-9a-z-]* waits [0-9.]* lines [0-9]* strays [01]' | head -n 1)
  exec "$0" $order "$mode"
fi
case_=$1 waits=$3 lines=$5 strays=$7 mode=$8
seq -f "$case_ line %05g of what this step has to say" 1 "$lines"
if [ "$strays" = 1 ]; then setsid sh -c "sleep 600; : $case_" >/dev/null 2>&1 & fi
for secret in "$ACME_TOKEN" @CHECKOUT@ @MODEL@; do
  printf 'secret: %s\n' "$secret"
  printf %s "$secret" | base64 -w0; echo
  printf %s "$secret" | cut -c1-9 | tr -d '\n'; sleep 0.02; printf '%s\n' "$secret" | cut -c10-
done
sleep "$waits"
seq -f "$case_ more %05g of what this step has to say" 1 "$lines"
if [ "$mode" = mend ]; then printf '%s\n' "$case_" > case.txt; fi
