import { createHash } from 'node:crypto';
import { z } from 'zod';
import { analysisContentSchema, type AnalysisContent } from '../../../domain/analysis';
import { checkCitations } from '../../../domain/citations';
import { AnalyserError, type AnalysisTask } from '../analyser';
import type { ChatMessage, ChatModel } from './chat-model';
import type { Prompt } from './prompt';

const partSchema = z.object({ content: analysisContentSchema, dropped: z.int() });

/** A sound analysis of one prompt: `dropped` claims cited what does not exist. */
export type Part = z.infer<typeof partSchema>;

/** Question or answer are longer than the model can take. */
export class TooLongForModelError extends Error {
  override readonly name = 'TooLongForModelError';
}

/** Answers that may be of no use before the model is given up. */
const MAX_ANSWERS = 3;

/**
 * Asks a model for an analysis that cites only `known` segments. An answer that is not in the
 * agreed form is asked for again; one that cites others is asked for again once, then the claims
 * that do are dropped. Kept in the notebook under the prompt's hash.
 */
export async function askForAnalysis(
  model: ChatModel,
  task: AnalysisTask,
  { prompt, known }: { prompt: Prompt; known: ReadonlySet<number> },
): Promise<Part> {
  const hash = createHash('sha256')
    .update(JSON.stringify([model.host, model.name, prompt]))
    .digest('hex');
  const kept = partSchema.safeParse(await task.notebook.find(hash));
  if (kept.success) return kept.data;
  const part = await converse(model, task, { prompt, known });
  await task.notebook.save(hash, part);
  return part;
}

async function converse(
  model: ChatModel,
  { notebook, signal }: AnalysisTask,
  { prompt, known }: { prompt: Prompt; known: ReadonlySet<number> },
): Promise<Part> {
  const question: ChatMessage[] = [
    { role: 'system', content: prompt.system },
    { role: 'user', content: prompt.user },
  ];
  let messages = question;
  let hasAskedForCitations = false;
  for (let answers = 0; answers < MAX_ANSWERS; answers += 1) {
    const answer = await model.ask(messages, signal);
    await notebook.addTokens(answer.use);
    if (answer.kind === 'too_long') throw new TooLongForModelError();
    if (answer.kind === 'refusal') {
      messages = question;
      continue;
    }
    const content = parseContent(answer.text);
    if (content === null) {
      messages = question;
      continue;
    }
    const checked = checkCitations(content, known);
    if (checked.dropped === 0 || hasAskedForCitations) return checked;
    hasAskedForCitations = true;
    messages = [
      ...question,
      { role: 'assistant', content: answer.text },
      { role: 'user', content: complain(checked.unknownIds) },
    ];
  }
  throw new AnalyserError(
    'refused',
    `The language model ${model.name} declined, or gave no answer in the agreed form, ${MAX_ANSWERS} times.`,
  );
}

function parseContent(text: string): AnalysisContent | null {
  try {
    return analysisContentSchema.parse(JSON.parse(text));
  } catch {
    // Not JSON, or JSON of another form: either way there is nothing to use.
    return null;
  }
}

function complain(unknownIds: readonly number[]): string {
  const wrong = unknownIds.length > 0 ? `These ids do not exist: ${unknownIds.join(', ')}. ` : '';
  return `${wrong}Each statement must cite at least one id, and only ids that occur in the data. Answer again in full.`;
}
