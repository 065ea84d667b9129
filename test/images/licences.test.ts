import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../temporal-dev/folders';

interface LockedPackage {
  license?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  peer?: boolean;
}

/** Licences that ask for a notice at most. */
const FREE =
  /^\(?(MIT|ISC|0BSD|Unlicense|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|Python-2\.0|CC-BY-4\.0)( (AND|and|OR) (MIT|ISC|Apache-2\.0|BSD-[23]-Clause))*\)?$/;

/** Looked at by hand: these say it elsewhere, or are used unchanged as their licence wants. */
const KNOWN: Record<string, string> = {
  'combine-errors': 'MIT by its README',
  'dejavu-fonts-ttf': 'the Bitstream Vera licence: fonts that may be embedded',
  elkjs: 'EPL-2.0, unchanged; a part of Prisma’s own program, which no image holds',
  'png-js': 'MIT by its LICENSE',
  'seq-queue': 'MIT by its LICENSE',
  unionfs: 'Unlicense by its LICENSE',
};

/** The packages that run, by the lock file: images hold no others. */
function listPackages(): [string, string][] {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return Object.entries(packages).flatMap(([place, { license, ...how }]): [string, string][] => {
    const name = place.split('node_modules/').at(-1) ?? '';
    const isOurs = !place.includes('node_modules/') || how.link === true;
    if (isOurs || how.dev || how.optional || how.peer) return [];
    return [[name, license ?? 'none']];
  });
}

test('every package that runs has a licence that asks for a notice at most, or was looked at', () => {
  const packages = listPackages();
  expect(packages.length).toBeGreaterThan(300);
  const others = packages.filter(([name, licence]) => !FREE.test(licence) && !(name in KNOWN));
  expect(others).toEqual([]);
});
