import fs from 'node:fs';
import path from 'node:path';
import { createDatabase, type Database } from '../../infra/database/client';
import { DemoApiClient } from '../../temporal-dev/demo/api-client';
import { makeSessionToken } from '../api-server';
import { findChromium } from '../chromium-path';
import { makeClusterDns } from './cluster-dns';
import { startControlPlane, type ControlPlane } from './control-plane';
import { ImageMaker } from './images';
import { HOST, installChart, startRoom, type Installation } from './installation';
import { API_ADDRESS, openBridge, startNodeNetwork } from './node-network';
import { findBusybox, prepareContainerd, startRealKubelet, type RealKubelet } from './real-kubelet';

/** A cluster on this machine with the chart and the practice room in it, whose policies hold. */
export interface RealCluster {
  plane: ControlPlane;
  kubelet: RealKubelet;
  roomUrl: string;
  installed: Installation;
  db: Database;
  /** Somebody's program, from outside of the cluster. */
  api: DemoApiClient;
  /** For people: their page is not on `localhost`, and asks for the microphone. */
  chromiumPath: string;
  close(): Promise<void>;
}

/** Releases what it has opened, the last first, also when it fails half-way. */
export async function openRealCluster(): Promise<RealCluster> {
  const closing: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const release of closing.splice(0).reverse()) await release();
  };
  try {
    return { ...(await openParts(closing)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openParts(closing: (() => unknown)[]): Promise<Omit<RealCluster, 'close'>> {
  const bridge = openBridge();
  closing.push(() => bridge.close());
  const plane = await startControlPlane(API_ADDRESS);
  closing.push(() => plane.stop());
  const busybox = findBusybox(await prepareContainerd());
  const kubelet = await startRealKubelet(plane);
  closing.push(() => kubelet.stop());
  // both parts ask what the node's address is
  const network = await startNodeNetwork(plane);
  closing.push(() => network.stop());
  await network.enforcePolicies();
  const dns = await makeClusterDns(plane, busybox);
  closing.push(() => dns.close());
  kubelet.load(dns.image);
  await dns.start();

  const { directory } = plane;
  const images = new ImageMaker(directory, busybox);
  kubelet.load(images.writeRoom());
  const roomUrl = await startRoom(plane);
  kubelet.load(images.writeBot(roomUrl));
  kubelet.load(images.writeApp(process.env.FFMPEG_PATH ?? ''));
  const installed = await installChart(plane, roomUrl);
  closing.push(() => installed.close());
  const db = createDatabase({ url: installed.databaseUrl });
  closing.push(() => db.close());
  const api = new DemoApiClient(installed.apiUrl);
  api.use(await makeSessionToken({ azp: `https://${HOST}`, lifetimeSeconds: 7_200 }));
  return {
    ...{ plane, kubelet, roomUrl, installed, db, api },
    chromiumPath: writeBrowser(directory, roomUrl),
  };
}

function writeBrowser(folder: string, origin: string): string {
  const script = path.join(folder, 'browser');
  const flag = `--unsafely-treat-insecure-origin-as-secure=${origin}`;
  fs.writeFileSync(script, `#!/bin/sh\nexec ${findChromium()} ${flag} "$@"\n`, { mode: 0o755 });
  return script;
}
