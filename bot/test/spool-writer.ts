import { Spool } from '../src/spool/spool';

/** Writes chunks until it is killed, and says each that is safe on disk. */
async function main(): Promise<void> {
  const spool = await Spool.open(String(process.argv[2]));
  const first = Number(process.argv[3]);
  for (let seq = first; ; seq += 1) {
    const wav = Buffer.alloc(60_000, seq % 251);
    await spool.add(
      { track: 'run-1', seq, startAtMs: seq, endAtMs: seq + 1, participant: null },
      wav,
    );
    await spool.updateState({ reportSeq: seq });
    process.stdout.write(`${seq}\n`);
  }
}

void main();
