import type { Metadata } from 'next';
import { SignInPage } from '@/frame/sign-in-page';
import { frame } from '@/strings/frame';

export const metadata: Metadata = { title: frame.signIn.title };

export default function Page() {
  return <SignInPage kind="sign-up" next={undefined} />;
}
