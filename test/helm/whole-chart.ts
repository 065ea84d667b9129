import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../temporal-dev/folders';

/** Stands in for Temporal's chart, which has to be fetched: shows what values it would be given, and
 * has one of its Deployments. */
const STAND_IN = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-temporal-frontend
  labels: &labels
    app.kubernetes.io/name: temporal
    app.kubernetes.io/instance: {{ .Release.Name }}
spec:
  replicas: {{ .Values.server.replicaCount }}
  selector: { matchLabels: *labels }
  template:
    metadata: { labels: *labels }
    spec:
      securityContext: {{ toJson .Values.server.securityContext }}
      containers:
        - name: temporal
          image: temporal
          securityContext: {{ toJson .Values.server.frontend.containerSecurityContext }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: given
data:
  values: {{ .Values | toJson | quote }}
  release: {{ .Release.Name }}
`;

/** The chart with Temporal, complete but for that stand-in, in a folder of the caller's. */
export function writeWholeChart(folder: string): string {
  cpSync(path.join(ROOT, 'helm'), folder, { recursive: true });
  const whole = path.join(folder, 'vexa-with-temporal');
  const { dependencies } = parse(readFileSync(path.join(whole, 'Chart.yaml'), 'utf8')) as {
    dependencies: { name: string; version: string }[];
  };
  const version = dependencies.find(({ name }) => name === 'temporal')?.version;
  const standIn = path.join(whole, 'charts/temporal');
  mkdirSync(path.join(standIn, 'templates'), { recursive: true });
  cpSync(path.join(folder, 'vexa'), path.join(whole, 'charts/vexa'), { recursive: true });
  const chart = `apiVersion: v2\nname: temporal\nversion: ${version}\n`;
  writeFileSync(path.join(standIn, 'Chart.yaml'), chart);
  writeFileSync(path.join(standIn, 'templates/given.yaml'), STAND_IN);
  return whole;
}
