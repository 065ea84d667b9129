{{/* A variable from the operator's Secret: given (list $ variable key isOptional). */}}
{{- define "vexa.secretVariable" -}}
{{- $ := index . 0 -}}
- name: {{ index . 1 }}
  valueFrom:
    secretKeyRef:
      name: {{ $.Values.secrets.existingSecret }}
      key: {{ index $.Values.secrets.keys (index . 2) }}
      {{- if index . 3 }}
      optional: true
      {{- end }}
{{- end }}

{{- define "vexa.env.database" -}}
- name: DATABASE_URL
  value: {{ printf "postgresql://%s@%s:%v/%s%s" .Values.database.user (include "vexa.databaseHost" .) (ternary 5432 .Values.database.port .Values.postgresql.enabled) .Values.database.name (ternary "" (printf "?sslmode=%s" (ternary "no-verify" .Values.database.sslMode (eq .Values.database.sslMode "require"))) (eq .Values.database.sslMode "disable")) | quote }}
{{ include "vexa.secretVariable" (list . "DATABASE_PASSWORD" "databasePassword" false) }}
{{- end }}

{{- define "vexa.env.temporal" -}}
- name: TEMPORAL_ADDRESS
  value: {{ include "vexa.temporalAddress" . | quote }}
- name: TEMPORAL_NAMESPACE
  value: {{ .Values.temporal.namespace | quote }}
{{- if .Values.temporal.tls }}
- name: TEMPORAL_TLS
  value: 'true'
{{- end }}
{{- if .Values.temporal.apiKey }}
{{ include "vexa.secretVariable" (list . "TEMPORAL_API_KEY" "temporalApiKey" false) }}
{{- end }}
{{- end }}

{{- define "vexa.env.redis" -}}
- name: REDIS_URL
  value: {{ printf "%s://%s:%v" (ternary "rediss" "redis" (and .Values.redisConnection.tls (not .Values.redis.enabled))) (include "vexa.redisHost" .) (ternary 6379 .Values.redisConnection.port .Values.redis.enabled) | quote }}
{{- if or .Values.redis.enabled .Values.redisConnection.password }}
{{ include "vexa.secretVariable" (list . "REDIS_PASSWORD" "redisPassword" false) }}
{{- end }}
{{- if and .Values.redisConnection.sentinels (not .Values.redis.enabled) }}
- name: REDIS_SENTINELS
  value: {{ join "," .Values.redisConnection.sentinels | quote }}
- name: REDIS_SENTINEL_MASTER
  value: {{ .Values.redisConnection.sentinelMaster | quote }}
{{- if .Values.redisConnection.sentinelPassword }}
{{ include "vexa.secretVariable" (list . "REDIS_SENTINEL_PASSWORD" "redisSentinelPassword" false) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "vexa.env.audio" -}}
{{- with .Values.audio.s3 }}
{{- if .bucket -}}
- name: S3_BUCKET
  value: {{ .bucket | quote }}
- name: S3_REGION
  value: {{ .region | quote }}
{{- if .endpoint }}
- name: S3_ENDPOINT
  value: {{ .endpoint | quote }}
{{- end }}
{{ include "vexa.secretVariable" (list $ "S3_ACCESS_KEY_ID" "s3AccessKeyId" true) }}
{{ include "vexa.secretVariable" (list $ "S3_SECRET_ACCESS_KEY" "s3SecretAccessKey" true) }}
{{- else -}}
- name: AUDIO_DIR
  value: /var/lib/vexa/audio
{{- end }}
{{- end }}
{{- end }}

{{/* What every process of ours in Node is told. */}}
{{- define "vexa.env.node" -}}
- name: NODE_ENV
  value: production
- name: LOG_LEVEL
  value: {{ .Values.logLevel }}
{{- if .Values.caBundle.configMap }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/vexa/ca/{{ .Values.caBundle.key }}
{{- end }}
{{- end }}

{{/* Variables that are left out where their value is null. */}}
{{- define "vexa.env.counts" -}}
{{- range $variable, $value := . }}
{{- if not (kindIs "invalid" $value) }}
- name: {{ $variable }}
  value: {{ int64 $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Variables that are left out where they hold nothing. */}}
{{- define "vexa.env.lists" -}}
{{- range $variable, $values := . }}
{{- if $values }}
- name: {{ $variable }}
  value: {{ join "," $values | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* What api and workers share. */}}
{{- define "vexa.env.common" -}}
{{ include "vexa.env.node" . }}
{{ include "vexa.env.database" . }}
- name: DATABASE_MAX_CONNECTIONS
  value: {{ .Values.database.maxConnections | quote }}
{{ include "vexa.env.redis" . }}
{{ include "vexa.env.temporal" . }}
{{- if .Values.temporal.uiUrl }}
- name: TEMPORAL_UI_URL
  value: {{ .Values.temporal.uiUrl | quote }}
{{- end }}
- name: API_URL
  value: {{ include "vexa.publicUrl" . | quote }}
{{- range $variable, $key := dict "BOT_TOKEN_SECRET" "bot-token-secret" "ENCRYPTION_KEY" "encryption-key" "ENCRYPTION_OLD_KEYS" "encryption-old-keys" }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ include "vexa.keysSecret" $ }}
      key: {{ $key }}
      {{- if eq $variable "ENCRYPTION_OLD_KEYS" }}
      optional: true
      {{- end }}
{{- end }}
{{ include "vexa.env.audio" . }}
{{- include "vexa.env.counts" (dict "MAX_CONCURRENT_BOTS" .Values.limits.concurrentBots "MAX_BOT_MINUTES_PER_MONTH" .Values.limits.botMinutesPerMonth) }}
{{- include "vexa.env.lists" (dict "OUTGOING_ALLOWED_HOSTS" .Values.outgoing.allowedHosts "BOT_ALLOWED_ORIGINS" .Values.bots.allowedOrigins) }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}

{{/* Given (list $ needsKey): Clerk's part for Next takes no session without its secret key. */}}
{{- define "vexa.env.clerk" -}}
{{- $needsKey := index . 1 -}}
{{- with index . 0 -}}
- name: AUTH_MODE
  value: clerk
{{ include "vexa.secretVariable" (list . "CLERK_PUBLISHABLE_KEY" "clerkPublishableKey" false) }}
{{ include "vexa.secretVariable" (list . "CLERK_SECRET_KEY" "clerkSecretKey" (not $needsKey)) }}
{{ include "vexa.secretVariable" (list . "CLERK_JWT_KEY" "clerkJwtKey" true) }}
- name: CLERK_AUTHORIZED_PARTIES
  value: {{ include "vexa.publicUrl" . | quote }}
{{- end }}
{{- end }}

{{- define "vexa.env.api" -}}
- name: API_HOST
  value: 0.0.0.0
- name: API_PORT
  value: '8000'
- name: TRUST_PROXY
  value: {{ .Values.api.trustProxy | quote }}
- name: MAX_UPLOAD_BYTES
  value: {{ int64 .Values.api.maxUploadBytes | quote }}
- name: ADMIN_ROLE_CLAIM
  value: {{ .Values.admins.roleClaim | quote }}
- name: ADMIN_REQUIRES_SECOND_FACTOR
  value: {{ .Values.admins.requireSecondFactor | quote }}
{{- if .Values.web.url }}
- name: WEB_URL
  value: {{ .Values.web.url | quote }}
{{- end }}
{{- include "vexa.env.lists" (dict "CORS_ORIGINS" .Values.api.corsOrigins "MCP_OAUTH_SCOPES" .Values.api.mcpOAuthScopes) }}
{{- if .Values.monitoring.metricsToken }}
{{ include "vexa.secretVariable" (list . "METRICS_TOKEN" "metricsToken" false) }}
{{- end }}
{{ include "vexa.env.clerk" (list . false) }}
{{ include "vexa.secretVariable" (list . "CLERK_WEBHOOK_SECRET" "clerkWebhookSecret" true) }}
{{ include "vexa.secretVariable" (list . "ADMIN_API_KEYS" "adminApiKeys" true) }}
{{ include "vexa.secretVariable" (list . "OUTGOING_SIGNING_SECRET" "outgoingSigningSecret" true) }}
{{- if .Values.settings.TTS_URL }}
{{ include "vexa.secretVariable" (list . "TTS_API_KEY" "ttsApiKey" false) }}
{{- end }}
{{- end }}

{{/* Of a worker: given (list $ queue). */}}
{{- define "vexa.env.worker" -}}
{{- $ := index . 0 -}}
{{- $queue := index . 1 -}}
- name: WORKER_METRICS_PORT
  value: '8001'
{{- include "vexa.env.counts" (dict "BOT_SLOTS" $.Values.bots.slots.total "BOT_SLOTS_PER_USER" $.Values.bots.slots.perUser) }}
{{- if contains "RUNPOD_ENDPOINT_ID" (include "vexa.whisperUrl" $) }}
{{ include "vexa.secretVariable" (list $ "RUNPOD_ENDPOINT_ID" "whisperEndpointId" false) }}
{{- end }}
- name: WHISPER_URL
  value: {{ include "vexa.whisperUrl" $ | quote }}
{{- if eq $queue "whisper" }}
{{ include "vexa.secretVariable" (list $ "WHISPER_API_KEY" "whisperApiKey" true) }}
- name: WHISPER_CONCURRENCY
  value: {{ $.Values.whisper.concurrency | quote }}
{{- if $.Values.whisper.model }}
- name: WHISPER_MODEL
  value: {{ $.Values.whisper.model | quote }}
{{- end }}
{{- end }}
{{- if eq $queue "analysis" }}
{{ include "vexa.secretVariable" (list $ "OPENAI_API_KEY" "openaiApiKey" (eq $.Values.analysis.baseUrl "")) }}
{{- if $.Values.analysis.baseUrl }}
- name: OPENAI_BASE_URL
  value: {{ $.Values.analysis.baseUrl | quote }}
{{- end }}
- name: OPENAI_MODEL
  value: {{ $.Values.analysis.model | quote }}
{{- end }}
- name: BOT_LAUNCHER
  value: kubernetes
- name: BOT_IMAGE
  value: {{ include "vexa.image" (list $ "bot") | quote }}
{{- if eq $queue "bots" }}
{{ include "vexa.env.bots" $ }}
{{- end }}
{{- end }}

{{/* How the launcher makes the bots' Jobs. */}}
{{- define "vexa.env.bots" -}}
- name: BOT_API_URL
  value: http://{{ include "vexa.fullname" . }}-api:8000
- name: BOT_NAMESPACE
  value: {{ .Release.Namespace }}
- name: BOT_IMAGE_PULL_POLICY
  value: {{ .Values.images.pullPolicy }}
{{- if .Values.images.pullSecrets }}
- name: BOT_IMAGE_PULL_SECRETS
  value: {{ join "," .Values.images.pullSecrets | quote }}
{{- end }}
- name: BOT_SERVICE_ACCOUNT
  value: {{ include "vexa.fullname" . }}-bot
- name: BOT_LABELS
  value: {{ merge (include "vexa.selector" (list . "bot") | fromYaml) .Values.bots.labels | toJson | quote }}
- name: BOT_SHM_SIZE
  value: {{ .Values.bots.shmSize | quote }}
- name: BOT_SPOOL_SIZE
  value: {{ .Values.bots.spoolSize | quote }}
- name: BOT_JOB_TTL_SECONDS
  value: {{ .Values.bots.jobTtlSeconds | quote }}
{{- range $variable, $value := dict "BOT_RESOURCES" .Values.bots.resources "BOT_ANNOTATIONS" .Values.bots.annotations "BOT_NODE_SELECTOR" .Values.bots.nodeSelector "BOT_TOLERATIONS" .Values.bots.tolerations }}
{{- if $value }}
- name: {{ $variable }}
  value: {{ toJson $value | quote }}
{{- end }}
{{- end }}
{{- if .Values.bots.priorityClassName }}
- name: BOT_PRIORITY_CLASS
  value: {{ .Values.bots.priorityClassName | quote }}
{{- end }}
{{- if .Values.bots.selectorsConfigMap }}
- name: BOT_SELECTORS_CONFIG_MAP
  value: {{ .Values.bots.selectorsConfigMap | quote }}
{{- end }}
{{- end }}
