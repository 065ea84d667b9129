'use client';

import { bots } from '@/strings/bots';
import { meetings } from '@/strings/meetings';
import { Field } from '@/ui/field';
import { NativeSelect } from '@/ui/native-select';
import { useIdentities } from './identities';

/** Value for a bot that comes as a guest. */
export const AS_GUEST = 'guest';

interface IdentityFieldProps {
  /** Number of an identity, or `AS_GUEST`. */
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}

/** With which account a bot signs in; nothing is asked of those who keep none. */
export function IdentityField({ value, onChange, error }: IdentityFieldProps) {
  const { data: identities = [] } = useIdentities();
  if (identities.length === 0) return null;
  const options = [
    { value: AS_GUEST, label: bots.asGuest },
    ...identities.map(({ id, name, platform }) => ({
      value: String(id),
      label: `${name} · ${meetings.platform[platform]}`,
    })),
  ];
  return (
    <Field label={bots.identity} hint={bots.identityHint} error={error}>
      {(field) => <NativeSelect {...field} value={value} onChange={onChange} options={options} />}
    </Field>
  );
}

/** As the API takes it. */
export function toIdentityId(value: string): number | null {
  return value === AS_GUEST ? null : Number(value);
}
