import { usage } from '@/strings/usage';
import { Cell, HeadCell } from '@/ui/table';
import { formatNumber } from './months';

export interface Figures {
  botMinutes: number;
  audioSeconds: number;
  whisperSeconds: number;
  whisperCost: number | null;
  inputTokens: number;
  outputTokens: number;
}

/** The heads of the columns that each table of usage has. */
export function FigureHeads() {
  const { botMinutes, audio, whisper, cost, tokens } = usage.head;
  return [botMinutes, audio, whisper, cost, tokens].map((name) => (
    <HeadCell key={name} className="text-right">
      {name}
    </HeadCell>
  ));
}

/** A row's figures. */
export function FigureCells({ figures }: { figures: Figures }) {
  const { botMinutes, audioSeconds, whisperSeconds, whisperCost } = figures;
  const tokens = `${formatNumber(figures.inputTokens)} / ${formatNumber(figures.outputTokens)}`;
  const texts = [
    formatNumber(botMinutes, 1),
    formatNumber(audioSeconds / 60, 1),
    formatNumber(whisperSeconds / 60, 1),
    whisperCost === null ? usage.noCost : formatNumber(whisperCost, 2),
    tokens,
  ];
  return texts.map((text, index) => (
    <Cell key={index} className="text-right whitespace-nowrap tabular-nums">
      {text}
    </Cell>
  ));
}
