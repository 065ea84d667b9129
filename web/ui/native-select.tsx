import { ChevronDown } from 'lucide-react';
import { classes } from './classes';
import type { SelectProps } from './select';

/** The browser's own list, which costs no code: for pages that must be there at once. */
export function NativeSelect<Value extends string>(props: SelectProps<Value>) {
  const { value, onChange, options, className, ...rest } = props;
  return (
    <div className={classes('relative', className)}>
      <select
        {...rest}
        value={value}
        onChange={(event) => {
          const option = options.find((each) => each.value === event.target.value);
          if (option) onChange(option.value);
        }}
        className="h-9 w-full appearance-none truncate rounded-md border border-line-strong bg-raised pr-8 pl-3 hover:border-soft"
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-1/2 right-2.5 size-4 -translate-y-1/2 text-soft"
      />
    </div>
  );
}
