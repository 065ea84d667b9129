import type { Analyser } from './analyser';
import { createLocalAnalyser } from './local/local-analyser';
import { createOpenAiAnalyser } from './openai/openai-analyser';

/** The part of the settings that says who analyses. */
export interface AnalyserSettings {
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  OPENAI_MODEL: string;
  OPENAI_CONTEXT_TOKENS: number;
}

/** The language model when there is a key for one, else this machine. */
export function createAnalyser(settings: AnalyserSettings): Analyser {
  if (settings.OPENAI_API_KEY === undefined) return createLocalAnalyser();
  return createOpenAiAnalyser({
    apiKey: settings.OPENAI_API_KEY,
    baseUrl: settings.OPENAI_BASE_URL,
    model: settings.OPENAI_MODEL,
    contextTokens: settings.OPENAI_CONTEXT_TOKENS,
  });
}
