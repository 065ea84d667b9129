import { benchBots } from './bot-bench';
import { benchKills } from './kills-bench';
import { benchPipeline } from './pipeline-bench';
import { benchSearch } from './search-bench';
import { benchTopOfHour } from './top-of-hour-bench';
import { benchUpload } from './upload-bench';
import { benchVoices } from './voices-bench';
import { benchWeb } from './web-bench';

const BENCHES: Record<string, (words: string[]) => Promise<void>> = {
  pipeline: benchPipeline,
  bot: benchBots,
  voices: benchVoices,
  kills: benchKills,
  search: benchSearch,
  'top-of-hour': benchTopOfHour,
  upload: benchUpload,
  web: benchWeb,
};

/** `npm run bench -- <name>`: measures, prints, and writes its section of docs/benchmarks.md. */
async function main(): Promise<void> {
  const [name = '', ...words] = process.argv.slice(2);
  const bench = BENCHES[name];
  if (!bench) {
    throw new Error(`Expected one of ${Object.keys(BENCHES).join(', ')}, got ${name || 'nothing'}`);
  }
  await bench(words);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
