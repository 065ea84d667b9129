import { classes } from '@/ui/classes';

const BARS = 32;

/** How loud it is right now, as a row of bars. */
export function LevelMeter({ level, label }: { level: number; label: string }) {
  const lit = Math.round(level * BARS);
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
      className="flex h-6 items-center gap-1"
    >
      {Array.from({ length: BARS }, (_, index) => (
        <span
          key={index}
          aria-hidden
          className={classes(
            'h-full flex-1 rounded-sm transition-colors',
            index >= lit ? 'bg-line' : index < BARS * 0.8 ? 'bg-good' : 'bg-warn',
          )}
        />
      ))}
    </div>
  );
}
