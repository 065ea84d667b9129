{{/* The pod of Pod Security "restricted": given (list $ user). */}}
{{- define "vexa.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ index . 1 }}
runAsGroup: {{ index . 1 }}
fsGroup: {{ index . 1 }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "vexa.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "vexa.pullSecrets" -}}
{{- with .Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Away from its own kind, on other nodes and zones where there are: given (list $ component). */}}
{{- define "vexa.spread" -}}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "vexa.selector" . | nindent 14 }}
      - weight: 50
        podAffinityTerm:
          topologyKey: topology.kubernetes.io/zone
          labelSelector:
            matchLabels:
              {{- include "vexa.selector" . | nindent 14 }}
{{- end }}

{{/* Where a pod may run: given values with nodeSelector, tolerations, priorityClassName. */}}
{{- define "vexa.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end }}

{{/* What a process of ours may write, and what it is given: given (list $ hasAudio). */}}
{{- define "vexa.mounts" -}}
{{- $ := index . 0 -}}
- { name: tmp, mountPath: /tmp }
{{- if and (index . 1) (not $.Values.audio.s3.bucket) }}
- { name: audio, mountPath: /var/lib/vexa/audio }
{{- end }}
{{- if $.Values.caBundle.configMap }}
- { name: ca, mountPath: /etc/vexa/ca, readOnly: true }
{{- end }}
{{- end }}

{{- define "vexa.volumes" -}}
{{- $ := index . 0 -}}
- name: tmp
  emptyDir: {}
{{- if and (index . 1) (not $.Values.audio.s3.bucket) }}
- name: audio
  persistentVolumeClaim:
    claimName: {{ default (printf "%s-audio" (include "vexa.fullname" $)) $.Values.audio.volume.existingClaim }}
{{- end }}
{{- if $.Values.caBundle.configMap }}
- name: ca
  configMap:
    name: {{ $.Values.caBundle.configMap }}
{{- end }}
{{- end }}

{{/* Restarts a process that is gone, and not one that is busy: five minutes without any answer. */}}
{{- define "vexa.liveness" -}}
httpGet: { path: {{ index . 0 }}, port: {{ index . 1 }} }
periodSeconds: 30
timeoutSeconds: 30
failureThreshold: 10
{{- end }}

{{- define "vexa.setUpTemporal.pod" -}}
metadata:
  labels:
    {{- include "vexa.labels" (list $ "set-up-temporal") | nindent 4 }}
spec:
  restartPolicy: OnFailure
  serviceAccountName: {{ include "vexa.fullname" . }}-worker
  automountServiceAccountToken: false
  enableServiceLinks: false
  securityContext:
    {{- include "vexa.podSecurity" (list $ 10001) | nindent 4 }}
  {{- include "vexa.pullSecrets" . | nindent 2 }}
  {{- include "vexa.placement" .Values.workerPods | nindent 2 }}
  containers:
    - name: set-up-temporal
      image: {{ include "vexa.image" (list $ "app") | quote }}
      imagePullPolicy: {{ .Values.images.pullPolicy }}
      command: [node, --enable-source-maps, dist/workers/set-up-temporal.js]
      securityContext:
        {{- include "vexa.containerSecurity" . | nindent 8 }}
      env:
        {{- include "vexa.env.node" . | nindent 8 }}
        {{- include "vexa.env.temporal" . | nindent 8 }}
      resources:
        {{- toYaml .Values.migrations.resources | nindent 8 }}
      volumeMounts:
        {{- include "vexa.mounts" (list $ false) | nindent 8 }}
  volumes:
    {{- include "vexa.volumes" (list $ false) | nindent 4 }}
{{- end }}
