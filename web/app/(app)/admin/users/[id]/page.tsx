import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { UserPage } from '@/admin/user-page';
import { admin } from '@/strings/admin';

export const metadata: Metadata = { title: admin.nav.users };

interface PageProps {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: PageProps) {
  const { id } = await params;
  if (!/^[1-9]\d{0,8}$/.test(id)) notFound();
  return <UserPage id={Number(id)} />;
}
