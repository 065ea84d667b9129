import {
  BatchV1Api,
  CoreV1Api,
  createConfiguration,
  KubeConfig,
  ServerConfiguration,
  type Configuration,
} from '@kubernetes/client-node';

/** A Kubernetes cluster, and how it is spoken to. */
export interface Cluster {
  config: KubeConfig;
  batch: BatchV1Api;
  core: CoreV1Api;
  /** The namespace this process is in, or that of the configuration file. */
  ownNamespace: string;
}

/** The library itself waits without end. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Opens the cluster by a kubeconfig file, or by the service account of this pod without one. */
export function openCluster(kubeconfigFile: string | undefined): Cluster {
  const config = new KubeConfig();
  if (kubeconfigFile === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfigFile);
  const configuration = configureRequests(config);
  return {
    config,
    batch: new BatchV1Api(configuration),
    core: new CoreV1Api(configuration),
    ownNamespace: config.getContextObject(config.getCurrentContext())?.namespace ?? 'default',
  };
}

function configureRequests(config: KubeConfig): Configuration {
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('Expected the address of a Kubernetes API server');
  return createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        pre(context) {
          context.setSignal(AbortSignal.timeout(REQUEST_TIMEOUT_MS));
          return Promise.resolve(context);
        },
        post: (context) => Promise.resolve(context),
      },
    ],
  });
}

/** The HTTP status the API server refused with; null when it was something else that failed. */
export function readRefusal(error: unknown): number | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
    ? error.code
    : null;
}

/** What the API server says about a refusal, without the request and its headers. */
export function describeRefusal(error: unknown): string {
  const body: unknown = error instanceof Error && 'body' in error ? error.body : null;
  const status: unknown = typeof body === 'string' ? parseJson(body) : body;
  const isStatus = typeof status === 'object' && status !== null && 'message' in status;
  if (isStatus && typeof status.message === 'string') return status.message;
  return error instanceof Error ? error.message : String(error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
