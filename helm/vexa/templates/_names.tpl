{{- define "vexa.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "vexa.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else -}}
{{- $name := include "vexa.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* What selects pods: given (list $ component). */}}
{{- define "vexa.selector" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: {{ include "vexa.name" $ }}
app.kubernetes.io/instance: {{ $.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of every object: given (list $ component). */}}
{{- define "vexa.labels" -}}
{{- $ := index . 0 -}}
{{ include "vexa.selector" . }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
app.kubernetes.io/part-of: {{ include "vexa.name" $ }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{/* An image of ours: given (list $ name), name in values' images. */}}
{{- define "vexa.image" -}}
{{- $ := index . 0 -}}
{{- $image := index $.Values.images (index . 1) -}}
{{- $isOwn := has (index . 1) (list "app" "bot" "web" "whisper") -}}
{{- $prefix := ternary (printf "%s/" (trimSuffix "/" $.Values.images.registry)) "" (and $isOwn (ne $.Values.images.registry "")) -}}
{{- $version := ternary (printf "@%s" $image.digest) (printf ":%s" (default $.Chart.AppVersion $image.tag)) (ne $image.digest "") -}}
{{- printf "%s%s%s" $prefix $image.repository $version -}}
{{- end }}

{{- define "vexa.databaseHost" -}}
{{- if .Values.postgresql.enabled }}{{ include "vexa.fullname" . }}-postgresql{{ else }}{{ required "database.host is needed where postgresql.enabled is false" .Values.database.host }}{{ end }}
{{- end }}

{{- define "vexa.redisHost" -}}
{{- if .Values.redis.enabled }}{{ include "vexa.fullname" . }}-redis{{ else if .Values.redisConnection.sentinels }}sentinel{{ else }}{{ required "redisConnection.host or redisConnection.sentinels is needed where redis.enabled is false" .Values.redisConnection.host }}{{ end }}
{{- end }}

{{- define "vexa.temporalAddress" -}}
{{- default (printf "%s-temporal-frontend:7233" .Release.Name) .Values.temporal.address }}
{{- end }}

{{- define "vexa.keysSecret" -}}
{{- default (printf "%s-keys" (include "vexa.fullname" .)) .Values.secrets.keysSecret }}
{{- end }}

{{- define "vexa.whisperUrl" -}}
{{- if .Values.whisper.url }}{{ .Values.whisper.url }}{{ else if .Values.whisper.server.enabled }}http://{{ include "vexa.fullname" . }}-whisper:8005{{ else }}https://api.runpod.ai/v2/$(RUNPOD_ENDPOINT_ID){{ end }}
{{- end }}

{{- define "vexa.publicUrl" -}}
https://{{ required "host is needed: the public name that people open" .Values.host }}
{{- end }}
