#!/bin/sh
# A backend in ten lines, from docs/rest.md alone: API is https://your.server/v1/{appId}, SECRET the app's secret.
set -eu
call() { curl --fail-with-body -sS -X "$1" "$API$2" -H "Authorization: Bearer $SECRET" -H "Content-Type: application/json" ${3:+-d "$3"}; }
call PUT "/users/$ADA" '{"name":"Ada"}'
call PUT "/users/$BOB" '{"name":"Bob","email":["bob@example.com"],"custom":{"plan":"team"}}'
call PUT "/conversations/$TALK" "{\"subject\":\"Order 391\",\"participants\":[\"$ADA\",\"$BOB\"]}"
call PATCH "/conversations/$TALK/participants/$BOB" '{"notify":false}'
call POST "/conversations/$TALK/messages" '[{"type":"SystemMessage","text":"Ada joined"}]'
call POST "/conversations/$TALK/messages" "[{\"type\":\"UserMessage\",\"sender\":\"$BOB\",\"text\":\"Hello *Ada*, <actionbutton:pay?order=391|pay here>\"}]"
call GET "/conversations/$TALK/messages?limit=1"
