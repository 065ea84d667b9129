{{/* What is said after an install; given the root, of this chart or of one that holds it. */}}
{{- define "vexa.notes" -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is installed as "{{ .Release.Name }}" in the namespace "{{ .Release.Namespace }}".

  Page and API    {{ include "vexa.publicUrl" . }}
  Is it ready?    kubectl -n {{ .Release.Namespace }} get pods
                  helm -n {{ .Release.Namespace }} test {{ .Release.Name }}
  Temporal        {{ include "vexa.temporalAddress" . }}, namespace "{{ .Values.temporal.namespace }}"
  Audio           {{ if .Values.audio.s3.bucket }}bucket {{ .Values.audio.s3.bucket }}{{ else }}volume {{ default (printf "%s-audio" (include "vexa.fullname" .)) .Values.audio.volume.existingClaim }}{{ end }}
  Whisper         {{ include "vexa.whisperUrl" . }}

Secrets are read from "{{ .Values.secrets.existingSecret }}" and "{{ include "vexa.keysSecret" . }}".
{{- if not .Values.secrets.keysSecret }} The second was made by this chart
and holds what encrypts stored passcodes: keep a copy of it where your back-ups are.
{{- end }}
{{- if not .Values.temporal.address }}

temporal.address is empty: Temporal is expected in this release, as helm/vexa-with-temporal installs it.
{{- end }}
{{- if not .Values.networkPolicy.enabled }}

Network policies are off: every pod of the cluster can reach PostgreSQL and Redis.
{{- end }}

Pods wait for what is missing and begin by themselves. Troubleshooting by symptom: docs/operations.md.
{{- end }}
