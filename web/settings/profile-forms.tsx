'use client';

import type { BotDefaults } from '../../domain/bot-defaults';
import { DefaultsForm } from './defaults-form';
import { ProfileForm } from './profile-form';

interface ProfileFormsProps {
  me: { fullName: string | null; email: string | null; botDefaults: BotDefaults };
}

export function ProfileForms({ me }: ProfileFormsProps) {
  return (
    <>
      <ProfileForm me={me} />
      <DefaultsForm defaults={me.botDefaults} />
    </>
  );
}
