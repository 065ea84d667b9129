import { headers } from 'next/headers';
import { webConfig } from '@/config';
import { frame } from '@/strings/frame';
import { Brand } from './brand';
import { LocalSignIn } from './local-sign-in';
import { ClerkFormOnDemand } from './on-demand';
import { safeTarget } from './safe-target';

interface SignInPageProps {
  kind: 'sign-in' | 'sign-up';
  next: string | undefined;
}

/** Clerk's own form where Clerk signs people in, else the local one. */
export async function SignInPage({ kind, next }: SignInPageProps) {
  const { AUTH_MODE, CLERK_PUBLISHABLE_KEY = '' } = webConfig();
  const target = safeTarget(next);
  if (AUTH_MODE === 'clerk') {
    const nonce = (await headers()).get('x-nonce') ?? '';
    return (
      <main className="grid min-h-dvh place-items-center p-6">
        <ClerkFormOnDemand
          kind={kind}
          target={target}
          publishableKey={CLERK_PUBLISHABLE_KEY}
          nonce={nonce}
        />
      </main>
    );
  }
  return (
    <main className="grid min-h-dvh place-items-center bg-panel p-6">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex justify-center text-lg">
          <Brand />
        </div>
        <div className="rounded-xl border bg-raised p-6">
          <h1 className="text-lg font-semibold tracking-tight">{frame.signIn.title}</h1>
          <p className="mt-1 mb-5 text-[13px] text-soft">{frame.signIn.local}</p>
          <LocalSignIn target={target} />
        </div>
      </div>
    </main>
  );
}
