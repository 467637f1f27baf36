#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same SQL asked by four principals, their answers, and how to ask yourself. Needs build/release/majed and demo/.
set -euo pipefail
cd "$(dirname "$0")/.."

majed=build/release/majed
build/release/majed demo --config demo/majed.toml

cat demo/LOGINS.txt
key=$(sed -n 's/.*API key *//p' demo/LOGINS.txt)
cat <<TEXT

Ask yourself, in a terminal:

  $majed query --config demo/majed.toml --as nora 'SELECT * FROM ORDERS ORDER BY ORDER_DATE DESC LIMIT 5'

or over HTTP while $majed serve --config demo/majed.toml runs:

  curl -s http://127.0.0.1:8080/api/v1/query -H 'X-API-Key: $key' \\
       -H 'Content-Type: application/json' -d '{"sql":"SELECT STATUS, count(*) FROM ORDERS GROUP BY STATUS"}'

TEXT
