import type { Metadata } from 'next';
import { SignInPage } from '@/frame/sign-in-page';
import { frame } from '@/strings/frame';

export const metadata: Metadata = { title: frame.signIn.title };

interface PageProps {
  searchParams: Promise<{ next?: string }>;
}

export default async function Page({ searchParams }: PageProps) {
  const { next } = await searchParams;
  return <SignInPage kind="sign-in" next={next} />;
}
