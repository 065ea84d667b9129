{{/*
Who may speak with whom, by component; everything else is refused. `to` is a component of this
chart, or a place: `internet` and the networks `alsoTo`, `outside` (networkPolicy.externalCidrs), `kubernetes-api`; `from` is
a list of components, or the namespaces `ingress-namespace` and `monitoring-namespace`.
*/}}
{{- define "vexa.flows" -}}
{{- $workers := list }}
{{- range $queue, $_ := .Values.workers }}{{ $workers = append $workers (printf "worker-%s" $queue) }}{{ end }}
{{- $processes := prepend $workers "api" }}
{{- $stored := append $processes "migrate" }}
{{- $talkers := append $processes "set-up-temporal" }}
flows:
  - { name: ingress-to-api, from: [ingress-namespace], to: api, ports: [8000] }
  - { name: bots-to-api, from: [bot], to: api, ports: [8000] }
  - { name: launcher-to-api, from: [worker-bots], to: api, ports: [8000] }
  - { name: launcher-to-kubernetes, from: [worker-bots], to: kubernetes-api, ports: {{ toJson .Values.networkPolicy.kubernetesApi.ports }} }
  - { name: bots-to-internet, from: [bot], to: internet, ports: [], alsoTo: {{ toJson .Values.bots.allowedCidrs }} }
  - { name: processes-to-internet, from: [api, worker-whisper, worker-analysis], to: internet, ports: [443] }
  - { name: webhooks-to-internet, from: [worker-delivery], to: internet, ports: {{ toJson .Values.networkPolicy.webhookPorts }}, alsoTo: {{ toJson .Values.outgoing.allowedCidrs }} }
  {{- if .Values.outgoing.allowedCidrs }}
  - { name: join-tokens, from: [api], to: internet, ports: {{ toJson .Values.networkPolicy.webhookPorts }}, alsoTo: {{ toJson .Values.outgoing.allowedCidrs }} }
  {{- end }}
  - { name: monitoring-to-api, from: [monitoring-namespace], to: api, ports: [8000] }
  - { name: test-to-api, from: [test], to: api, ports: [8000] }
  {{- range $workers }}
  - { name: monitoring-to-{{ . }}, from: [monitoring-namespace], to: {{ . }}, ports: [8001] }
  {{- end }}
  {{- if .Values.web.enabled }}
  - { name: ingress-to-web, from: [ingress-namespace], to: web, ports: [3000] }
  - { name: web-to-api, from: [web], to: api, ports: [8000] }
  - { name: web-to-internet, from: [web], to: internet, ports: [443] }
  - { name: test-to-web, from: [test], to: web, ports: [3000] }
  {{- end }}
  {{- if .Values.postgresql.enabled }}
  - { name: processes-to-postgresql, from: {{ toJson $stored }}, to: postgresql, ports: [5432] }
  {{- else }}
  - { name: processes-to-postgresql, from: {{ toJson $stored }}, to: outside, ports: [{{ .Values.database.port }}] }
  {{- end }}
  {{- if .Values.redis.enabled }}
  - { name: processes-to-redis, from: {{ toJson $processes }}, to: redis, ports: [6379] }
  {{- else }}
  {{- $ports := list .Values.redisConnection.port }}
  {{- range .Values.redisConnection.sentinels }}{{ $ports = append $ports (splitList ":" . | last | int) }}{{ end }}
  - { name: processes-to-redis, from: {{ toJson $processes }}, to: outside, ports: {{ uniq $ports | toJson }} }
  {{- end }}
  {{- if .Values.temporal.address }}
  - { name: processes-to-temporal, from: {{ toJson $talkers }}, to: outside, ports: [{{ splitList ":" .Values.temporal.address | last }}] }
  {{- else }}
  - { name: processes-to-temporal, from: {{ toJson $talkers }}, to: temporal, ports: [7233] }
  {{- end }}
  {{- if .Values.audio.s3.bucket }}
  {{- $s3Port := "443" }}
  {{- with .Values.audio.s3.endpoint }}{{ $s3Port = include "vexa.portOf" . }}{{ end }}
  - { name: processes-to-audio-store, from: {{ toJson $processes }}, to: outside, ports: [{{ $s3Port }}] }
  {{- end }}
  {{- with .Values.analysis.baseUrl }}
  - { name: worker-to-models, from: [worker-analysis], to: outside, ports: [{{ include "vexa.portOf" . }}] }
  {{- end }}
  {{- with .Values.settings.TTS_URL }}
  - { name: api-to-speech, from: [api], to: outside, ports: [{{ include "vexa.portOf" . }}] }
  {{- end }}
  {{- if .Values.whisper.url }}
  - { name: worker-to-whisper, from: [worker-whisper], to: outside, ports: [{{ include "vexa.portOf" .Values.whisper.url }}] }
  {{- else if .Values.whisper.server.enabled }}
  - { name: worker-to-whisper, from: [worker-whisper], to: whisper, ports: [8005] }
  {{- end }}
{{- end }}

{{/* The port that an address like https://example.com/path leads to. */}}
{{- define "vexa.portOf" -}}
{{- regexFind ":[0-9]+$" (urlParse .).host | trimPrefix ":" | default (ternary "80" "443" (hasPrefix "http://" .)) -}}
{{- end }}

{{- define "vexa.ports" -}}
{{- if . }}
ports:
  {{- range . }}
  - { protocol: TCP, port: {{ . }} }
  {{- end }}
{{- end }}
{{- end }}

{{/* Selects pods of this release: given (list $ components). */}}
{{- define "vexa.podsOf" -}}
{{- $ := index . 0 -}}
matchLabels:
  app.kubernetes.io/name: {{ include "vexa.name" $ }}
  app.kubernetes.io/instance: {{ $.Release.Name }}
matchExpressions:
  - { key: app.kubernetes.io/component, operator: In, values: {{ toJson (index . 1) }} }
{{- end }}

{{- define "vexa.temporalPods" -}}
matchLabels:
  app.kubernetes.io/name: temporal
  app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
