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

const { botMinutes, audio, whisper, cost, tokens } = usage.head;
const NAMES = [botMinutes, audio, whisper, cost, tokens];

/** The heads of the columns that each table of usage has. */
export function FigureHeads() {
  return NAMES.map((name) => (
    <HeadCell key={name} className="text-right">
      {name}
    </HeadCell>
  ));
}

/** A row's figures. */
export function FigureCells({ figures }: { figures: Figures }) {
  const { audioSeconds, whisperSeconds, whisperCost } = figures;
  const texts = [
    formatNumber(figures.botMinutes, 1),
    formatNumber(audioSeconds / 60, 1),
    formatNumber(whisperSeconds / 60, 1),
    whisperCost === null ? usage.noCost : formatNumber(whisperCost, 2),
    `${formatNumber(figures.inputTokens)} / ${formatNumber(figures.outputTokens)}`,
  ];
  return texts.map((text, index) => (
    <Cell
      key={index}
      name={NAMES[index] ?? ''}
      className="text-right whitespace-nowrap tabular-nums"
    >
      {text}
    </Cell>
  ));
}
